//! The pieces of an image: each file that a layer ships, and what became of it. Whether a piece is needed is told in
//! [`super::waste`].

use crate::{
    layer::{NONE, RowKind},
    protocol::{Reason, WasteKind},
    tree::{Tree, Version},
};

/// A file with content that a layer ships: one row of its table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) layer: u32,
    pub(super) row: u32,
    /// Path in the tree; [`NONE`] when nothing in the tree is of this row.
    pub(super) node: u32,
    /// Why it is waste.
    pub(super) kind: Option<WasteKind>,
    /// What more is to be said: which leftover it is, the node of the first copy, or the piece that it ships again.
    pub(super) note: u32,
    /// The layer that ended it, or that shipped the same before; or [`NONE`].
    other: u32,
}

impl Piece {
    pub(super) fn bytes(&self, tree: &Tree) -> u64 {
        tree.content_size((self.layer, self.row))
    }

    /// The layer that ended it, or that shipped the same before.
    pub(super) fn other(&self) -> Option<u32> {
        (self.other != NONE).then_some(self.other)
    }

    pub(super) fn waste(&mut self, kind: WasteKind, other: Option<u32>, note: u32) {
        (self.kind, self.other, self.note) = (Some(kind), other.unwrap_or(NONE), note);
    }
}

/// All pieces, by layer and row.
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    /// For each layer, its rows' pieces.
    index: Vec<Vec<u32>>,
    /// Pieces that the final image needs, each as often as it has paths there, with the path's node; by nodes.
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
        // One path each is the rule.
        pieces.live.reserve_exact(pieces.all.len());
        for node in 1..tree.len() {
            pieces.follow(tree, node, &mut ended);
        }
        pieces.settle(&ended);
        pieces.index = Vec::new();
        pieces
    }

    fn ship(&mut self, tree: &Tree, layer: u32) {
        let mut index = Vec::new();
        if let Some(table) = tree.table(layer) {
            let is_piece = |row: u32| table.kind(row) == RowKind::File && table.size(row) > 0;
            self.all.reserve_exact((0..table.rows()).filter(|row| is_piece(*row)).count());
            index = vec![NONE; table.rows() as usize];
            for (row, slot) in (0..).zip(&mut index) {
                if is_piece(row) {
                    *slot = u32::try_from(self.all.len()).unwrap_or(NONE);
                    self.all.push(Piece { layer, row, node: NONE, kind: None, note: NONE, other: NONE });
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
                if reasons.iter().any(Reason::is_of_content) {
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
        let kind = if is_unchanged { WasteKind::Repeated } else { WasteKind::MetadataOnly };
        piece.waste(kind, Some(before.last.layer), origin);
    }

    fn end(&self, run: Option<Run>, kind: WasteKind, by: u32, ended: &mut Vec<(u32, WasteKind, u32)>) {
        ended.extend(run.and_then(|run| self.at(run.origin)).map(|piece| (piece, kind, by)));
    }

    /// The first piece with this content at its path: what others ship again.
    fn first(&self, mut piece: u32) -> u32 {
        // Each step leads to a lower layer. Nothing else is noted yet.
        while let Some(again) = self.all.get(piece as usize).map(|p| p.note).filter(|again| *again != NONE) {
            piece = again;
        }
        piece
    }

    /// Once every path was followed: what ended is waste, unless another path still has it.
    fn settle(&mut self, ended: &[(u32, WasteKind, u32)]) {
        for (piece, kind, by) in ended {
            let piece = self.first(*piece);
            if let Some(piece) = self.all.get_mut(piece as usize)
                && piece.other().is_none_or(|other| other <= *by)
            {
                piece.waste(*kind, Some(*by), NONE);
            }
        }
        for piece in self.all.iter_mut().filter(|piece| piece.node == NONE) {
            // A path that the layer has twice, or a path that cannot be.
            piece.waste(WasteKind::Overwritten, Some(piece.layer), NONE);
        }
        let mut live = std::mem::take(&mut self.live);
        for (piece, _) in &mut live {
            *piece = self.first(*piece);
            if let Some(piece) = self.all.get_mut(*piece as usize) {
                (piece.kind, piece.other) = (None, NONE);
            }
        }
        self.live = live;
    }
}
