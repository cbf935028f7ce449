//! The largest files and folders.

use std::cmp::Reverse;

use super::Space;
use crate::{
    image::escape_path,
    layer::{ROOT, RowKind},
    limits::LARGEST,
    protocol::Large,
    tree::Tree,
};

impl Space {
    /// The largest files, the largest first; a content with several names by the first of them.
    pub(super) fn largest_files(&self, tree: &Tree) -> Vec<Large> {
        let mut files: Vec<(Reverse<u64>, (u32, u32), u32)> = (1..tree.len())
            .filter_map(|node| {
                let version = tree.at(node, self.upto)?;
                let bytes = tree.size(&version);
                (bytes > 0).then_some((Reverse(bytes), version.content, node))
            })
            .collect();
        files.sort_unstable();
        files.dedup_by_key(|(_, content, _)| *content);
        let large = |(bytes, content, node): &(Reverse<u64>, (u32, u32), u32)| Large {
            path: escape_path(&tree.path(*node)),
            bytes: bytes.0,
            layer: Some(content.0),
        };
        files.iter().take(LARGEST).map(large).collect()
    }

    /// The largest folders, the largest first. A folder counts what is in the folders in it.
    pub(super) fn largest_folders(&self, tree: &Tree) -> Vec<Large> {
        let is_folder = |node: &u32| tree.at(*node, self.upto).is_some_and(|v| tree.kind(&v) == RowKind::Dir);
        let mut folders: Vec<(Reverse<u64>, u32)> = (ROOT + 1..tree.len())
            .filter(is_folder)
            .map(|node| (Reverse(self.bytes(node)), node))
            .filter(|(bytes, _)| bytes.0 > 0)
            .collect();
        folders.sort_unstable();
        let large = |(bytes, node): &(Reverse<u64>, u32)| Large {
            path: escape_path(&tree.path(*node)),
            bytes: bytes.0,
            layer: None,
        };
        folders.iter().take(LARGEST).map(large).collect()
    }
}
