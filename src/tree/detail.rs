//! Facts of one entry.

use super::{
    capability,
    store::{Tree, Version},
    view::View,
};
use crate::{
    image::{display_name, escape_path},
    layer::{NONE, RowKind},
    protocol::{Change, Detail, VersionInfo},
};

/// Other names of a file that are listed; more are rare.
const NAMES: usize = 50;

/// The value as text; file capabilities by their names.
fn xattr_value(name: &[u8], value: &[u8]) -> String {
    let capabilities = if name == capability::ATTRIBUTE { capability::text(value) } else { None };
    capabilities.unwrap_or_else(|| display_name(value))
}

impl Tree {
    /// Facts of a node, as `view` sees it.
    pub fn detail(&self, view: &View, node: u32) -> Option<Detail> {
        let row = view.row(self, node)?;
        let upto = view.spec().upto.unwrap_or(u32::MAX);
        let version = self.at(node, upto).or_else(|| self.versions(node).rfind(|v| !v.gone))?;
        Some(Detail {
            row,
            below: view.below(self, node),
            same_file: self.same_file(node, &version, upto),
            xattrs: self
                .xattrs_of(&version)
                .into_iter()
                .map(|(name, value)| (display_name(name), xattr_value(name, value)))
                .collect(),
            device: self.device(&version),
            versions: self.history(node),
            trail: self.trail(node, upto),
        })
    }

    /// Other paths with the same content by hard link.
    fn same_file(&self, node: u32, version: &Version, upto: u32) -> Vec<String> {
        if version.content.1 == NONE || !matches!(self.kind(version), RowKind::File | RowKind::Hardlink) {
            return Vec::new();
        }
        let same = |n: &u32| *n != node && self.at(*n, upto).is_some_and(|v| v.content == version.content);
        (1..self.len()).filter(same).take(NAMES).map(|n| escape_path(&self.path(n))).collect()
    }

    /// What each layer did to a path, oldest first.
    fn history(&self, node: u32) -> Vec<VersionInfo> {
        let mut before: Option<Version> = None;
        let mut history = Vec::new();
        for version in self.versions(node) {
            let (change, reasons) = match (&before, version.gone) {
                (None, true) => (Change::None, Vec::new()),
                (None, false) => (Change::Added, Vec::new()),
                (Some(_), true) => (Change::Removed, Vec::new()),
                (Some(before), false) => {
                    let reasons = self.reasons(before, &version);
                    (if reasons.is_empty() { Change::None } else { Change::Modified }, reasons)
                }
            };
            let metadata_only = change == Change::Modified && self.ships_again(&version, &reasons);
            history.push(VersionInfo {
                layer: version.layer,
                change,
                kind: (!version.gone).then(|| self.entry_type(&version)),
                size: self.size(&version),
                mode: self.entry(&version).map_or(0o755, |e| u32::from(e.mode)),
                reasons,
                metadata_only,
            });
            before = Some(version).filter(|v| !v.gone);
        }
        history
    }
}
