//! Tars of root file systems, exactly: what `docker export` and Lagvis must agree on to the last field, and where Docker
//! differs for reasons of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use anyhow::{Context as _, Result};

use crate::docker::ADDED;

/// The only attribute that `docker export` writes: it reads no others from the disk.
const EXPORTED_XATTR: &str = "SCHILY.xattr.security.capability";

/// One path of a tar, with all that its member says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The tar's letter; a hard link has that of its file.
    pub kind: u8,
    /// mode & 0o7777.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u64, u64),
    /// Seconds since 1970.
    pub mtime: u64,
    /// Target of a symbolic link.
    pub link: Option<Vec<u8>>,
    /// Major and minor of a device.
    pub device: Option<(u32, u32)>,
    /// Extended attributes by their pax keys.
    pub xattrs: BTreeMap<String, Vec<u8>>,
    /// Content of a file.
    pub content: Vec<u8>,
    /// All names of the file, its own too: tools choose the first of a group as they like.
    pub names: BTreeSet<String>,
}

/// A tree by path.
pub type Tree = BTreeMap<String, Exported>;

/// Reads a tar of a root file system, without what `docker export` adds by itself.
pub fn read(tar: impl Read) -> Result<Tree> {
    let mut tree = Tree::new();
    for entry in tar::Archive::new(tar).entries()? {
        let mut entry = entry?;
        let path = name_of(&entry.path_bytes());
        if !entry.header().entry_type().is_hard_link() {
            let found = member(&mut entry, &path)?;
            tree.insert(path, found);
            continue;
        }
        let target = name_of(&entry.link_name_bytes().context("a link has a target")?);
        let first = tree.get(&target).with_context(|| format!("{path} is a link to {target}, which is not there"))?;
        let mut names = first.names.clone();
        names.insert(path.clone());
        let shared = first.clone();
        tree.insert(path, shared);
        for name in &names {
            tree.entry(name.clone()).or_default().names = names.clone();
        }
    }
    tree.retain(|path, _| !path.is_empty() && !ADDED.contains(&path.as_str()));
    Ok(tree)
}

fn name_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_start_matches("./").trim_matches('/').to_owned()
}

fn member(entry: &mut tar::Entry<'_, impl Read>, path: &str) -> Result<Exported> {
    let header = entry.header().clone();
    let kind = header.entry_type();
    let is_device = kind.is_character_special() || kind.is_block_special();
    let mut xattrs = BTreeMap::new();
    for record in entry.pax_extensions()?.into_iter().flatten() {
        let record = record?;
        if let Some(key) = record.key().ok().filter(|key| key.starts_with("SCHILY.xattr.")) {
            xattrs.insert(key.to_owned(), record.value_bytes().to_vec());
        }
    }
    let link = entry.link_name_bytes().filter(|_| kind.is_symlink()).map(|link| link.into_owned());
    let mut content = Vec::new();
    entry.read_to_end(&mut content)?;
    Ok(Exported {
        kind: kind.as_byte(),
        mode: header.mode()? & 0o7777,
        owner: (header.uid()?, header.gid()?),
        mtime: header.mtime()?,
        link,
        device: if is_device { header.device_major()?.zip(header.device_minor()?) } else { None },
        xattrs,
        content,
        names: BTreeSet::from([path.to_owned()]),
    })
}

/// Where two trees differ, Docker's own ways left out; `since` is the time before its daemon began.
pub fn differences(ours: &Tree, docker: &Tree, since: u64) -> Vec<String> {
    let paths: BTreeSet<&String> = ours.keys().chain(docker.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let (Some(ours), Some(theirs)) = (ours.get(path), docker.get(path)) else {
            differences
                .push(format!("{path} is only in {}", if ours.contains_key(path) { "ours" } else { "Docker's" }));
            continue;
        };
        let expected = as_docker(ours, theirs, since);
        if expected != *theirs {
            differences.push(format!("{path}: {expected:?}, Docker {theirs:?}"));
        }
    }
    differences
}

/// Ours as Docker gives the same entry.
fn as_docker(ours: &Exported, theirs: &Exported, since: u64) -> Exported {
    let mut expected = ours.clone();
    expected.xattrs.retain(|key, _| key == EXPORTED_XATTR);
    if ours.kind == b'5' && theirs.kind == b'5' {
        // A folder gets the time of the disk when a layer after it changes what is in it.
        if theirs.mtime >= since {
            expected.mtime = theirs.mtime;
        }
        // One that no member names is made by Docker with rights of its own, and by the kernel with the group and the
        // setgid bit of the folder above.
        if (ours.mode, ours.owner) == (0o755, (0, 0)) && matches!(theirs.mode, 0o600 | 0o2600 | 0o2755) {
            (expected.mode, expected.owner) = (theirs.mode, theirs.owner);
        }
    }
    if ours.kind == b'2' {
        // Links have no rights of their own: the kernel says 0777, a layer's tar what it likes.
        expected.mode = theirs.mode;
    }
    expected
}
