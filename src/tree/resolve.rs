//! Which directory a member lands in: symbolic links of what lies below are followed, inside the root, at most
//! [`limits::LINK_HOPS`] hops. This is what a sequential apply does (umoci, containerd).

use super::{
    growing::Growing,
    store::{ROOT, Version},
};
use crate::{layer::RowKind, limits};

/// What is done with a component that is not there, or is no directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Give up: there is nothing to delete.
    Stop,
    /// Make a directory of it, as of this layer.
    Make(u32),
}

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// Nothing is there.
    Absent,
    /// More hops than allowed: most likely a loop.
    Loop,
}

/// A walk through directories.
pub(super) struct Walk<'a> {
    pub(super) tree: &'a mut Growing,
    pub(super) missing: Missing,
    /// A file stood where a directory is needed, and was replaced by one.
    pub(super) replaced: Vec<u32>,
    /// A symbolic link was followed.
    pub(super) followed: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(tree: &'a mut Growing, missing: Missing) -> Self {
        Self { tree, missing, replaced: Vec::new(), followed: false }
    }

    /// One step down from the directory `at`. Follows a symbolic link at the child.
    pub(super) fn step(&mut self, at: u32, name: &[u8]) -> Result<u32, Nowhere> {
        let mut hops = 0;
        self.enter(at, name, &mut hops)
    }

    fn enter(&mut self, at: u32, name: &[u8], hops: &mut usize) -> Result<u32, Nowhere> {
        let mut here = at;
        // Components still to walk, the next one last.
        let mut pending: Vec<Vec<u8>> = vec![name.to_vec()];
        while let Some(part) = pending.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    here = self.tree.parent(here);
                    continue;
                }
                _ => {}
            }
            let found = self.tree.child(here, &part).and_then(|node| Some((node, self.tree.current(node)?)));
            here = match found {
                Some((node, version)) => match self.tree.tables().kind(&version) {
                    RowKind::Dir => node,
                    RowKind::Symlink => {
                        *hops += 1;
                        self.followed = true;
                        if *hops > limits::LINK_HOPS || pending.len() > limits::PATH_DEPTH {
                            return Err(Nowhere::Loop);
                        }
                        let target = self.tree.tables().link(&version).unwrap_or_default();
                        let from = if target.first() == Some(&b'/') { ROOT } else { here };
                        pending.extend(target.split(|b| *b == b'/').rev().map(<[u8]>::to_vec));
                        from
                    }
                    _ => self.make(here, &part, true)?,
                },
                None => self.make(here, &part, false)?,
            };
        }
        Ok(here)
    }

    fn make(&mut self, at: u32, name: &[u8], replaces: bool) -> Result<u32, Nowhere> {
        let Missing::Make(layer) = self.missing else { return Err(Nowhere::Absent) };
        let node = self.tree.child_or_new(at, name);
        self.tree.set(node, Version::implicit(layer));
        if replaces {
            self.replaced.push(node);
        }
        Ok(node)
    }
}
