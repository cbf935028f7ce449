//! Hard links: whose content a link has, within a layer, across layers, and where the layer deletes what it links to.

use super::{
    merge::Apply,
    resolve::{Missing, Walk},
    store::{ROOT, Version},
};
use crate::layer::{Entry, NONE, Place, RowKind, locate};

impl Apply<'_> {
    /// A hard link has the content of its target as it is now, whatever becomes of the target later.
    pub(super) fn hard_link(&mut self, row: u32, entry: &Entry) -> Version {
        let version = Version::of_row(self.layer, row);
        let target = self.link_target(entry).or_else(|| self.deleted_target(entry));
        let Some(content) = target else {
            self.warn_of_entry(
                entry,
                "hardlink-target-missing",
                "it links to a path that is not there, or to a folder: umoci and Docker refuse the layer",
            );
            return Version { content: (self.layer, NONE), ..version };
        };
        let version = Version { content, ..version };
        if let Some(target) = self.tree.tables().content_entry(&version)
            && (target.mode, target.uid, target.gid, target.mtime) != (entry.mode, entry.uid, entry.gid, entry.mtime)
        {
            self.warn_of_entry(
                entry,
                "hardlink-attributes",
                "its attributes are not those of the file that it links to, though the two are one: umoci keeps the \
                 file's for both, Docker sets these for both",
            );
        }
        version
    }

    fn link_target(&mut self, entry: &Entry) -> Option<(u32, u32)> {
        let name = self.table.string(entry.link);
        let parts = match locate(name).0 {
            Place::Aufs(parts) => return self.aufs_content(&parts),
            Place::At(parts) => parts,
            // A hard link may name a file that is called like a whiteout; none exists in the tree.
            Place::Whiteout(_) | Place::Opaque(_) | Place::BadWhiteout => return None,
        };
        let (last, folders) = parts.split_last()?;
        let mut here = ROOT;
        for part in folders {
            here = Walk::new(self.tree, Missing::Stop).step(here, part).ok()?;
        }
        let target = self.tree.current(self.tree.child(here, last)?)?;
        if self.tree.tables().kind(&target) == RowKind::Dir {
            // No file system links folders.
            return None;
        }
        if target.layer < self.layer {
            self.warn_of_entry(
                entry,
                "hardlink-across-layers",
                "it links to a file of a lower layer: as for umoci and vfs. Docker and containers-storage refuse the \
                 layer with overlay",
            );
        }
        Some(target.content)
    }

    /// What a link names that the same layer deletes. Whiteouts are applied first here; tools that go by the tar's
    /// order make the link before they delete its target.
    fn deleted_target(&mut self, entry: &Entry) -> Option<(u32, u32)> {
        let below = self.layer.checked_sub(1)?;
        let Place::At(parts) = locate(self.table.string(entry.link)).0 else { return None };
        let node = parts.iter().try_fold(ROOT, |at, part| self.tree.child(at, part))?;
        let target = self.tree.at(node, below)?;
        if self.tree.tables().kind(&target) == RowKind::Dir || self.tree.latest(node).is_none_or(|v| !v.gone) {
            return None;
        }
        self.warn_of_entry(
            entry,
            "hardlink-target-deleted",
            "the layer deletes what it links to: it keeps the content, as for umoci and vfs where the whiteout \
             comes after the link. Where it comes before, they refuse the layer; Docker with overlay always does",
        );
        Some(target.content)
    }

    /// `.wh..wh.plnk/…` holds the content of AUFS hard links.
    fn aufs_content(&self, parts: &[&[u8]]) -> Option<(u32, u32)> {
        let is_it = |row: &u32| {
            self.table.kind(*row) == RowKind::Aufs && {
                let mut at = self.table.node(*row);
                let mut rest = parts.iter().rev();
                while at != ROOT && rest.next().is_some_and(|part| *part == self.table.name(at)) {
                    at = self.table.parent(at);
                }
                at == ROOT && rest.next().is_none()
            }
        };
        (0..self.table.rows()).find(is_it).map(|row| (self.layer, row))
    }
}
