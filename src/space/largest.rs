//! The largest files and folders.

use std::cmp::Reverse;

use super::{Space, first::First};
use crate::{
    image::escape_path,
    layer::{ROOT, RowKind},
    limits::LARGEST,
    protocol::Large,
    tree::Tree,
};

/// A name of a content, in the order of the largest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    bytes: Reverse<u64>,
    /// Layer and row of the file.
    content: (u32, u32),
    /// Layer and row of the name.
    named: (u32, u32),
    node: u32,
}

impl Space {
    /// The largest files, the largest first; a content with several names by the one that was shipped first.
    pub(super) fn largest_files(&self, tree: &Tree) -> Vec<Large> {
        let mut files = First::new(LARGEST, |a: &Named, b| a.content == b.content);
        for node in ROOT + 1..tree.len() {
            if let Some(version) = tree.at(node, self.upto) {
                let bytes = tree.size(&version);
                if bytes > 0 {
                    let named = (version.layer, version.row);
                    files.push(Named { bytes: Reverse(bytes), content: version.content, named, node });
                }
            }
        }
        let large = |file: Named| Large {
            path: escape_path(&tree.path(file.node)),
            bytes: file.bytes.0,
            layer: Some(file.content.0),
        };
        files.into_vec().into_iter().map(large).collect()
    }

    /// The largest folders, the largest first. A folder counts what is in the folders in it.
    pub(super) fn largest_folders(&self, tree: &Tree) -> Vec<Large> {
        let mut folders = First::new(LARGEST, |_: &(Reverse<u64>, u32), _| false);
        for node in ROOT + 1..tree.len() {
            let bytes = self.bytes(node);
            if bytes > 0 && tree.at(node, self.upto).is_some_and(|version| tree.kind(&version) == RowKind::Dir) {
                folders.push((Reverse(bytes), node));
            }
        }
        let large = |(bytes, node): (Reverse<u64>, u32)| Large {
            path: escape_path(&tree.path(node)),
            bytes: bytes.0,
            layer: None,
        };
        folders.into_vec().into_iter().map(large).collect()
    }
}
