//! umoci, which applies layers one entry after the other onto a real file system, as the spec tells it.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _},
    path::Path,
    process::Command,
};

use anyhow::Result;

use crate::docker::{Entries, Entry};

/// Programs that it needs.
pub const NEEDS: [&str; 1] = ["umoci"];

/// What umoci made of an image.
pub enum Unpacked {
    /// The tree.
    Tree(Tree),
    /// It refused; its words.
    Refused(String),
}

/// A tree on disk.
#[derive(Debug, Default)]
pub struct Tree {
    /// Its entries.
    pub entries: Entries,
    /// Content of the files.
    pub contents: BTreeMap<String, Vec<u8>>,
    /// Files that are one: paths by inode, groups of two and more.
    pub groups: Vec<Vec<String>>,
}

/// Unpacks the image `tag` of an OCI layout into `bundle`.
pub fn unpack(layout: &Path, tag: &str, bundle: &Path) -> Result<Unpacked> {
    let mut command = Command::new("umoci");
    command.args(["unpack", "--image"]).arg(format!("{}:{tag}", layout.display()));
    if !is_root()? {
        command.arg("--rootless");
    }
    let output = command.arg(bundle).output()?;
    if !output.status.success() {
        return Ok(Unpacked::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(Unpacked::Tree(read(&bundle.join("rootfs"))?))
}

/// Whether owners can be set, and so compared.
pub fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

/// Reads a folder.
pub fn read(root: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut inodes: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut pending = vec![String::new()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let full = root.join(&path);
            let entry = entry_of(&full)?;
            match entry.kind.as_str() {
                "dir" => pending.push(path.clone()),
                "file" => {
                    tree.contents.insert(path.clone(), fs::read(&full)?);
                    inodes.entry(fs::symlink_metadata(&full)?.ino()).or_default().push(path.clone());
                }
                _ => {}
            }
            tree.entries.insert(path, entry);
        }
    }
    tree.groups = inodes.into_values().filter(|paths| paths.len() > 1).collect();
    Ok(tree)
}

fn entry_of(path: &Path) -> Result<Entry> {
    let facts = fs::symlink_metadata(path)?;
    let kind = match facts.file_type() {
        kind if kind.is_dir() => "dir",
        kind if kind.is_symlink() => "symlink",
        kind if kind.is_fifo() => "fifo",
        kind if kind.is_char_device() => "char",
        kind if kind.is_block_device() => "block",
        _ => "file",
    };
    let is_file = kind == "file";
    let link = if kind == "symlink" { Some(fs::read_link(path)?.to_string_lossy().into_owned()) } else { None };
    Ok(Entry {
        kind: kind.into(),
        size: if is_file { facts.len() } else { 0 },
        mode: facts.mode() & 0o7777,
        owner: (facts.uid().into(), facts.gid().into()),
        mtime: is_file.then(|| u64::try_from(facts.mtime())).transpose()?,
        link,
    })
}
