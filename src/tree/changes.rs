//! What layers did to a path, and why it counts as changed.

use super::store::{Tree, Version};
use crate::{
    image::display_name,
    layer::{NONE, RowKind},
    protocol::{Change, Elsewhere, LayerChanges, Reason},
};

impl Tree {
    /// What layers `since..=upto` did to a path: what is there after `upto` against what was there before `since`.
    pub fn change(&self, node: u32, since: u32, upto: u32) -> Change {
        if self.versions(node).all(|v| v.layer < since || v.layer > upto) {
            return Change::None;
        }
        let before = since.checked_sub(1).and_then(|layer| self.at(node, layer));
        match (before, self.at(node, upto)) {
            (None, None) => Change::None,
            (None, Some(_)) => Change::Added,
            (Some(_), None) => Change::Removed,
            (Some(before), Some(after)) if self.reasons(&before, &after).is_empty() => Change::None,
            (Some(_), Some(_)) => Change::Modified,
        }
    }

    /// Where a path is that is not there as of layer `upto`, inclusive; none where it is there, or never is.
    pub fn elsewhere(&self, path: &[u8], upto: u32) -> Option<Elsewhere> {
        let node = self.find(path)?;
        if self.at(node, upto).is_some() {
            return None;
        }
        let until = || self.versions(node).take_while(|version| version.layer <= upto);
        match until().filter(|version| !version.gone).last() {
            Some(last) => {
                let by = until().find(|version| version.gone && version.layer > last.layer)?.layer;
                Some(Elsewhere::Removed { by, last: last.layer })
            }
            None => self.versions(node).find(|version| !version.gone).map(|later| Elsewhere::Later(later.layer)),
        }
    }

    /// What differs between two versions of a path.
    pub(crate) fn reasons(&self, before: &Version, after: &Version) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let (a, b) = (self.facts(before), self.facts(after));
        let file = |kind| if kind == RowKind::Hardlink { RowKind::File } else { kind };
        if file(a.kind) != file(b.kind) {
            reasons.push(Reason::Type(self.entry_type(before), self.entry_type(after)));
        } else if a.kind == RowKind::Symlink && self.link(before) != self.link(after) {
            let target = |version| self.link(version).map(display_name).unwrap_or_default();
            reasons.push(Reason::Link(target(before), target(after)));
        } else if a.content != b.content {
            reasons.push(match (self.device(before), self.device(after)) {
                (Some(before), Some(after)) => Reason::Device(before, after),
                _ => Reason::Content,
            });
        }
        if a.mode != b.mode {
            reasons.push(Reason::Mode(a.mode.into(), b.mode.into()));
        }
        if a.owner != b.owner {
            reasons.push(Reason::Owner(a.owner, b.owner));
        }
        if a.mtime != b.mtime {
            reasons.push(Reason::Time(a.mtime, b.mtime));
        }
        let (before, after) = (self.xattrs_of(before), self.xattrs_of(after));
        if before != after {
            reasons.push(Reason::Xattrs(xattr_changes(&before, &after)));
        }
        reasons
    }

    /// Major and minor number of a version that is a device.
    pub(super) fn device(&self, version: &Version) -> Option<(u32, u32)> {
        let entry = self.content_entry(version).filter(|e| matches!(e.kind, RowKind::Char | RowKind::Block))?;
        let half = |print: u128| u32::try_from(print & u128::from(u32::MAX)).unwrap_or_default();
        Some((half(entry.print >> 32), half(entry.print)))
    }

    fn facts(&self, version: &Version) -> Facts {
        let Some(entry) = self.entry(version) else {
            return Facts { kind: RowKind::Dir, mode: 0o755, owner: (0, 0), mtime: 0, content: (0, 0) };
        };
        let kind = self.kind(version);
        let content = match kind {
            RowKind::Dir | RowKind::Symlink | RowKind::Fifo => (0, 0),
            _ => self.content_entry(version).map_or((0, 0), |content| (content.size, content.print)),
        };
        Facts { kind, mode: entry.mode, owner: (entry.uid, entry.gid), mtime: entry.mtime, content }
    }

    /// Extended attributes of a version, in the tar's order.
    pub fn xattrs_of(&self, version: &Version) -> Vec<(&[u8], &[u8])> {
        match self.table(version.layer) {
            Some(table) if version.row != NONE => table.xattrs(version.row),
            _ => Vec::new(),
        }
    }

    /// What each layer did, and what it contributes to the final image.
    pub fn layer_changes(&self) -> Vec<LayerChanges> {
        let mut layers = vec![LayerChanges::default(); self.layers() as usize];
        for node in 1..self.len() {
            let mut before: Option<Version> = None;
            for version in self.versions(node) {
                if let Some(layer) = layers.get_mut(version.layer as usize) {
                    self.count(layer, before.as_ref(), &version);
                }
                before = Some(version).filter(|version| !version.gone);
            }
        }
        for ((layer, _), bytes) in self.contents(self.layers().saturating_sub(1)) {
            if let Some(layer) = layers.get_mut(layer as usize) {
                layer.contribution += bytes;
            }
        }
        layers
    }

    fn count(&self, layer: &mut LayerChanges, before: Option<&Version>, version: &Version) {
        match (before, version.gone) {
            (None, true) => {}
            (None, false) => layer.added += 1,
            (Some(_), true) => layer.removed += 1,
            (Some(before), false) => {
                let reasons = self.reasons(before, version);
                layer.modified += u64::from(!reasons.is_empty());
                if !self.ships_again(version, &reasons) {
                    return;
                }
                let (paths, bytes) = if reasons.is_empty() {
                    (&mut layer.repeated, &mut layer.repeated_bytes)
                } else {
                    (&mut layer.metadata_only, &mut layer.metadata_only_bytes)
                };
                *paths += 1;
                *bytes += self.size(version);
            }
        }
    }

    /// Whether a version is a file with content in its layer, though the path had the same content before. A layer
    /// cannot change attributes alone: chmod, chown and touch cost the whole file again.
    pub(crate) fn ships_again(&self, version: &Version, reasons: &[Reason]) -> bool {
        self.kind(version) == RowKind::File && !reasons.iter().any(Reason::is_of_content)
    }

    /// Each content that is visible as of a layer, once however many names it has: (layer, row) and bytes.
    fn contents(&self, upto: u32) -> Vec<((u32, u32), u64)> {
        let mut contents: Vec<_> = (1..self.len())
            .filter_map(|node| self.at(node, upto))
            .filter(|version| version.content.1 != NONE)
            .map(|version| (version.content, self.size(&version)))
            .filter(|(_, bytes)| *bytes > 0)
            .collect();
        contents.sort_unstable();
        contents.dedup_by_key(|(content, _)| *content);
        contents
    }
}

/// Names of the extended attributes that came, went or changed, in the tar's order; none where only the order is another.
fn xattr_changes(before: &[(&[u8], &[u8])], after: &[(&[u8], &[u8])]) -> Vec<(String, Change)> {
    let value = |list: &[(&[u8], &[u8])], name: &[u8]| {
        list.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_vec())
    };
    let kept = before.iter().filter_map(|(name, old)| match value(after, name) {
        None => Some((display_name(name), Change::Removed)),
        Some(new) if new != *old => Some((display_name(name), Change::Modified)),
        Some(_) => None,
    });
    let added = after.iter().filter(|(name, _)| value(before, name).is_none());
    kept.chain(added.map(|(name, _)| (display_name(name), Change::Added))).collect()
}

struct Facts {
    kind: RowKind,
    mode: u16,
    owner: (u32, u32),
    mtime: i64,
    content: (u64, u128),
}
