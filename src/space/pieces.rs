//! The pieces of an image: each file that a layer ships, and what became of it. Whether a piece is needed is told in
//! [`super::waste`].

use crate::{
    layer::{NONE, RowKind},
    protocol::WasteKind,
    tree::{Tree, Version},
};

/// A file with content that a layer ships: one row of its table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) layer: u32,
    pub(super) row: u32,
    pub(super) bytes: u64,
    /// Path in the tree; [`NONE`] when nothing in the tree is of this row.
    pub(super) node: u32,
    /// Why it is waste.
    pub(super) kind: Option<WasteKind>,
    /// The layer that ended it, or that shipped the same before.
    pub(super) other: Option<u32>,
    /// The piece that this one ships again.
    again: u32,
}

/// All pieces, by layer and row.
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    /// For each layer, its rows' pieces.
    index: Vec<Vec<u32>>,
    /// Pieces that the final image needs by some path, with the path's node. One may have several paths.
    pub(super) live: Vec<(u32, u32)>,
}

/// What a path had for some layers without a change of content.
struct Run {
    /// Whose content it is.
    origin: (u32, u32),
    last: Version,
}

impl Pieces {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut pieces = Self { all: Vec::new(), index: Vec::new(), live: Vec::new() };
        for layer in 0..tree.layers() {
            pieces.ship(tree, layer);
        }
        let mut ended = Vec::new();
        for node in 1..tree.len() {
            pieces.follow(tree, node, &mut ended);
        }
        pieces.settle(&ended);
        pieces
    }

    fn ship(&mut self, tree: &Tree, layer: u32) {
        let mut index = Vec::new();
        if let Some(table) = tree.table(layer) {
            index = vec![NONE; table.rows() as usize];
            for (row, slot) in (0..).zip(&mut index) {
                let bytes = table.size(row);
                if table.kind(row) == RowKind::File && bytes > 0 {
                    *slot = u32::try_from(self.all.len()).unwrap_or(NONE);
                    self.all.push(Piece { layer, row, bytes, node: NONE, kind: None, other: None, again: NONE });
                }
            }
        }
        self.index.push(index);
    }

    /// The piece of a content; none when it is empty, or no file.
    fn at(&self, (layer, row): (u32, u32)) -> Option<u32> {
        self.index.get(layer as usize)?.get(row as usize).copied().filter(|piece| *piece != NONE)
    }

    fn get_mut(&mut self, content: (u32, u32)) -> Option<&mut Piece> {
        let piece = self.at(content)?;
        self.all.get_mut(piece as usize)
    }

    /// Follows a path through its layers: marks what is shipped again, and notes how each run ends.
    fn follow(&mut self, tree: &Tree, node: u32, ended: &mut Vec<(u32, WasteKind, u32)>) {
        let mut run: Option<Run> = None;
        for version in tree.versions(node) {
            if version.gone {
                self.end(run.take(), WasteKind::Deleted, version.layer, ended);
                continue;
            }
            let is_own = version.content == (version.layer, version.row);
            if let Some(piece) = self.get_mut(version.content).filter(|piece| is_own || piece.node == NONE) {
                piece.node = node;
            }
            if let Some(before) = run.take() {
                let reasons = tree.reasons(&before.last, &version);
                if reasons.iter().any(|reason| matches!(*reason, "content" | "type")) {
                    self.end(Some(before), WasteKind::Overwritten, version.layer, ended);
                } else {
                    if is_own {
                        self.ships_again(&before, &version, reasons.is_empty());
                    }
                    run = Some(Run { last: version, ..before });
                    continue;
                }
            }
            run = Some(Run { origin: version.content, last: version });
        }
        if let Some(piece) = run.and_then(|run| self.at(run.origin)) {
            self.live.push((piece, node));
        }
    }

    fn ships_again(&mut self, before: &Run, version: &Version, is_unchanged: bool) {
        let Some(origin) = self.at(before.origin) else { return };
        let Some(piece) = self.get_mut(version.content) else { return };
        piece.kind = Some(if is_unchanged { WasteKind::Repeated } else { WasteKind::MetadataOnly });
        piece.other = Some(before.last.layer);
        piece.again = origin;
    }

    fn end(&self, run: Option<Run>, kind: WasteKind, by: u32, ended: &mut Vec<(u32, WasteKind, u32)>) {
        ended.extend(run.and_then(|run| self.at(run.origin)).map(|piece| (piece, kind, by)));
    }

    /// The first piece with this content at its path: what others ship again.
    fn first(&self, mut piece: u32) -> u32 {
        // Each step leads to a lower layer.
        while let Some(again) = self.all.get(piece as usize).map(|p| p.again).filter(|again| *again != NONE) {
            piece = again;
        }
        piece
    }

    /// Once every path was followed: what ended is waste, unless another path still has it.
    fn settle(&mut self, ended: &[(u32, WasteKind, u32)]) {
        for (piece, kind, by) in ended {
            let piece = self.first(*piece);
            if let Some(piece) = self.all.get_mut(piece as usize)
                && piece.other.is_none_or(|other| other <= *by)
            {
                (piece.kind, piece.other) = (Some(*kind), Some(*by));
            }
        }
        for piece in self.all.iter_mut().filter(|piece| piece.node == NONE) {
            // A path that the layer has twice, or a path that cannot be.
            (piece.kind, piece.other) = (Some(WasteKind::Overwritten), Some(piece.layer));
        }
        let live = std::mem::take(&mut self.live);
        self.live = live.into_iter().map(|(piece, node)| (self.first(piece), node)).collect();
        self.live.sort_unstable();
        for (piece, _) in &self.live {
            if let Some(piece) = self.all.get_mut(*piece as usize) {
                (piece.kind, piece.other) = (None, None);
            }
        }
    }
}
