//! Walks a pattern's automaton over the tree: over each name by itself, or down the paths. The place that a folder's
//! path leads to is where those in it go on, so that no path is put together.

use super::{
    super::store::{ROOT, Tree},
    NodeSet,
};
use crate::{
    image::escape_path,
    pattern::{Matcher, Pattern, Reached, Settled},
};

/// Adds those of the nodes whose names match.
pub(super) fn names(tree: &Tree, pattern: &Pattern, nodes: impl Iterator<Item = u32>, hits: &mut NodeSet) {
    let mut matcher = Matcher::new(pattern);
    for node in nodes {
        let name = tree.name(node);
        if !may_end(&matcher, name) {
            continue;
        }
        let start = matcher.start();
        let end = run(&mut matcher, start, name);
        if matcher.accepts(end) {
            hits.insert(node);
        }
    }
}

/// Adds the nodes whose paths match.
pub(super) fn paths(tree: &Tree, pattern: &Pattern, hits: &mut NodeSet) {
    let mut walk = Walk { tree, matcher: Matcher::new(pattern), above: Vec::new() };
    let mut node = ROOT + 1;
    while node < tree.len() {
        let below = tree.below(node).end;
        let is_leaf = below == node + 1;
        let start = walk.start(node);
        if is_leaf && !walk.may_find(start, node) {
            node = below;
            continue;
        }
        let end = run(&mut walk.matcher, start, tree.name(node));
        match walk.matcher.settled(end) {
            Some(Settled::Never) => node = below,
            Some(Settled::Found) => {
                hits.insert_all(node..below);
                node = below;
            }
            None => {
                if walk.matcher.accepts(end) {
                    hits.insert(node);
                }
                if !is_leaf {
                    walk.above.push((node, end));
                }
                node += 1;
            }
        }
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    matcher: Matcher<'a>,
    /// The folders above, and where their paths lead.
    above: Vec<(u32, Reached)>,
}

impl Walk<'_> {
    /// Where the path of the next node leads, as far as the slash before its name.
    fn start(&mut self, node: u32) -> Reached {
        while self.above.last().is_some_and(|(folder, _)| self.tree.below(*folder).end <= node) {
            self.above.pop();
        }
        let from = match self.above.last() {
            None => self.matcher.start(),
            Some((_, reached)) if self.matcher.knows(*reached) => *reached,
            // All states were forgotten: down from the root again.
            Some(_) => {
                let mut from = self.matcher.start();
                for (folder, reached) in &mut self.above {
                    from = slash(&mut self.matcher, from);
                    from = run(&mut self.matcher, from, self.tree.name(*folder));
                    *reached = from;
                }
                from
            }
        };
        slash(&mut self.matcher, from)
    }

    /// Whether the path of a node that has none below it can match.
    fn may_find(&mut self, start: Reached, node: u32) -> bool {
        self.matcher.may_find_within_name(start) && may_end(&self.matcher, self.tree.name(node))
    }
}

fn slash(matcher: &mut Matcher<'_>, from: Reached) -> Reached {
    matcher.run_plain(from, b"/").unwrap_or(from)
}

/// Whether a text that ends with a name can match. What is escaped ends otherwise than the name.
fn may_end(matcher: &Matcher<'_>, name: &[u8]) -> bool {
    name.last().is_none_or(|byte| !byte.is_ascii() || matcher.may_end(*byte))
}

fn run(matcher: &mut Matcher<'_>, from: Reached, name: &[u8]) -> Reached {
    match matcher.run_plain(from, name) {
        Some(end) => end,
        None => matcher.run(from, &escape_path(name)),
    }
}
