//! What the fuzz targets share: reading a layer whole or in pieces, and looking at every part of a tree.

use std::sync::Arc;

use lagvis::{
    layer::{LayerOutcome, LayerReader, LayerTable},
    opened::{LayerSpec, Place},
    protocol::{PatternKind, Search, Sort, SortBy, ViewSpec},
    tree::{NodeSet, Tree, View},
};

/// Reads a layer in pieces whose lengths are taken from `cuts`, over and over; an empty `cuts` is one piece.
pub fn read_layer(bytes: &[u8], cuts: &[u8]) -> LayerOutcome {
    let spec = LayerSpec::bare("layer", Place::Blob);
    let mut reader = LayerReader::new(0, spec).keep_access(1 << 20);
    pieces(bytes, cuts, |piece| reader.push(piece));
    reader.finish()
}

/// Hands `bytes` on in pieces whose lengths are taken from `cuts`.
pub fn pieces(bytes: &[u8], cuts: &[u8], mut take: impl FnMut(&[u8])) {
    let mut rest = bytes;
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let length = cuts.next().map_or(rest.len(), |cut| usize::from(*cut) + 1).min(rest.len());
        let (piece, after) = rest.split_at(length);
        take(piece);
        rest = after;
    }
}

/// The first bytes choose the pieces, the others are the input.
pub fn split(data: &[u8]) -> (&[u8], &[u8]) {
    data.split_at(data.len().min(4))
}

/// The table as bytes, to be compared.
pub fn table(outcome: LayerOutcome) -> Option<LayerTable> {
    outcome.table.and_then(|parts| parts.join().ok())
}

/// Merges the layers and asks for all that the page and the command ask for.
pub fn look_at(tables: Vec<Option<Arc<LayerTable>>>) -> usize {
    let layers = tables.len();
    let tree = Tree::build(tables);
    let lines: Vec<_> = tree.files().collect();
    assert!(lines.windows(2).all(|pair| pair[0].path != pair[1].path), "a path is listed twice");
    let changes = tree.layer_changes();
    assert_eq!(changes.len(), layers);
    for by in SortBy::ALL {
        let spec = ViewSpec {
            since: Some(0),
            sort: Sort { by, descending: by == SortBy::Size },
            search: Search {
                kind: PatternKind::Text,
                text: if by == SortBy::Time { "a".into() } else { String::new() },
            },
            ..ViewSpec::default()
        };
        let mut view = View::new(&tree, spec, NodeSet::default());
        view.expand(&tree, 0, true, true);
        let rows = view.rows(&tree, 0, view.len());
        assert_eq!(rows.len(), view.len() as usize);
        for row in rows.iter().take(20) {
            let _ = tree.detail(&view, row.node);
        }
    }
    lines.len()
}
