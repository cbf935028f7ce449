//! The merged tree as `lagvis inspect --files` lists it.

use serde::{Deserialize, Serialize};

use super::store::{ROOT, Tree};
use crate::{image::escape_path, layer::NONE};

/// One entry of the final image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Path without leading slash; bytes that are not UTF-8 as `\xNN`, a backslash as `\\`.
    pub path: String,
    /// file, dir, symlink, hardlink, char, block or fifo.
    #[serde(rename = "type")]
    pub kind: String,
    /// Bytes of content; 0 for all but files and hard links.
    pub size: u64,
    /// mode & 0o7777.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Seconds since 1970, rounded down.
    pub mtime: i64,
    /// The link name as the tar has it.
    pub link: Option<String>,
    /// The layer that last set the entry.
    pub layer: u32,
}

impl Tree {
    /// Every entry of the final image but the root, in order of the paths' raw bytes.
    pub fn files(&self) -> impl Iterator<Item = FileLine> + '_ {
        let top = self.layers().saturating_sub(1);
        let mut paths: Vec<(Vec<u8>, u32)> = (ROOT + 1..self.len())
            .filter(|node| self.at(*node, top).is_some())
            .map(|node| (self.path(node), node))
            .collect();
        paths.sort_unstable();
        paths.into_iter().filter_map(move |(path, node)| self.file_line(&path, node, top))
    }

    fn file_line(&self, path: &[u8], node: u32, upto: u32) -> Option<FileLine> {
        let version = self.at(node, upto)?;
        let entry = if version.row == NONE { None } else { self.entry(&version) };
        Some(FileLine {
            path: escape_path(path),
            kind: self.entry_type(&version).name().to_owned(),
            size: self.size(&version),
            mode: entry.map_or(0o755, |e| u32::from(e.mode)),
            uid: entry.map_or(0, |e| e.uid),
            gid: entry.map_or(0, |e| e.gid),
            mtime: entry.map_or(0, |e| e.mtime),
            link: self.link(&version).map(escape_path),
            layer: version.layer,
        })
    }
}

/// Where a distribution describes itself (os-release(5)), in the order in which it is looked for.
const OS_RELEASE: [&[u8]; 2] = [b"etc/os-release", b"usr/lib/os-release"];

impl Tree {
    /// Paths of the final image, the root left out.
    pub fn paths(&self) -> u64 {
        let top = self.layers().saturating_sub(1);
        (ROOT + 1..self.len()).filter(|node| self.at(*node, top).is_some()).count() as u64
    }

    /// `PRETTY_NAME` of the final image's os-release.
    pub fn distribution(&self) -> Option<String> {
        let top = self.layers().saturating_sub(1);
        let content = OS_RELEASE.iter().find_map(|path| {
            let (layer, row) = self.at(self.find(path)?, top)?.content;
            if row == NONE { None } else { self.table(layer)?.captured(row) }
        })?;
        let text = String::from_utf8_lossy(content);
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))?;
            let value = line.trim().trim_matches(|c| c == '"' || c == '\'');
            (!value.is_empty()).then(|| value.chars().take(100).filter(|c| !c.is_control()).collect::<String>())
        };
        value("PRETTY_NAME").or_else(|| value("NAME"))
    }
}
