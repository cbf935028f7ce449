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

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    LEFTOVERS,
    advice::Advisor,
    first::First,
    leftovers,
    pieces::{Piece, Pieces},
    twice::Twice,
};
use crate::{
    image::escape_path,
    layer::{NONE, ROOT},
    limits::WASTE_PATHS,
    protocol::{Waste, WasteKind, WasteOfKind, WasteOfLayer, WastedFile},
    tree::{NodeSet, Tree},
};

/// The waste of the layers from `base` on.
pub fn waste(tree: &Tree, base: u32) -> Waste {
    let (mut pieces, live) = Pieces::of(tree);
    find_leftovers(tree, &mut pieces, &live);
    find_duplicates(tree, &mut pieces, live);
    let mut waste = Waste::default();
    let mut kinds: BTreeMap<WasteKind, Kind> = BTreeMap::new();
    let mut layers: BTreeMap<u32, Layer> = BTreeMap::new();
    for (number, piece) in pieces.iter() {
        let place = pieces.place(number);
        if place.0 < base {
            continue;
        }
        let bytes = tree.content_size(place);
        waste.shipped += bytes;
        let layer = layers.entry(place.0).or_default();
        layer.shipped += bytes;
        if let Some(kind) = piece.kind {
            waste.wasted += bytes;
            layer.wasted += bytes;
            layer.advisor.add(kind, piece, bytes);
            kinds.entry(kind).or_default().add(number, bytes);
        }
    }
    waste.kinds = kinds.into_iter().map(|(kind, all)| all.told(tree, kind, &pieces)).collect();
    waste.layers = layers
        .into_iter()
        .filter(|(_, all)| all.wasted > 0)
        .map(|(layer, Layer { shipped, wasted, advisor })| {
            let advice = advisor.advice(layer, base);
            WasteOfLayer { layer, shipped, wasted, advice }
        })
        .collect();
    waste
}

/// What a layer ships.
#[derive(Default)]
struct Layer {
    shipped: u64,
    wasted: u64,
    advisor: Advisor,
}

/// What is waste of one kind.
struct Kind {
    bytes: u64,
    files: u64,
    largest: First<(Reverse<u64>, u32)>,
}

impl Default for Kind {
    fn default() -> Self {
        Self { bytes: 0, files: 0, largest: First::new(WASTE_PATHS, |_, _| false) }
    }
}

impl Kind {
    fn add(&mut self, piece: u32, bytes: u64) {
        self.bytes += bytes;
        self.files += 1;
        self.largest.push((Reverse(bytes), piece));
    }

    fn told(self, tree: &Tree, kind: WasteKind, pieces: &Pieces) -> WasteOfKind {
        let largest = self.largest.into_vec();
        let paths = largest.into_iter().filter_map(|(_, number)| file(tree, pieces, number)).collect();
        WasteOfKind { kind, bytes: self.bytes, files: self.files, paths }
    }
}

/// Marks what is needed by no path but those of leftovers.
fn find_leftovers(tree: &Tree, pieces: &mut Pieces, live: &[(u32, u32)]) {
    let marks = leftovers::marks(tree);
    let mark = |node: u32| marks.get(node as usize).copied().unwrap_or_default().checked_sub(1);
    let needed: NodeSet = live.iter().filter(|(_, node)| mark(*node).is_none()).map(|(piece, _)| *piece).collect();
    for (number, node) in live {
        if let (Some(leftover), Some(piece), false) = (mark(*node), pieces.get_mut(*number), needed.contains(*number))
            && (piece.kind.is_none() || piece.node == *node)
        {
            piece.waste(WasteKind::Leftover, None, leftover.into());
        }
    }
}

/// Marks what is needed but has the content of another that is.
fn find_duplicates(tree: &Tree, pieces: &mut Pieces, mut live: Vec<(u32, u32)>) {
    // Each by one of its paths: its own, or else the first.
    let is_own = |(piece, node): &(u32, u32)| pieces.get(*piece).is_some_and(|piece| piece.node == *node);
    let own: NodeSet = live.iter().filter(|item| is_own(item)).map(|(piece, _)| *piece).collect();
    let mut seen = NodeSet::default();
    live.retain(|item @ (piece, _)| {
        let is_needed = pieces.get(*piece).is_some_and(|piece| piece.kind.is_none());
        is_needed && if own.contains(*piece) { is_own(item) } else { seen.insert(*piece) }
    });
    let hash = |(piece, _): &(u32, u32)| content(tree, pieces, *piece).map_or(0, mixed);
    let twice = Twice::among(live.len(), live.iter().map(hash));
    live.retain(|item| twice.may(hash(item)));
    drop(twice);
    // By a hash, which is half as long as what it is of: all files of an image may be here.
    let mut alike: Vec<Alike> =
        live.iter().map(|item| Alike { hash: hash(item), piece: item.0, node: item.1 }).collect();
    drop(live);
    group(&mut alike, |piece| content(tree, pieces, piece));
    let mut first = None;
    for item in alike {
        let Some((kept, node)) = first.filter(|_| item.hash == SAME) else {
            first = Some((item.piece, item.node));
            continue;
        };
        let (kept_layer, _) = pieces.place(kept);
        if let Some(piece) = pieces.get_mut(item.piece) {
            piece.waste(WasteKind::Duplicate, Some(kept_layer), node);
        }
    }
}

/// A piece with one of its paths, and a hash of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    hash: u64,
    /// Pieces are numbered from the base up.
    piece: u32,
    node: u32,
}

/// In place of a hash: the content is that of the piece before.
const SAME: u64 = 0;
/// In place of a hash: the first of its content.
const FIRST: u64 = 1;

/// Puts pieces of the same content side by side, the lowest first, and says which is the first.
fn group<C: Ord>(alike: &mut [Alike], content: impl Fn(u32) -> C) {
    alike.sort_unstable();
    for of_hash in alike.chunk_by_mut(|a, b| a.hash == b.hash) {
        let mut contents = of_hash.iter().map(|item| content(item.piece));
        let first = contents.next();
        let is_one = contents.all(|content| Some(content) == first);
        // Contents that have nothing but the hash in common are rare.
        if !is_one {
            of_hash.sort_by_key(|item| content(item.piece));
        }
        let mut before = None;
        for item in of_hash {
            let own = (!is_one).then(|| content(item.piece));
            item.hash = if before.as_ref() == Some(&own) { SAME } else { FIRST };
            before = Some(own);
        }
    }
}

/// What a piece holds: its size and print.
fn content(tree: &Tree, pieces: &Pieces, piece: u32) -> Option<(u64, u128)> {
    let (layer, row) = pieces.place(piece);
    Some((tree.content_size((layer, row)), tree.table(layer)?.print(row)))
}

fn halves(print: u128) -> [u64; 2] {
    let half = |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default();
    [half(print >> 64), half(print)]
}

fn mixed((bytes, print): (u64, u128)) -> u64 {
    let [high, low] = halves(print);
    (high.rotate_left(32) ^ low ^ bytes.rotate_left(48)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}

fn file(tree: &Tree, pieces: &Pieces, number: u32) -> Option<WastedFile> {
    let piece = pieces.get(number)?;
    let place = pieces.place(number);
    Some(WastedFile {
        path: escape_path(&path(tree, piece, place)),
        bytes: tree.content_size(place),
        layer: place.0,
        other: piece.other(),
        note: match piece.kind {
            Some(WasteKind::Leftover) => LEFTOVERS.get(piece.note as usize).map(|leftover| leftover.name.to_owned()),
            Some(WasteKind::Duplicate) => Some(escape_path(&tree.path(piece.note))),
            _ => None,
        },
    })
}

/// The path in the tree, or, for a row that has no place there, in its layer.
fn path(tree: &Tree, piece: &Piece, (layer, row): (u32, u32)) -> Vec<u8> {
    if piece.node != NONE {
        return tree.path(piece.node);
    }
    let Some(table) = tree.table(layer) else { return Vec::new() };
    let mut parts = Vec::new();
    let mut at = table.node(row);
    while at != ROOT {
        parts.push(table.name(at));
        at = table.parent(at);
    }
    parts.reverse();
    parts.join(&b'/')
}

#[cfg(test)]
mod tests {
    use super::{Alike, FIRST, SAME, group};

    #[test]
    fn contents_that_share_a_hash_are_told_apart() {
        let contents = ["b", "a", "b", "c", "a", "c", "c", "a"];
        // The first five have one hash, the next two another.
        let hash = |piece| [7, 7, 7, 7, 7, 8, 8, 9][piece as usize];
        let mut alike: Vec<Alike> = (0..8).rev().map(|piece| Alike { hash: hash(piece), piece, node: 0 }).collect();
        group(&mut alike, |piece| contents[piece as usize]);
        let told: Vec<(u32, u64)> = alike.iter().map(|item| (item.piece, item.hash)).collect();
        let expected = [(1, FIRST), (4, SAME), (0, FIRST), (2, SAME), (3, FIRST), (5, FIRST), (6, SAME), (7, FIRST)];
        assert_eq!(told, expected);
    }
}
