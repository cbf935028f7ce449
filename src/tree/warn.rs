//! What is odd about a layer, and which tools make something else of it.

use super::{growing::Growing, merge::Apply, resolve::Missing, store::ROOT};
use crate::{
    image::escape_path,
    layer::{Entry, NONE, RowKind},
    limits,
    opened::Warning,
};

impl Growing {
    pub(super) fn warn(&mut self, kind: &str, layer: u32, path: &[u8], text: &str) {
        let same = self.warnings.iter().filter(|warning| warning.kind == kind).count();
        if self.warnings.len() >= limits::WARNINGS || same >= limits::WARNINGS_OF_A_KIND {
            *self.muted.entry(kind.to_owned()).or_default() += 1;
            return;
        }
        self.warnings.push(Warning {
            kind: kind.to_owned(),
            layer: Some(layer),
            path: Some(escape_path(path)),
            text: text.to_owned(),
        });
    }

    /// Tells how many warnings are left out.
    pub(super) fn tell_muted(&mut self) {
        for (kind, count) in std::mem::take(&mut self.muted) {
            let text = format!("{count} more of this kind");
            self.warnings.push(Warning { kind, layer: None, path: None, text });
        }
    }
}

impl Apply<'_> {
    /// Deletions act on lower layers only, wherever they stand: tools that go by the tar's order alone differ where
    /// one comes after entries of the same layer.
    pub(super) fn warn_of_order(&mut self) {
        for row in 0..self.table.rows() {
            let node = self.table.node(row);
            let (kind, text) = match self.table.kind(row) {
                RowKind::Whiteout if self.order.has_entry_before(node, row) => (
                    "whiteout-of-own-entry",
                    "the layer has a whiteout of what it brings itself: kept, as the spec wants it and umoci does. \
                     Docker and containers-storage delete it with vfs and refuse the layer with overlay",
                ),
                RowKind::Opaque if self.order.has_implicit_before(node, row) => (
                    "opaque-after-own-entry",
                    "the layer has an opaque marker after entries in a folder that it does not name: kept, as for \
                     umoci and overlayfs. Docker with vfs deletes them",
                ),
                _ => continue,
            };
            let path = self.table_path(node);
            self.tree.warn(kind, self.layer, &path, text);
        }
    }

    pub(super) fn warn_of_link(&mut self, node: u32, missing: Missing) {
        let path = self.table_path(node);
        match missing {
            Missing::Make(_) => self.tree.warn(
                "entry-through-link",
                self.layer,
                &path,
                "the layer has entries below a symbolic link: they land where it leads, as for umoci and vfs. \
                 Tools with overlayfs make the link a directory, as dive does. Docker refuses the layer if the link \
                 leads nowhere",
            ),
            Missing::Stop => self.tree.warn(
                "whiteout-through-link",
                self.layer,
                &path,
                "the layer has whiteouts below a symbolic link: they delete where it leads, as for umoci and vfs. \
                 With overlayfs these files survive, and the link becomes a directory",
            ),
        }
    }

    /// A deletion in a folder that neither lower layers have nor this one brings.
    pub(super) fn warn_of_nowhere(&mut self, node: u32, folder: u32) {
        if self.order.has_entry_before(folder, NONE) {
            return;
        }
        let path = self.table_path(node);
        self.tree.warn(
            "whiteout-without-folder",
            self.layer,
            &path,
            "a whiteout or opaque marker in a folder that is not there: ignored, as for umoci. Docker makes the folder",
        );
    }

    pub(super) fn warn_of_entry(&mut self, entry: &Entry, kind: &str, text: &str) {
        let path = self.table_path(entry.node);
        self.tree.warn(kind, self.layer, &path, text);
    }

    pub(super) fn table_path(&self, node: u32) -> Vec<u8> {
        let mut parts = Vec::new();
        let mut at = node;
        while at != ROOT {
            parts.push(self.table.name(at));
            at = self.table.parent(at);
        }
        parts.reverse();
        parts.join(&b'/')
    }
}
