//! Memory of a browser's processes, as the system counts it (proc(5)).

use std::{fs, path::Path};

use anyhow::Result;

/// Peak resident memory of the largest renderer process below `ancestor`, in MB (VmHWM).
pub fn renderer_peak(ancestor: u32) -> Result<f64> {
    let mut largest: f64 = 0.0;
    for process in fs::read_dir("/proc")? {
        let folder = process?.path();
        let command = fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
        if command.contains("--type=renderer") && descends(&folder, ancestor) {
            largest = largest.max(field(&folder, "VmHWM:").unwrap_or_default() / 1000.0);
        }
    }
    Ok(largest)
}

/// Whether a process was started by another, at whatever remove.
fn descends(folder: &Path, ancestor: u32) -> bool {
    let mut parent = field(folder, "PPid:");
    while let Some(id) = parent.filter(|id| *id > 1.0) {
        if id == f64::from(ancestor) {
            return true;
        }
        parent = field(&Path::new("/proc").join(id.to_string()), "PPid:");
    }
    false
}

/// A number of a process's status: kilobytes, where it is a size.
fn field(folder: &Path, name: &str) -> Option<f64> {
    let status = fs::read_to_string(folder.join("status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().trim_end_matches("kB").trim().parse().ok()
}
