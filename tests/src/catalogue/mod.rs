//! Every shape of file that people drop on the page, with what is to be said of it. The command and the page are both
//! held against it.

mod generated;
mod tools_made;

use std::path::PathBuf;

use anyhow::Result;

use crate::workdir::Workdir;

/// Programs that make some of the inputs.
pub use tools_made::NEEDS;

/// An input.
pub struct Case {
    /// What it is.
    pub name: &'static str,
    /// A file, or a folder.
    pub path: PathBuf,
    /// The receipt's `source.kind`.
    pub kind: &'static str,
    /// Exit status of `lagvis inspect`.
    pub exit: i32,
    /// The verdict of each image, in order.
    pub verdicts: &'static [&'static str],
    /// Kinds of warnings and problems that must be said.
    pub says: &'static [&'static str],
}

/// Inputs by our own generator.
pub fn generated(folder: &Workdir) -> Result<Vec<Case>> {
    generated::cases(folder)
}

/// Inputs by Docker, skopeo, gzip and zstd.
pub fn made_by_tools(folder: &Workdir) -> Result<Vec<Case>> {
    tools_made::cases(folder)
}

fn verified(name: &'static str, path: PathBuf, kind: &'static str) -> Case {
    Case { name, path, kind, exit: 0, verdicts: &["verified"], says: &[] }
}
