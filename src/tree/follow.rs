//! The file that a path leads to, symbolic links followed inside the root.

use super::store::{ROOT, Tree, Version};
use crate::{
    image::{display_name, escape_path},
    layer::{NONE, RowKind},
    limits,
    protocol::{Hop, Trail},
};

/// Why a path leads to no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFile {
    /// Nothing is there.
    #[error("there is no such path")]
    Missing,
    /// A part of the path is no directory.
    #[error("a part of the path is no directory")]
    NotADirectory,
    /// More symbolic links than are followed: most likely a loop.
    #[error("it passes more than {} symbolic links", limits::LINK_HOPS)]
    Loop,
    /// A directory.
    #[error("it is a directory")]
    Directory,
    /// A character or block device.
    #[error("it is a device")]
    Device,
    /// A named pipe.
    #[error("it is a named pipe")]
    Fifo,
    /// A hard link whose target is not in the image.
    #[error("it is a hard link to a file that is not there")]
    Dangling,
}

impl Tree {
    /// The layer and row of the file whose content is at a path as of layer `upto`, inclusive.
    ///
    /// # Errors
    /// [`NoFile`].
    pub fn follow(&self, path: &[u8], upto: u32) -> Result<(u32, u32), NoFile> {
        match self.walk(path, upto, &mut |_, _| {})?.1 {
            None => Err(NoFile::Directory),
            Some((RowKind::Char | RowKind::Block, _)) => Err(NoFile::Device),
            Some((RowKind::Fifo, _)) => Err(NoFile::Fifo),
            Some((RowKind::File | RowKind::Aufs, version)) => Ok(version.content),
            Some(_) => Err(NoFile::Dangling),
        }
    }

    /// Where the symbolic link at a node leads as of layer `upto`, link by link; none for anything else.
    pub fn trail(&self, node: u32, upto: u32) -> Option<Trail> {
        let version = self.at(node, upto)?;
        if self.kind_of_content(&version) != RowKind::Symlink {
            return None;
        }
        let mut hops = Vec::new();
        let end = self.walk(&self.path(node), upto, &mut |node, target| {
            hops.push(Hop { path: escape_path(&self.path(node)), target: display_name(target) });
        });
        let end = end.map(|(node, _)| escape_path(&self.path(node))).map_err(|error| error.to_string());
        Some(Trail { hops, end })
    }

    /// Walks a path. Where it leads, with the version there unless it is a directory; `hop` is told of each link.
    fn walk<'a>(
        &'a self,
        path: &'a [u8],
        upto: u32,
        hop: &mut impl FnMut(u32, &[u8]),
    ) -> Result<(u32, Option<(RowKind, Version)>), NoFile> {
        // Components still to walk, the next one last.
        let mut pending: Vec<&[u8]> = path.split(|b| *b == b'/').rev().collect();
        let (mut here, mut hops, mut file) = (ROOT, 0, None);
        while let Some(part) = pending.pop() {
            if matches!(part, b"" | b".") {
                continue;
            }
            if file.is_some() {
                return Err(NoFile::NotADirectory);
            }
            if part == b".." {
                here = self.parent(here);
                continue;
            }
            let node = self.child(here, part).ok_or(NoFile::Missing)?;
            let version = self.at(node, upto).ok_or(NoFile::Missing)?;
            match self.kind_of_content(&version) {
                RowKind::Dir | RowKind::Whiteout | RowKind::Opaque => here = node,
                RowKind::Symlink => {
                    hops += 1;
                    let target = self.link_of_content(&version);
                    hop(node, target);
                    if hops > limits::LINK_HOPS || pending.len() > limits::PATH_DEPTH {
                        return Err(NoFile::Loop);
                    }
                    if target.first() == Some(&b'/') {
                        here = ROOT;
                    }
                    pending.extend(target.split(|b| *b == b'/').rev());
                }
                kind => (here, file) = (node, Some((kind, version))),
            }
        }
        Ok((here, file))
    }

    /// The kind of a version, that of its target for a hard link, which may be to a symbolic link too.
    fn kind_of_content(&self, version: &Version) -> RowKind {
        match (self.kind(version), version.content) {
            (RowKind::Hardlink, (layer, row)) if row != NONE => {
                self.table(layer).map_or(RowKind::Hardlink, |table| table.kind(row))
            }
            (kind, _) => kind,
        }
    }

    fn link_of_content(&self, version: &Version) -> &[u8] {
        let (layer, row) = version.content;
        self.table(layer).map_or(&[], |table| table.string(table.entry(row).link))
    }
}
