//! The pieces of an image: each file that a layer ships, and what became of it. Whether a piece is needed is told in
//! [`super::waste`].

use crate::{
    layer::{NONE, RowKind},
    protocol::{Reason, WasteKind},
    tree::{NodeSet, Tree, Version},
};

/// A file with content that a layer ships: one row of its table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
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
    const NEW: Self = Self { node: NONE, kind: None, note: NONE, other: NONE };

    /// The layer that ended it, or that shipped the same before.
    pub(super) fn other(&self) -> Option<u32> {
        (self.other != NONE).then_some(self.other)
    }

    pub(super) fn waste(&mut self, kind: WasteKind, other: Option<u32>, note: u32) {
        (self.kind, self.other, self.note) = (Some(kind), other.unwrap_or(NONE), note);
    }
}

/// All pieces. Their numbers are those of the tables' rows, counted through from the base layer up: so a piece need not
/// hold where it is. Rows that are no pieces have a place here too, of which nothing is made.
pub(super) struct Pieces {
    all: Vec<Piece>,
    /// The first number of each layer, and one behind the last.
    starts: Vec<u32>,
    /// The numbers that are pieces.
    numbers: NodeSet,
    live: Vec<(u32, u32)>,
}

/// What a path had for some layers without a change of content.
struct Run {
    /// Whose content it is.
    origin: (u32, u32),
    last: Version,
}

impl Pieces {
    /// The pieces, and those of them that the final image needs: each as often as it has paths there, with the path's
    /// node; by nodes.
    pub(super) fn of(tree: &Tree) -> (Self, Vec<(u32, u32)>) {
        let mut pieces = Self::shipped(tree);
        let mut ended = Vec::new();
        // One path each is the rule.
        pieces.live.reserve_exact(pieces.numbers.iter().count());
        for node in 1..tree.len() {
            pieces.follow(tree, node, &mut ended);
        }
        pieces.settle(&ended);
        let live = std::mem::take(&mut pieces.live);
        (pieces, live)
    }

    fn shipped(tree: &Tree) -> Self {
        let (mut numbers, mut starts, mut next) = (NodeSet::default(), vec![0], 0_u32);
        for layer in 0..tree.layers() {
            if let Some(table) = tree.table(layer) {
                for row in 0..table.rows() {
                    if table.kind(row) == RowKind::File && table.size(row) > 0 {
                        numbers.insert(next + row);
                    }
                }
                next += table.rows();
            }
            starts.push(next);
        }
        Self { all: vec![Piece::NEW; next as usize], starts, numbers, live: Vec::new() }
    }

    /// The pieces, the base layer's first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Piece)> {
        self.numbers.iter().filter_map(|number| Some((number, self.get(number)?)))
    }

    /// The piece of a number.
    pub(super) fn get(&self, number: u32) -> Option<&Piece> {
        self.all.get(number as usize)
    }

    /// The piece of a number.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Piece> {
        self.all.get_mut(number as usize)
    }

    /// Layer and row of a piece.
    pub(super) fn place(&self, number: u32) -> (u32, u32) {
        let layer = self.starts.partition_point(|start| *start <= number).saturating_sub(1);
        let start = self.starts.get(layer).copied().unwrap_or_default();
        (u32::try_from(layer).unwrap_or(NONE), number - start)
    }

    /// The piece of a content; none when it is empty, or no file.
    fn at(&self, (layer, row): (u32, u32)) -> Option<u32> {
        let number = self.starts.get(layer as usize)?.checked_add(row)?;
        self.numbers.contains(number).then_some(number)
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
            let piece = self.at(version.content).and_then(|piece| self.get_mut(piece));
            if let Some(piece) = piece.filter(|piece| is_own || piece.node == NONE) {
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
        let Some(piece) = self.at(version.content).and_then(|piece| self.get_mut(piece)) else { return };
        let kind = if is_unchanged { WasteKind::Repeated } else { WasteKind::MetadataOnly };
        piece.waste(kind, Some(before.last.layer), origin);
    }

    fn end(&self, run: Option<Run>, kind: WasteKind, by: u32, ended: &mut Vec<(u32, WasteKind, u32)>) {
        ended.extend(run.and_then(|run| self.at(run.origin)).map(|piece| (piece, kind, by)));
    }

    /// The first piece with this content at its path: what others ship again.
    fn first(&self, mut piece: u32) -> u32 {
        // Each step leads to a lower layer. Nothing else is noted yet.
        while let Some(again) = self.get(piece).map(|piece| piece.note).filter(|again| *again != NONE) {
            piece = again;
        }
        piece
    }

    /// Once every path was followed: what ended is waste, unless another path still has it.
    fn settle(&mut self, ended: &[(u32, WasteKind, u32)]) {
        for (piece, kind, by) in ended {
            let piece = self.first(*piece);
            if let Some(piece) = self.get_mut(piece)
                && piece.other().is_none_or(|other| other <= *by)
            {
                piece.waste(*kind, Some(*by), NONE);
            }
        }
        let unseen = |piece: &Piece| piece.node == NONE;
        let unseen: Vec<u32> = self.iter().filter(|(_, piece)| unseen(piece)).map(|(number, _)| number).collect();
        for number in unseen {
            let (layer, _) = self.place(number);
            if let Some(piece) = self.get_mut(number) {
                // A path that the layer has twice, or a path that cannot be.
                piece.waste(WasteKind::Overwritten, Some(layer), NONE);
            }
        }
        let mut live = std::mem::take(&mut self.live);
        for (piece, _) in &mut live {
            *piece = self.first(*piece);
            if let Some(piece) = self.get_mut(*piece) {
                (piece.kind, piece.other) = (None, NONE);
            }
        }
        self.live = live;
    }
}
