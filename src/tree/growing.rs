//! The store while layers are applied: paths in the order in which they come, found by their names.

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    store::{Node, ROOT, Tree, Version, path_of},
    tables::Tables,
    versions::Versions,
};
use crate::{
    layer::{LayerTable, NONE},
    opened::Warning,
};

/// A path.
#[derive(Clone, Copy, Debug)]
struct Path {
    parent: u32,
    /// Layer whose table has the name, and which it is there; [`NONE`]: one of [`Names::others`].
    name: (u32, u32),
    newest_child: u32,
    older_sibling: u32,
    version: u32,
}

/// Whatever is asked for and is no path; the root before anything is known of it.
const NOWHERE: Path = Path { parent: ROOT, name: (NONE, NONE), newest_child: NONE, older_sibling: NONE, version: NONE };

/// Paths and their versions, to become a [`Tree`].
#[derive(Debug)]
pub(super) struct Growing {
    paths: Vec<Path>,
    names: Names,
    index: HashTable<u32>,
    versions: Versions,
    /// For each version the next older one of its path.
    older: Vec<u32>,
    pub(super) warnings: Vec<Warning>,
    /// Warnings beyond what is kept, by kind.
    pub(super) muted: BTreeMap<String, u64>,
}

/// The names of paths: where the tables have them, they are not copied.
#[derive(Debug)]
struct Names {
    tables: Tables,
    /// Names that come from links.
    others: Vec<Vec<u8>>,
}

impl Names {
    fn get(&self, (layer, name): (u32, u32)) -> &[u8] {
        match self.tables.get(layer) {
            Some(table) => table.name_at(name),
            None => self.others.get(name as usize).map_or(&[], Vec::as_slice),
        }
    }

    /// The hash of a path by its number.
    fn hash(&self, paths: &[Path], path: u32) -> u64 {
        paths.get(path as usize).map_or(0, |path| hash(path.parent, self.get(path.name)))
    }
}

impl Growing {
    pub(super) fn new(tables: Vec<Option<Arc<LayerTable>>>) -> Self {
        let mut growing = Self {
            paths: vec![NOWHERE],
            names: Names { tables: Tables(tables), others: Vec::new() },
            index: HashTable::new(),
            versions: Versions::default(),
            older: Vec::new(),
            warnings: Vec::new(),
            muted: BTreeMap::new(),
        };
        growing.set(ROOT, Version::implicit(0));
        growing
    }

    /// Makes room for a layer whose paths are all new.
    pub(super) fn reserve(&mut self, table: &LayerTable) {
        let count = table.nodes() as usize;
        self.paths.reserve_exact(count);
        self.versions.reserve_exact(count);
        self.older.reserve_exact(count);
        self.index.reserve(count, |path| self.names.hash(&self.paths, *path));
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.names.tables
    }

    /// Whether there is nothing but the root.
    pub(super) fn is_empty(&self) -> bool {
        self.paths.len() == 1
    }

    fn slot(&self, node: u32) -> &Path {
        self.paths.get(node as usize).unwrap_or(&NOWHERE)
    }

    pub(super) fn parent(&self, node: u32) -> u32 {
        self.slot(node).parent
    }

    fn name(&self, node: u32) -> &[u8] {
        self.names.get(self.slot(node).name)
    }

    /// Raw, without a leading slash.
    pub(super) fn path(&self, node: u32) -> Vec<u8> {
        path_of(node, |at| (self.parent(at), self.name(at)))
    }

    /// The child of that name.
    pub(super) fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        self.index.find(hash(parent, name), |n| self.slot(*n).parent == parent && self.name(*n) == name).copied()
    }

    /// The child that is called like a node of a layer's table, made if it is new.
    pub(super) fn child_like(&mut self, parent: u32, layer: u32, table: &LayerTable, node: u32) -> u32 {
        let found = self.child(parent, table.name(node));
        found.unwrap_or_else(|| self.add(parent, (layer, table.name_of(node))))
    }

    /// The child of that name, made if it is new.
    pub(super) fn child_or_new(&mut self, parent: u32, name: &[u8]) -> u32 {
        self.child(parent, name).unwrap_or_else(|| {
            self.names.others.push(name.to_vec());
            self.add(parent, (NONE, u32::try_from(self.names.others.len() - 1).unwrap_or(NONE)))
        })
    }

    fn add(&mut self, parent: u32, name: (u32, u32)) -> u32 {
        let node = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(Path { parent, name, older_sibling: self.slot(parent).newest_child, ..NOWHERE });
        if let Some(above) = self.paths.get_mut(parent as usize) {
            above.newest_child = node;
        }
        let (paths, names) = (&self.paths, &self.names);
        self.index.insert_unique(names.hash(paths, node), node, |path| names.hash(paths, *path));
        node
    }

    /// The children, the newest first.
    pub(super) fn children(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let known = |node: u32| (node != NONE).then_some(node);
        std::iter::successors(known(self.slot(node).newest_child), move |at| known(self.slot(*at).older_sibling))
    }

    /// The versions, the newest first.
    fn versions(&self, node: u32) -> impl Iterator<Item = Version> + '_ {
        let known = |at: u32| (at != NONE).then_some(at);
        let older = move |at: &u32| self.older.get(*at as usize).copied().and_then(known);
        std::iter::successors(known(self.slot(node).version), older).filter_map(|at| self.versions.get(at))
    }

    /// The newest version, gone or not.
    pub(super) fn latest(&self, node: u32) -> Option<Version> {
        self.versions.get(self.slot(node).version)
    }

    /// The newest version, unless it says that the path is gone.
    pub(super) fn current(&self, node: u32) -> Option<Version> {
        self.latest(node).filter(|version| !version.gone)
    }

    /// What is at the path as of layer `upto`, inclusive.
    pub(super) fn at(&self, node: u32, upto: u32) -> Option<Version> {
        self.versions(node).find(|version| version.layer <= upto).filter(|version| !version.gone)
    }

    /// Sets what the newest layer makes of a path: a second version of the same layer replaces the first.
    pub(super) fn set(&mut self, node: u32, version: Version) {
        let newest = self.slot(node).version;
        if self.versions.get(newest).is_some_and(|before| before.layer == version.layer) {
            self.versions.set(newest, version);
            return;
        }
        let id = self.versions.len();
        self.versions.push(version);
        self.older.push(newest);
        if let Some(path) = self.paths.get_mut(node as usize) {
            path.version = id;
        }
    }

    /// Ends growing: paths get numbers in depth-first order, siblings in order of their names.
    pub(super) fn settle(mut self) -> Tree {
        // What is not needed any more is given up as early as can be: this is where most memory is taken.
        self.index = HashTable::new();
        let order = self.depth_first();
        let mut names = Vec::with_capacity(order.iter().map(|path| self.name(*path).len()).sum());
        let mut versions = Versions::default();
        versions.reserve_exact(self.older.len());
        let mut nodes = Vec::with_capacity(order.len() + 1);
        let mut of_path = Vec::new();
        for path in &order {
            let name = u32::try_from(names.len()).unwrap_or(u32::MAX);
            nodes.push(Node { parent: ROOT, end: 0, name, version: versions.len() });
            names.extend_from_slice(self.name(*path));
            of_path.extend(self.versions(*path));
            of_path.drain(..).rev().for_each(|version| versions.push(version));
        }
        let name = u32::try_from(names.len()).unwrap_or(u32::MAX);
        nodes.push(Node { parent: ROOT, end: 0, name, version: versions.len() });
        (self.versions, self.older) = (Versions::default(), Vec::new());
        let mut numbers = vec![ROOT; order.len()];
        for (number, path) in (0..).zip(&order) {
            if let Some(slot) = numbers.get_mut(*path as usize) {
                *slot = number;
            }
        }
        for (node, path) in nodes.iter_mut().zip(&order) {
            node.parent = numbers.get(self.parent(*path) as usize).copied().unwrap_or(ROOT);
        }
        Tree::new(nodes, names, versions, self.names.tables, self.warnings)
    }

    fn depth_first(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.paths.len());
        let mut pending = vec![ROOT];
        let mut siblings = Vec::new();
        while let Some(path) = pending.pop() {
            order.push(path);
            siblings.extend(self.children(path));
            siblings.sort_unstable_by(|a, b| self.name(*b).cmp(self.name(*a)));
            pending.append(&mut siblings);
        }
        order
    }
}

fn hash(parent: u32, name: &[u8]) -> u64 {
    xxh3_64(name) ^ (u64::from(parent).wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(31)
}
