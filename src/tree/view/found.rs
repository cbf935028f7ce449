//! Which paths are shown: those that are found, and the folders that lead to them.

use super::{
    super::{
        store::{ROOT, Tree},
        tables::type_of,
    },
    NodeSet,
    seen::Seen,
    walk,
};
use crate::{
    layer::{LayerTable, NONE, RowKind},
    pattern::Pattern,
    protocol::{Change, EntryType, Filter, Search, ViewSpec},
};

/// What is shown, and how many of it were found themselves.
pub(super) fn find(tree: &Tree, seen: &Seen, spec: &ViewSpec) -> (NodeSet, u32) {
    let mut found = match hits(tree, &spec.search) {
        None => seen.here.clone(),
        Some(mut hits) => {
            hits.intersect(&seen.here);
            hits
        }
    };
    if !spec.filter.is_empty() {
        found.retain(|node| passes(tree, seen, node, &spec.filter));
    }
    let mut shown = found.clone();
    let mut last = ROOT;
    for node in found.iter() {
        // Most follow one that lies in the same folder.
        let mut folder = tree.parent(node);
        if folder == last {
            continue;
        }
        last = folder;
        while folder != ROOT && shown.insert(folder) {
            folder = tree.parent(folder);
        }
    }
    (shown, found.count(0..tree.len()))
}

/// What a search finds, whether it is there or not; none when nothing is searched for.
fn hits(tree: &Tree, search: &Search) -> Option<NodeSet> {
    if search.text.is_empty() {
        return None;
    }
    let mut hits = NodeSet::with_room(tree.len());
    match Pattern::parse(search.kind, &search.text) {
        Err(_) => {}
        Ok(pattern) if pattern.of_path() => walk::paths(tree, &pattern, &mut hits),
        Ok(pattern) => match pattern.plain() {
            None => walk::names(tree, &pattern, 1..tree.len(), &mut hits),
            Some(text) => {
                tree.named(text, |node| _ = hits.insert(node));
                walk::names(tree, &pattern, tree.escaped().iter().copied(), &mut hits);
            }
        },
    }
    Some(hits)
}

/// Whether an entry is as the filter wants it; what costs least is asked first.
fn passes(tree: &Tree, seen: &Seen, node: u32, filter: &Filter) -> bool {
    let any = |list: &[Change]| list.is_empty() || list.contains(&seen.mark(node));
    let bytes = seen.sums.bytes(node);
    if !any(&filter.changes)
        || filter.min_size.is_some_and(|least| bytes < least)
        || filter.max_size.is_some_and(|most| bytes > most)
    {
        return false;
    }
    let Some(row) = seen.row(tree, node) else { return false };
    let kind = || match tree.tables.column(row, RowKind::Dir, LayerTable::kind) {
        // It may be that of what it links to.
        RowKind::Hardlink => seen.version(tree, node).map_or(EntryType::Hardlink, |version| tree.entry_type(&version)),
        kind => type_of(kind),
    };
    let mode = || tree.tables.column(row, 0o755, LayerTable::mode);
    let owner = || tree.tables.column(row, (0, 0), LayerTable::owner);
    // A folder that no entry names is set by no layer.
    (filter.layers.is_empty() || row.1 != NONE && filter.layers.contains(&row.0))
        && filter.uid.is_none_or(|wanted| wanted == owner().0)
        && filter.gid.is_none_or(|wanted| wanted == owner().1)
        && (filter.modes.is_empty()
            || filter.modes.iter().all(|test| test.passes(mode())) && kind() != EntryType::Symlink)
        && (filter.types.is_empty() || filter.types.contains(&kind()))
}
