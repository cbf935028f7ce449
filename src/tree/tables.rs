//! What versions say by the rows of the layers' tables that they stand on.

use std::sync::Arc;

use super::store::Version;
use crate::{
    layer::{Entry, LayerTable, NONE, RowKind},
    protocol::EntryType,
};

/// One table a layer; none for a layer that failed and is left out.
#[derive(Debug)]
pub(super) struct Tables(pub(super) Vec<Option<Arc<LayerTable>>>);

impl Tables {
    /// Layers, those included that are left out.
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, layer: u32) -> Option<&LayerTable> {
        self.0.get(layer as usize)?.as_deref()
    }

    /// Table and row that a version stands on, to read single columns.
    pub(super) fn row(&self, version: &Version) -> Option<(&LayerTable, u32)> {
        if version.row == NONE { None } else { Some((self.get(version.layer)?, version.row)) }
    }

    /// A row's column; `otherwise` for a directory that no entry names.
    #[inline(always)]
    pub(super) fn column<T>(&self, (layer, row): (u32, u32), otherwise: T, read: impl Fn(&LayerTable, u32) -> T) -> T {
        match self.get(layer) {
            Some(table) if row != NONE => read(table, row),
            _ => otherwise,
        }
    }

    /// See [`super::Tree::entry`].
    pub(super) fn entry(&self, version: &Version) -> Option<Entry> {
        self.row(version).map(|(table, row)| table.entry(row))
    }

    /// See [`super::Tree::kind`].
    pub(super) fn kind(&self, version: &Version) -> RowKind {
        let of = |layer: u32, row: u32| self.get(layer).map_or(RowKind::Dir, |table| table.kind(row));
        if version.row == NONE {
            return RowKind::Dir;
        }
        let (layer, row) = version.content;
        match of(version.layer, version.row) {
            RowKind::Hardlink if row != NONE => match of(layer, row) {
                kind @ (RowKind::Symlink | RowKind::Char | RowKind::Block | RowKind::Fifo) => kind,
                _ => RowKind::Hardlink,
            },
            kind => kind,
        }
    }

    /// See [`super::Tree::entry_type`].
    pub(super) fn entry_type(&self, version: &Version) -> EntryType {
        type_of(self.kind(version))
    }

    /// See [`super::Tree::content_size`].
    pub(super) fn content_size(&self, (layer, row): (u32, u32)) -> u64 {
        if row == NONE { 0 } else { self.get(layer).map_or(0, |table| table.size(row)) }
    }

    /// See [`super::Tree::content_entry`].
    pub(super) fn content_entry(&self, version: &Version) -> Option<Entry> {
        let (layer, row) = version.content;
        if row == NONE { None } else { Some(self.get(layer)?.entry(row)) }
    }

    /// See [`super::Tree::link`].
    pub(super) fn link(&self, version: &Version) -> Option<&[u8]> {
        let (layer, row) = match self.kind(version) {
            RowKind::Symlink => version.content,
            _ => (version.layer, version.row),
        };
        if row == NONE {
            return None;
        }
        let table = self.get(layer)?;
        let link = table.entry(row).link;
        if link == NONE { None } else { Some(table.string(link)) }
    }
}

/// A type as it is shown.
pub(super) fn type_of(kind: RowKind) -> EntryType {
    match kind {
        RowKind::File | RowKind::Aufs => EntryType::File,
        RowKind::Symlink => EntryType::Symlink,
        RowKind::Hardlink => EntryType::Hardlink,
        RowKind::Char => EntryType::Char,
        RowKind::Block => EntryType::Block,
        RowKind::Fifo => EntryType::Fifo,
        RowKind::Dir | RowKind::Whiteout | RowKind::Opaque => EntryType::Dir,
    }
}
