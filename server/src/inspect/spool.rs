//! Temporary files: for pipes, archives that are compressed as a whole, and content that is not verified yet.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A temporary file that goes away with its owner.
pub(super) struct Spool(PathBuf);

impl Spool {
    /// Makes the file, for this user alone.
    pub(super) fn create(what: &str) -> io::Result<(Self, File)> {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut tries = 0..100_u32;
        loop {
            // In a container the process number is often the same, and a run that was killed left its file.
            let number = tries.next().unwrap_or_default();
            let path = std::env::temp_dir().join(format!("lagvis-{}-{number}.{what}", std::process::id()));
            match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !tries.is_empty() => {}
                opened => return Ok((Self(path), opened?)),
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}
