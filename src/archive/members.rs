//! The members of an archive or folder by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    image::Digest,
    opened::{Document, LayerSpec, Place},
    verify::CheckKind,
};

/// Where a member's content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) file: u32,
    pub(super) offset: u64,
    pub(super) length: u64,
    /// The archive ends inside it.
    pub(super) truncated: bool,
}

/// Members by cleaned path. The last of a name counts, as tar extracts.
#[derive(Debug, Default)]
pub(super) struct Members {
    files: BTreeMap<String, Member>,
    links: BTreeMap<String, String>,
    /// Names as they stand in the archive, where they are not clean; none where they are no text.
    raw: BTreeMap<String, Option<String>>,
    /// Clean names that stand there more than once.
    repeated: BTreeSet<String>,
    others: Vec<String>,
}

impl Members {
    pub(super) fn of_folder(files: &[(String, u64)]) -> Self {
        let mut members = Self::default();
        for ((path, size), file) in files.iter().zip(0..) {
            members.add(path.as_bytes(), Member { file, offset: 0, length: *size, truncated: false });
        }
        members
    }

    pub(super) fn add(&mut self, path: &[u8], member: Member) {
        let raw = std::str::from_utf8(path).ok();
        let path = clean(path);
        if raw != Some(&path) {
            self.raw.insert(path.clone(), raw.map(str::to_owned));
        }
        if self.files.contains_key(&path) {
            self.repeated.insert(path.clone());
        }
        self.links.remove(&path);
        self.files.insert(path, member);
    }

    /// A symbolic link is read relative to its folder, a hard link from the archive's root.
    pub(super) fn link(&mut self, path: &[u8], target: &[u8], from_root: bool) {
        let path = clean(path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let target = String::from_utf8_lossy(target);
        let whole =
            if from_root || target.starts_with('/') { target.into_owned() } else { format!("{folder}/{target}") };
        self.files.remove(&path);
        self.links.insert(path, clean(whole.as_bytes()));
    }

    /// A folder or device: says only that the name is there.
    pub(super) fn other(&mut self, path: &[u8]) {
        if self.others.len() < 1_000 {
            self.others.push(clean(path));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len() + self.links.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0 && self.others.is_empty()
    }

    /// The member of a name; one hop through a link, inside the archive.
    pub(super) fn find(&self, path: &str) -> Option<&Member> {
        let path = clean(path.as_bytes());
        self.files.get(&path).or_else(|| self.files.get(self.links.get(&path)?))
    }

    /// The name, as it stands in the archive, of the member with this content; none when it is no text, or when another
    /// member has it too: then it does not say which.
    pub(super) fn raw_name(&self, file: u32, offset: u64) -> Option<&str> {
        let is_it = |member: &Member| (member.file, member.offset) == (file, offset);
        let (name, _) = self.files.iter().find(|(name, member)| is_it(member) && !self.repeated.contains(*name))?;
        self.raw.get(name).map_or(Some(name), Option::as_ref).map(String::as_str)
    }

    /// The document of a member.
    pub(super) fn document(&self, what: CheckKind, digest: Option<Digest>, path: &str, bytes: &[u8]) -> Document {
        let member = self.find(path).and_then(|member| self.raw_name(member.file, member.offset));
        Document { member: member.map(str::to_owned), ..Document::new(what, digest, bytes) }
    }

    /// For each layer, the member that holds it.
    pub(super) fn of_layers(&self, layers: &[LayerSpec]) -> Vec<Option<String>> {
        let name = |layer: &LayerSpec| match layer.place {
            Place::File { file, offset, .. } => self.raw_name(file, offset).map(str::to_owned),
            Place::Blob | Place::Missing { .. } | Place::Unreadable { .. } => None,
        };
        layers.iter().map(name).collect()
    }

    /// All file names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether something lies at or below a top-level name.
    pub(super) fn has_top(&self, name: &str) -> bool {
        let is_it = |path: &str| path.split('/').next() == Some(name);
        self.files.keys().chain(self.links.keys()).chain(&self.others).any(|path| is_it(path))
    }

    /// Marks the members that go beyond the file's end; gives the first with the bytes that are missing.
    pub(super) fn truncate(&mut self, size: u64) -> Option<(String, u64)> {
        let mut first: Option<(String, u64, u64)> = None;
        for (name, member) in &mut self.files {
            let end = member.offset.saturating_add(member.length);
            if end > size {
                member.truncated = true;
                if first.as_ref().is_none_or(|(_, _, offset)| member.offset < *offset) {
                    first = Some((name.clone(), end - size, member.offset));
                }
            }
        }
        first.map(|(name, missing, _)| (name, missing))
    }
}

/// `./a//b/../c` → `a/c`, inside the root.
fn clean(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
