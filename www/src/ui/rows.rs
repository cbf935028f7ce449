//! The rows of the view that came, in pages. Rows of an older view stay visible until their successors are there, so
//! that opening a folder does not flash.

use std::{collections::BTreeMap, rc::Rc};

use lagvis::protocol::Row;

/// Rows of a page, which is what the session is asked for.
pub const PAGE: u32 = 100;
/// Pages kept: enough for a tall window and the way back.
const PAGES: usize = 24;

/// Rows by page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowCache {
    view: u32,
    pages: BTreeMap<u32, Rc<Vec<Row>>>,
    before: BTreeMap<u32, Rc<Vec<Row>>>,
}

impl RowCache {
    /// Turns to a new view. `similar` means that its rows are mostly those of the view before.
    pub fn turn(&mut self, view: u32, similar: bool) {
        if view == self.view {
            return;
        }
        self.view = view;
        self.expect();
        if !similar {
            self.before.clear();
        }
    }

    /// A new view is on its way: what is here is shown until it comes, and no longer counts as known.
    pub fn expect(&mut self) {
        if !self.pages.is_empty() {
            self.before = std::mem::take(&mut self.pages);
        }
    }

    /// Takes rows; those of another view are dropped.
    pub fn take(&mut self, view: u32, start: u32, rows: Vec<Row>) {
        if view != self.view || !start.is_multiple_of(PAGE) {
            return;
        }
        let page = start / PAGE;
        while self.pages.len() >= PAGES
            && let Some(far) = self.pages.keys().copied().max_by_key(|kept| kept.abs_diff(page))
        {
            self.pages.remove(&far);
        }
        self.pages.insert(page, Rc::new(rows));
    }

    /// The row with this number, of this view or, for the time being, of the one before.
    pub fn get(&self, row: u32) -> Option<&Row> {
        let page = row / PAGE;
        self.pages.get(&page).or_else(|| self.before.get(&page))?.get(usize::try_from(row % PAGE).ok()?)
    }

    /// Whether the row came for this very view.
    pub fn is_fresh(&self, row: u32) -> bool {
        self.pages.contains_key(&(row / PAGE))
    }

    /// The number of a node's row, when it is among the rows that came.
    pub fn find(&self, node: u32) -> Option<u32> {
        self.pages.iter().find_map(|(page, rows)| {
            let index = rows.iter().position(|row| row.node == node)?;
            Some(page * PAGE + u32::try_from(index).ok()?)
        })
    }

    /// The pages that hold rows `first..=last` and have not come.
    pub fn missing(&self, first: u32, last: u32) -> Vec<u32> {
        (first / PAGE..=last / PAGE).filter(|page| !self.pages.contains_key(page)).collect()
    }

    /// The row of the folder that holds this row, when it is among those that came.
    pub fn parent(&self, row: u32) -> Option<u32> {
        let depth = self.get(row)?.depth;
        (0..row)
            .rev()
            .take(4 * PAGE as usize)
            .map_while(|above| Some((above, self.get(above)?)))
            .find_map(|(above, candidate)| (candidate.depth < depth).then_some(above))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use lagvis::protocol::{Change, EntryType};

    use super::*;

    pub(crate) fn row(node: u32, depth: u32, path: &str) -> Row {
        Row {
            node,
            depth,
            name: path.rsplit('/').next().unwrap_or(path).to_owned(),
            path: path.to_owned(),
            kind: EntryType::File,
            size: 1,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            link: None,
            layer: Some(0),
            change: Change::None,
            changed_below: false,
            open: None,
        }
    }

    #[test]
    fn rows_of_an_older_view_are_dropped_and_shown_only_until_new_ones_come() {
        let mut cache = RowCache::default();
        cache.turn(1, false);
        cache.take(1, 0, vec![row(7, 0, "a"), row(8, 1, "a/b")]);
        assert_eq!(cache.get(1).unwrap().node, 8);
        assert_eq!((cache.find(8), cache.parent(1), cache.parent(0)), (Some(1), Some(0), None));
        cache.turn(2, true);
        assert_eq!((cache.get(1).unwrap().node, cache.is_fresh(1), cache.find(8)), (8, false, None));
        cache.take(1, 0, vec![row(9, 0, "x")]);
        assert!(!cache.is_fresh(0), "it belongs to view 1");
        cache.take(2, 0, vec![row(9, 0, "x")]);
        assert_eq!((cache.get(0).unwrap().node, cache.get(1)), (9, None));
        cache.turn(3, false);
        assert_eq!(cache.get(0), None);
    }

    #[test]
    fn far_pages_make_room() {
        let mut cache = RowCache::default();
        cache.turn(1, false);
        for page in 0..40 {
            cache.take(1, page * PAGE, vec![row(page, 0, "a")]);
        }
        assert_eq!(cache.missing(0, 39 * PAGE).len(), 40 - PAGES);
        assert!(cache.missing(39 * PAGE, 39 * PAGE + 5).is_empty());
    }
}
