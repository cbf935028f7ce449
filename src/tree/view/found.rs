//! Which paths are shown: those that are found, and the folders that lead to them.

use super::{
    super::store::{ROOT, Tree},
    seen::Seen,
};
use crate::{
    image::escape_path,
    pattern::{Matcher, Pattern},
    protocol::{Change, EntryType, Filter, Search, ViewSpec},
};

/// What is shown of a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    /// It has a row, when the folders above it are open.
    pub(super) shown: bool,
    /// Some below it is shown.
    pub(super) below: bool,
    /// Some below it is shown and changed.
    pub(super) changed_below: bool,
}

/// Each node's share of what is shown, and how many were found themselves.
pub(super) fn find(tree: &Tree, seen: &Seen, spec: &ViewSpec) -> (Vec<Shown>, u32) {
    let mut shown = vec![Shown::default(); tree.len() as usize];
    let mut count = 0;
    let hits = hits(tree, seen, &spec.search);
    let is_hit = |node: u32| match &hits {
        Some(hits) => hits.get(node as usize).copied().unwrap_or_default(),
        None => seen.here.get(node as usize).copied().unwrap_or_default(),
    };
    let filter = Some(&spec.filter).filter(|filter| !filter.is_empty());
    // Parents have smaller numbers than their children: one pass from the back carries everything up.
    for node in (1..tree.len()).rev() {
        let own = is_hit(node) && filter.is_none_or(|filter| passes(tree, seen, node, filter));
        count += u32::from(own);
        let Some(slot) = shown.get_mut(node as usize) else { continue };
        slot.shown |= own;
        let slot = *slot;
        if slot.shown
            && let Some(above) = shown.get_mut(tree.parent(node) as usize)
        {
            above.shown = true;
            above.below = true;
            above.changed_below |= slot.changed_below || seen.mark(node) != Change::None;
        }
    }
    (shown, count)
}

/// For each node whether the search finds it; none when nothing is searched for.
fn hits(tree: &Tree, seen: &Seen, search: &Search) -> Option<Vec<bool>> {
    if search.text.is_empty() {
        return None;
    }
    let mut hits = vec![false; tree.len() as usize];
    let Ok(pattern) = Pattern::parse(search.kind, &search.text) else { return Some(hits) };
    let mut paths = Paths { matcher: Matcher::new(&pattern), ends: Vec::new(), tree };
    if pattern.of_path() {
        paths.ends = vec![UNKNOWN; tree.len() as usize];
    }
    for ((node, hit), here) in (0..).zip(&mut hits).zip(&seen.here) {
        if *here {
            let state = if pattern.of_path() { paths.path(node) } else { paths.name(node) };
            *hit = paths.matcher.accepts(state);
        }
    }
    Some(hits)
}

const UNKNOWN: u32 = u32::MAX;

/// The states in which paths end: that of a folder is where those in it go on, so that no path is put together.
struct Paths<'a> {
    matcher: Matcher<'a>,
    ends: Vec<u32>,
    tree: &'a Tree,
}

impl Paths<'_> {
    fn name(&mut self, node: u32) -> u32 {
        let start = self.matcher.start();
        self.run(start, node)
    }

    /// The state after a node's name.
    fn run(&mut self, state: u32, node: u32) -> u32 {
        let name = self.tree.name(node);
        match self.matcher.run_plain(state, name) {
            Some(end) => end,
            None => self.matcher.run(state, &escape_path(name)),
        }
    }

    /// The state after a slash and a node's name, which is kept.
    fn run_below(&mut self, mut state: u32, node: u32) -> u32 {
        state = self.matcher.run_plain(state, b"/").unwrap_or(state);
        state = self.run(state, node);
        if let Some(end) = self.ends.get_mut(node as usize) {
            *end = state;
        }
        state
    }

    fn path(&mut self, node: u32) -> u32 {
        let parent = self.tree.parent(node);
        if parent == ROOT {
            let start = self.matcher.start();
            return self.run_below(start, node);
        }
        if let Some(state) = self.known(parent) {
            return self.run_below(state, node);
        }
        // Up to the nearest folder whose state is known, then down again.
        let mut way = vec![node];
        let mut at = parent;
        while at != ROOT && self.known(at).is_none() {
            way.push(at);
            at = self.tree.parent(at);
        }
        let mut state = match self.known(at) {
            Some(state) if at != ROOT => state,
            _ => self.matcher.start(),
        };
        for node in way.into_iter().rev() {
            state = self.run_below(state, node);
        }
        state
    }

    fn known(&self, node: u32) -> Option<u32> {
        let state = self.ends.get(node as usize).copied()?;
        (state != UNKNOWN && self.matcher.knows(state)).then_some(state)
    }
}

/// Whether an entry is as the filter wants it; what costs least is asked first.
fn passes(tree: &Tree, seen: &Seen, node: u32, filter: &Filter) -> bool {
    let any = |list: &[Change]| list.is_empty() || list.contains(&seen.mark(node));
    let bytes = seen.bytes(node);
    if !any(&filter.changes)
        || filter.min_size.is_some_and(|least| bytes < least)
        || filter.max_size.is_some_and(|most| bytes > most)
    {
        return false;
    }
    let Some(version) = seen.version(tree, node) else { return false };
    let kind = tree.entry_type(&version);
    if !filter.types.is_empty() && !filter.types.contains(&kind) {
        return false;
    }
    if filter.layers.is_empty() && filter.uid.is_none() && filter.gid.is_none() && filter.modes.is_empty() {
        return true;
    }
    // A folder that no entry names is root's, 0755, and set by no layer.
    let row = tree.row(&version);
    let (mode, uid, gid) = row.map_or((0o755, 0, 0), |(table, row)| {
        let (uid, gid) = table.owner(row);
        (table.mode(row), uid, gid)
    });
    (filter.layers.is_empty() || row.is_some() && filter.layers.contains(&version.layer))
        && filter.uid.is_none_or(|wanted| wanted == uid)
        && filter.gid.is_none_or(|wanted| wanted == gid)
        && (filter.modes.is_empty() || kind != EntryType::Symlink && filter.modes.iter().all(|test| test.passes(mode)))
}
