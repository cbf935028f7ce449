//! Waste: bytes of files that layers ship and the final image could do without.
//!
//! Each file that a layer ships is one piece, and each piece is waste for at most one reason, the first that fits:
//!
//! 1. It is not in the final image: a later layer **overwrites** or **deletes** it at the last of its paths. Content
//!    that a hard link still names is in the image.
//! 2. Its path had this content already: the layer ships it again, for **attributes** alone or **unchanged**. The
//!    first copy counts as the needed one, since it is the later step that could do otherwise.
//! 3. All of its paths are **leftovers** of package managers and builds ([`super::LEFTOVERS`]).
//! 4. A piece of a lower layer, or an earlier one of its own, has the same content (size and XXH3-128): a
//!    **duplicate**. All but the first copy are waste; hard links are no copies.
//!
//! So kinds never overlap, and their sum is what is wasted. Layers of the base image are left out: what they ship
//! counts as needed, and as the first copy of what later layers ship again.

use std::collections::BTreeMap;

use super::{
    LEFTOVERS, advice, leftovers,
    pieces::{Piece, Pieces},
};
use crate::{
    image::escape_path,
    layer::{NONE, ROOT},
    limits::WASTE_PATHS,
    protocol::{Waste, WasteKind, WasteOfKind, WasteOfLayer, WastedFile},
    tree::Tree,
};

/// A wasted piece with what more is to be said of it.
pub(super) struct Wasted {
    pub(super) piece: Piece,
    pub(super) kind: WasteKind,
    pub(super) note: Note,
}

/// What more is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Note {
    Nothing,
    /// Index into [`LEFTOVERS`].
    Leftover(u8),
    /// Node of the first copy.
    CopyOf(u32),
}

/// The waste of the layers from `base` on.
pub fn waste(tree: &Tree, base: u32) -> Waste {
    let mut pieces = Pieces::of(tree);
    let mut notes = find_leftovers(tree, &mut pieces);
    find_duplicates(tree, &mut pieces, &mut notes);
    let above = pieces.all.iter().filter(|piece| piece.layer >= base);
    let mut waste = Waste { shipped: above.map(|piece| piece.bytes).sum(), ..Waste::default() };
    let wasted: Vec<Wasted> = pieces
        .all
        .iter()
        .zip(notes)
        .filter(|(piece, _)| piece.layer >= base)
        .filter_map(|(piece, note)| Some(Wasted { piece: *piece, kind: piece.kind?, note }))
        .collect();
    waste.wasted = wasted.iter().map(|wasted| wasted.piece.bytes).sum();
    waste.kinds = WasteKind::ALL.into_iter().filter_map(|kind| of_kind(tree, &wasted, kind)).collect();
    waste.layers = of_layers(&pieces, &wasted, base);
    waste
}

/// Marks what is needed by no path but those of leftovers.
fn find_leftovers(tree: &Tree, pieces: &mut Pieces) -> Vec<Note> {
    let marks = leftovers::marks(tree);
    let mut notes = vec![Note::Nothing; pieces.all.len()];
    for names in pieces.live.chunk_by(|a, b| a.0 == b.0) {
        let mark = |(_, node): &(u32, u32)| marks.get(*node as usize).copied().unwrap_or_default().checked_sub(1);
        let Some((first, _)) = names.first() else { continue };
        let all: Option<Vec<u8>> = names.iter().map(mark).collect();
        let (Some(leftover), Some(piece), Some(note)) = (
            all.and_then(|all| all.first().copied()),
            pieces.all.get_mut(*first as usize),
            notes.get_mut(*first as usize),
        ) else {
            continue;
        };
        (piece.kind, *note) = (Some(WasteKind::Leftover), Note::Leftover(leftover));
    }
    notes
}

/// Marks what is needed but has the content of another that is.
fn find_duplicates(tree: &Tree, pieces: &mut Pieces, notes: &mut [Note]) {
    let mut alike: Vec<(u64, u128, u32, u32)> = pieces
        .live
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|names| {
            let (index, node) = names.first()?;
            let piece = pieces.all.get(*index as usize).filter(|piece| piece.kind.is_none())?;
            let print = tree.table(piece.layer)?.entry(piece.row).print;
            Some((piece.bytes, print, *index, *node))
        })
        .collect();
    // Pieces are numbered from the base up.
    alike.sort_unstable();
    for group in alike.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some(((.., first, kept), copies)) = group.split_first() else { continue };
        let kept_layer = pieces.all.get(*first as usize).map(|piece| piece.layer);
        for (.., index, _) in copies {
            if let (Some(piece), Some(note)) = (pieces.all.get_mut(*index as usize), notes.get_mut(*index as usize)) {
                (piece.kind, piece.other) = (Some(WasteKind::Duplicate), kept_layer);
                *note = Note::CopyOf(*kept);
            }
        }
    }
}

fn of_kind(tree: &Tree, wasted: &[Wasted], kind: WasteKind) -> Option<WasteOfKind> {
    let mut files: Vec<&Wasted> = wasted.iter().filter(|wasted| wasted.kind == kind).collect();
    if files.is_empty() {
        return None;
    }
    // Pieces come by layer and row; the sort is stable.
    files.sort_by_key(|wasted| std::cmp::Reverse(wasted.piece.bytes));
    Some(WasteOfKind {
        kind,
        bytes: files.iter().map(|wasted| wasted.piece.bytes).sum(),
        files: u64::try_from(files.len()).unwrap_or(u64::MAX),
        paths: files.into_iter().take(WASTE_PATHS).map(|wasted| file(tree, wasted)).collect(),
    })
}

fn file(tree: &Tree, wasted: &Wasted) -> WastedFile {
    let piece = &wasted.piece;
    WastedFile {
        path: escape_path(&path(tree, piece)),
        bytes: piece.bytes,
        layer: piece.layer,
        other: piece.other,
        note: match wasted.note {
            Note::Nothing => None,
            Note::Leftover(index) => LEFTOVERS.get(usize::from(index)).map(|leftover| leftover.name.to_owned()),
            Note::CopyOf(node) => Some(escape_path(&tree.path(node))),
        },
    }
}

/// The path in the tree, or, for a row that has no place there, in its layer.
fn path(tree: &Tree, piece: &Piece) -> Vec<u8> {
    if piece.node != NONE {
        return tree.path(piece.node);
    }
    let Some(table) = tree.table(piece.layer) else { return Vec::new() };
    let mut parts = Vec::new();
    let mut at = table.node(piece.row);
    while at != ROOT {
        parts.push(table.name(at));
        at = table.parent(at);
    }
    parts.reverse();
    parts.join(&b'/')
}

fn of_layers(pieces: &Pieces, wasted: &[Wasted], base: u32) -> Vec<WasteOfLayer> {
    let mut layers: BTreeMap<u32, Vec<&Wasted>> = BTreeMap::new();
    for wasted in wasted {
        layers.entry(wasted.piece.layer).or_default().push(wasted);
    }
    let shipped = |layer: u32| pieces.all.iter().filter(|p| p.layer == layer).map(|p| p.bytes).sum();
    let of = |(layer, wasted): (u32, Vec<&Wasted>)| WasteOfLayer {
        layer,
        shipped: shipped(layer),
        wasted: wasted.iter().map(|wasted| wasted.piece.bytes).sum(),
        advice: advice::for_layer(layer, base, &wasted),
    };
    layers.into_iter().map(of).collect()
}
