//! Efficiency by dive's definition, as its 0.13 publishes it: over the leaves of each layer's tar, by path.
//!
//! A path's sizes are those of its leaves in the layers' headers; a whiteout is a leaf too, of 0 bytes, or, where it
//! deletes a folder, of all that was in it. The efficiency is the sum over all paths of the smallest size by the sum
//! of all sizes. A path with two sizes or more is inefficient by all of them.
//!
//! This is the definition and not what dive makes of odd images: it stops at whiteouts of what is not there (0 %), and
//! takes opaque markers for such.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::twice::Twice;
use crate::{
    layer::{LayerTable, NONE, ROOT, RowKind},
    protocol::DiveScore,
    tree::{NodeSet, Tree},
};

/// The score of all layers.
pub fn score(tree: &Tree) -> DiveScore {
    let mut leaves_of_all: Vec<(u64, u64)> = Vec::new();
    for layer in 0..tree.layers() {
        if let Some(table) = tree.table(layer) {
            leaves(tree, layer, table, &mut leaves_of_all);
        }
    }
    // Most paths are in one layer alone.
    let twice = Twice::among(leaves_of_all.len(), leaves_of_all.iter().map(|(path, _)| *path));
    let once: u64 = leaves_of_all.iter().filter(|(path, _)| !twice.may(*path)).map(|(_, size)| size).sum();
    leaves_of_all.retain(|(path, _)| twice.may(*path));
    leaves_of_all.sort_unstable();
    let (mut least, mut sum, mut inefficient) = (once, once, 0);
    for sizes in leaves_of_all.chunk_by(|a, b| a.0 == b.0) {
        let of_path: u64 = sizes.iter().map(|(_, size)| size).sum();
        least += sizes.first().map_or(0, |(_, size)| *size);
        sum += of_path;
        inefficient += if sizes.len() > 1 { of_path } else { 0 };
    }
    DiveScore { efficiency: share(least, sum), inefficient }
}

#[expect(clippy::cast_precision_loss, reason = "a score of a few digits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Adds each leaf of a layer: a number that stands for its path, and its size.
fn leaves(tree: &Tree, layer: u32, table: &LayerTable, all: &mut Vec<(u64, u64)>) {
    let nodes = table.nodes() as usize;
    let mut has_child = NodeSet::default();
    let mut path = vec![0_u64; nodes];
    for node in 1..table.nodes() {
        let parent = table.parent(node);
        let above = path.get(parent as usize).copied().unwrap_or_default();
        if let Some(slot) = path.get_mut(node as usize) {
            *slot = xxh3_64_with_seed(table.name(node), above);
            has_child.insert(parent);
        }
    }
    // The last row of a path counts.
    let mut rows = vec![NONE; nodes];
    for row in (0..table.rows()).filter(|row| !matches!(table.kind(*row), RowKind::Opaque | RowKind::Aufs)) {
        if let Some(slot) = rows.get_mut(table.node(row) as usize) {
            *slot = row;
        }
    }
    let size = |row: u32| match table.kind(row) {
        RowKind::Whiteout => deleted(tree, layer, table, table.node(row)),
        RowKind::File => table.size(row),
        _ => 0,
    };
    let of_nodes = (0_u32..).zip(rows.iter().zip(&path)).skip(1);
    let leaves = of_nodes.filter(|(node, (row, _))| **row != NONE && !has_child.contains(*node));
    all.reserve_exact(leaves.clone().count());
    all.extend(leaves.map(|(_, (row, path))| (*path, size(*row))));
}

/// Bytes of what a whiteout deletes: of all files below it if it is a folder, else 0.
fn deleted(tree: &Tree, layer: u32, table: &LayerTable, node: u32) -> u64 {
    let Some(below) = layer.checked_sub(1) else { return 0 };
    let mut parts = Vec::new();
    let mut at = node;
    while at != ROOT {
        parts.push(table.name(at));
        at = table.parent(at);
    }
    let Some(target) = parts.iter().rev().try_fold(ROOT, |at, name| tree.child(at, name)) else { return 0 };
    let is_folder = |node| tree.at(node, below).is_some_and(|version| tree.kind(&version) == RowKind::Dir);
    if !is_folder(target) {
        return 0;
    }
    let files = tree.below(target).filter_map(|node| tree.at(node, below));
    files.filter(|version| tree.kind(version) == RowKind::File).map(|version| tree.size(&version)).sum()
}
