//! Opens one file on the page and prints: milliseconds to the complete tree, milliseconds to the last check, and MB of
//! peak memory of the tab's process above that of an empty tab. Used by `cargo xtask bench`.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use lagvis_tests::{browser::Page, service::Lagvis};

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("a file to open")?;
    let lagvis = Lagvis::serve(&[])?;
    let page = Page::blank().await?;
    let base = peak()?;
    page.go(&lagvis.url).await?;
    page.choose(Path::new(&file)).await?;
    page.verdict().await?;
    let measure = |name: &str| format!("return performance.getEntriesByName('{name}').pop().duration");
    let tree = page.script(&measure("lagvis:tree")).await?.as_f64().context("lagvis:tree")?;
    let verified = page.script(&measure("lagvis:verified")).await?.as_f64().context("lagvis:verified")?;
    let memory = peak()? - base;
    writeln!(std::io::stdout(), "{tree:.0} {verified:.0} {memory:.0}")?;
    page.close().await
}

/// Peak resident memory of the largest renderer process, in MB (VmHWM of proc(5)).
fn peak() -> Result<f64> {
    let mut largest: f64 = 0.0;
    for process in fs::read_dir("/proc")? {
        let folder = process?.path();
        let command = fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
        if !command.contains("--type=renderer") {
            continue;
        }
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: f64 = peak.and_then(|p| p.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0);
        largest = largest.max(kilobytes / 1000.0);
    }
    Ok(largest)
}
