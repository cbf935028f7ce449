//! The treemap of a folder: what is in it, and what is in the folders in it as far as there is room.

use super::squarify;
use crate::{
    image::{display_name, escape_path, unescape_path},
    layer::{ROOT, RowKind},
    protocol::{Cell, Change, EntryType, MapSpec, SpaceMap},
    tree::{Sums, Tree},
};

/// The longest side of a drawing, in pixels.
const SIDE: u32 = 8_192;
/// The smallest cell that is drawn alone, in square pixels: one that a finger can hit, or nearly.
const SMALLEST: f64 = 220.0;
/// A folder's cell shows what is in it from this width and height on.
const ROOMY: [f64; 2] = [72.0, 52.0];
/// Room for a folder's name above what is in it, and a rim around that.
const TITLE: f64 = 20.0;
const RIM: f64 = 3.0;

/// The sums of a tree as of a layer, kept while somebody looks at its space. It is of the tree that it was made of.
#[derive(Debug)]
pub struct Space {
    asked: Option<u32>,
    pub(super) upto: u32,
    pub(super) sums: Sums,
}

impl Space {
    /// The space as of a layer, inclusive; none: of the final image.
    pub fn new(tree: &Tree, upto: Option<u32>) -> Self {
        let top = tree.layers().saturating_sub(1);
        let layer = upto.unwrap_or(top).min(top);
        Self { asked: upto, upto: layer, sums: tree.sums(layer, None, 0) }
    }

    /// The layer that was asked for.
    pub fn asked(&self) -> Option<u32> {
        self.asked
    }

    pub(super) fn bytes(&self, node: u32) -> u64 {
        self.sums.bytes(node)
    }

    /// The treemap of a folder; of the root where there is no such folder.
    pub fn map(&self, tree: &Tree, mut spec: MapSpec) -> SpaceMap {
        let is_folder = |node: &u32| tree.at(*node, self.upto).is_some_and(|v| tree.kind(&v) == RowKind::Dir);
        let found = unescape_path(&spec.folder).and_then(|path| tree.find(&path)).filter(is_folder);
        let folder = found.unwrap_or(ROOT);
        spec.folder = escape_path(&tree.path(folder));
        (spec.width, spec.height) = (spec.width.min(SIDE), spec.height.min(SIDE));
        let since = spec.since.map(|since| since.min(self.upto));
        let mut drawing = Drawing { space: self, tree, since, cells: Vec::new() };
        drawing.fill(folder, 0, [0.0, 0.0, f64::from(spec.width), f64::from(spec.height)]);
        SpaceMap { bytes: self.bytes(folder), cells: drawing.cells, spec }
    }
}

struct Drawing<'a> {
    space: &'a Space,
    tree: &'a Tree,
    since: Option<u32>,
    cells: Vec<Cell>,
}

impl Drawing<'_> {
    /// Fills a rectangle with what is in a folder.
    fn fill(&mut self, folder: u32, depth: u8, place: [f64; 4]) {
        let (shown, other) = self.share(folder, place[2] * place[3]);
        let mut weights: Vec<f64> = shown.iter().map(|node| number(self.space.bytes(*node))).collect();
        let rest: u64 = other.iter().map(|node| self.space.bytes(*node)).sum();
        weights.extend((rest > 0).then(|| number(rest)));
        let places = squarify(&weights, place);
        for (node, place) in shown.iter().zip(&places) {
            let cell = self.cell(*node, depth, *place);
            let is_roomy = cell.kind == EntryType::Dir && place[2] >= ROOMY[0] && place[3] >= ROOMY[1];
            self.cells.push(cell);
            if depth == 0 && is_roomy {
                let [left, top, width, height] = *place;
                self.fill(*node, 1, [left + RIM, top + TITLE, width - 2.0 * RIM, height - TITLE - RIM]);
            }
        }
        if let (true, Some(place)) = (rest > 0, places.last()) {
            let (layer, change) = self.most(&other);
            let entries = u64::try_from(other.len()).unwrap_or(u64::MAX);
            let name = format!("{entries} smaller");
            let place = place.map(pixels);
            self.cells.push(Cell {
                path: None,
                name,
                kind: EntryType::Dir,
                bytes: rest,
                entries,
                depth,
                place,
                layer,
                change,
            });
        }
    }

    /// What is in a folder and has bytes, the largest first: what is large enough for a cell, and what is not.
    fn share(&self, folder: u32, area: f64) -> (Vec<u32>, Vec<u32>) {
        let is_there = |node: &u32| self.space.bytes(*node) > 0 && self.tree.at(*node, self.space.upto).is_some();
        let mut children: Vec<u32> = self.tree.children(folder).filter(is_there).collect();
        // Children come in order of their names, and the sort is stable.
        children.sort_by_key(|node| std::cmp::Reverse(self.space.bytes(*node)));
        let total: u64 = children.iter().map(|node| self.space.bytes(*node)).sum();
        let is_small = |node: &u32| number(self.space.bytes(*node)) / number(total) * area < SMALLEST;
        let first = children.iter().position(is_small).unwrap_or(children.len());
        // One that is small alone gains nothing by being called "1 smaller".
        let other = if first + 1 == children.len() { Vec::new() } else { children.split_off(first) };
        (children, other)
    }

    fn cell(&self, node: u32, depth: u8, place: [f64; 4]) -> Cell {
        let version = self.tree.at(node, self.space.upto);
        let kind = version.map_or(EntryType::Dir, |version| self.tree.entry_type(&version));
        let (layer, change) = self.most(&[node]);
        Cell {
            path: Some(escape_path(&self.tree.path(node))),
            name: display_name(self.tree.name(node)),
            kind,
            bytes: self.space.bytes(node),
            entries: if kind == EntryType::Dir { self.space.sums.below(self.tree, node).into() } else { 1 },
            depth,
            place: place.map(pixels),
            layer,
            change,
        }
    }

    /// Layer and change of most of the bytes in and below the nodes.
    fn most(&self, nodes: &[u32]) -> (u32, Change) {
        let mut layers = vec![0_u64; self.tree.layers() as usize];
        let mut changes = [0_u64; 3];
        let all = nodes.iter().flat_map(|node| *node..self.tree.below(*node).end);
        for node in all {
            let Some(version) = self.tree.at(node, self.space.upto) else { continue };
            let bytes = self.tree.size(&version);
            if bytes == 0 {
                continue;
            }
            if let Some(layer) = layers.get_mut(version.content.0 as usize) {
                *layer += bytes;
            }
            let change = self.since.map_or(Change::None, |since| self.tree.change(node, since, self.space.upto));
            match change {
                Change::None | Change::Removed => changes[0] += bytes,
                Change::Added => changes[1] += bytes,
                Change::Modified => changes[2] += bytes,
            }
        }
        let layer = (0..).zip(&layers).max_by_key(|(index, bytes)| (**bytes, std::cmp::Reverse(*index)));
        let kinds = [Change::None, Change::Added, Change::Modified];
        let change = kinds.into_iter().zip(changes).max_by_key(|(_, bytes)| *bytes);
        (layer.map_or(0, |(index, _)| index), change.map_or(Change::None, |(change, _)| change))
    }
}

#[expect(clippy::cast_precision_loss, reason = "areas of a drawing")]
fn number(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(clippy::cast_possible_truncation, reason = "pixels of a drawing")]
fn pixels(length: f64) -> f32 {
    length as f32
}
