//! The merged file system, or a folder of it, as a tar: a state machine without I/O that says which bytes of which
//! layer it needs and writes members to a sink, so that nothing is whole in memory.
//!
//! What has no content comes first, folders before what is in them; then the files, layer by layer in the order in which
//! they lie in the blobs, so that each blob is unpacked once; hard links follow their file. The same image gives the same
//! bytes. Depends on `layer`, `tree` and `session`.

mod member;
#[cfg(test)]
mod tests;

use crate::{
    layer::{BlobRange, ContentError, ContentStep, ContentVisitor, ContentWalk, NONE, RowKind},
    protocol::{EntryType, LayerState},
    session::ImageState,
    tree::{Tree, Version},
};
use member::Member;

/// Marks the other names of a file in [`File::order`].
const OTHER_NAME: u32 = 1 << 31;
const BLOCK: u64 = 512;

/// What an [`Export`] needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportStep {
    /// No bytes: provide an empty slice, and members are written.
    Write,
    /// These bytes of a layer's blob. Fewer may be provided, though not none.
    Read(BlobRange),
    /// Nothing: the tar is complete.
    Done,
}

/// Writes a tar. Ask with [`Export::poll`], answer with [`Export::provide`].
#[derive(Debug)]
pub struct Export {
    /// The layer up to which the tree is taken.
    upto: u32,
    /// Bytes of the path that are left out in names: those of the folder's parents.
    prefix: usize,
    /// Nodes in order of their paths, parents first.
    nodes: Vec<u32>,
    files: Vec<File>,
    next: usize,
    walk: Option<(u32, ContentWalk)>,
    phase: Phase,
    done: u64,
    /// Bytes written when the file began.
    before: u64,
    /// The name of the file that hard links name.
    first: Vec<u8>,
    total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Bare,
    Files,
    End,
    Done,
}

/// A name of a file. In order: by layer and row of the content, the file's own name first, then by path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    layer: u32,
    row: u32,
    /// Place in `nodes`, with [`OTHER_NAME`].
    order: u32,
}

impl Export {
    /// The tree below `node` as of layer `upto`: the root's children, or a folder with its name.
    ///
    /// # Errors
    /// [`ContentError::Unverified`] when one of the layers is not verified: the tree would not be whole, or not proven.
    pub fn new(state: &ImageState, tree: &Tree, node: u32, upto: u32) -> Result<Self, ContentError> {
        let failed = |(layer, _): &(u32, _)| *layer <= upto;
        let layers = (0..).zip(state.layers()).filter(|(_, layer)| layer.state != Some(LayerState::Verified));
        if let Some((layer, _)) = layers.take_while(failed).next() {
            return Err(ContentError::Unverified { layer });
        }
        let nodes = below(tree, node, upto);
        let mut files = Vec::new();
        for (order, node) in (0..OTHER_NAME).zip(&nodes) {
            let Some(version) = tree.at(*node, upto).filter(|version| has_content(tree, version)) else { continue };
            let (layer, row) = version.content;
            let own = (version.layer, version.row) == version.content;
            files.push(File { layer, row, order: if own { order } else { order | OTHER_NAME } });
        }
        files.sort_unstable();
        let mut contents: Vec<(u32, u32)> = files.iter().map(|file| (file.layer, file.row)).collect();
        contents.dedup();
        let total = contents.iter().map(|content| tree.content_size(*content)).sum();
        let parents = tree.path(node).len() - tree.name(node).len();
        Ok(Self {
            upto,
            prefix: parents,
            nodes,
            files,
            next: 0,
            walk: None,
            phase: Phase::Bare,
            done: 0,
            before: 0,
            first: Vec::new(),
            total,
        })
    }

    /// What is needed next.
    pub fn poll(&self) -> ExportStep {
        match (&self.walk, self.phase) {
            (_, Phase::Done) => ExportStep::Done,
            (Some((layer, walk)), Phase::Files) => match walk.poll() {
                ContentStep::Read { offset, length } if length > 0 => {
                    ExportStep::Read(BlobRange { layer: *layer, offset, length })
                }
                _ => ExportStep::Write,
            },
            _ => ExportStep::Write,
        }
    }

    /// Bytes of content written, and in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.done, self.total)
    }

    /// Takes the bytes that were asked for and writes to the sink. The image and the tree are those that it was made of.
    ///
    /// # Errors
    /// The sink's own, or a [`ContentError`]. After one what was written is to be dropped.
    pub fn provide<E: From<ContentError>>(
        &mut self,
        state: &ImageState,
        tree: &Tree,
        bytes: &[u8],
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.phase {
            Phase::Bare => {
                self.bare(tree, sink)?;
                self.phase = Phase::Files;
                self.open(state)?;
            }
            Phase::Files => {
                let Some((layer, mut walk)) = self.walk.take() else { return Ok(()) };
                walk.provide(bytes, &mut Files { export: self, layer, tree, sink })?;
                if walk.poll() == ContentStep::Done {
                    self.open(state)?;
                } else {
                    self.walk = Some((layer, walk));
                }
            }
            Phase::End => {
                sink(&[0; 1024])?;
                self.phase = Phase::Done;
            }
            Phase::Done => {}
        }
        Ok(())
    }

    /// Goes on to the next layer that has files.
    fn open(&mut self, state: &ImageState) -> Result<(), ContentError> {
        let rest = self.files.get(self.next..).unwrap_or_default();
        let Some(first) = rest.first() else {
            self.phase = Phase::End;
            return Ok(());
        };
        let rows = rest.iter().take_while(|file| file.layer == first.layer).map(|file| file.row).collect();
        self.walk = Some((first.layer, state.contents(first.layer, rows)?));
        Ok(())
    }

    fn bare<E>(&self, tree: &Tree, sink: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut out = Vec::new();
        for node in &self.nodes {
            if let Some(version) = tree.at(*node, self.upto).filter(|version| !has_content(tree, version)) {
                self.member(tree, *node, &version).write(&mut out);
            }
            if out.len() > 64 << 10 {
                sink(&out)?;
                out.clear();
            }
        }
        sink(&out)
    }

    fn member<'a>(&self, tree: &'a Tree, node: u32, version: &Version) -> Member<'a> {
        let mut path = tree.path(node);
        path.drain(..self.prefix.min(path.len()));
        let entry = tree.entry(version);
        let kind = tree.entry_type(version);
        if kind == EntryType::Dir {
            path.push(b'/');
        }
        let device = tree.content_entry(version).filter(|e| matches!(e.kind, RowKind::Char | RowKind::Block));
        let half = |number: u128| u32::try_from(number & u128::from(u32::MAX)).unwrap_or_default();
        Member {
            path,
            kind,
            // Links have no rights of their own.
            mode: if kind == EntryType::Symlink { 0o777 } else { entry.map_or(0o755, |e| e.mode) },
            owner: entry.map_or((0, 0), |e| (e.uid, e.gid)),
            mtime: entry.map_or(0, |e| e.mtime),
            size: 0,
            link: if kind == EntryType::Symlink { tree.link(version).unwrap_or_default().to_vec() } else { Vec::new() },
            device: device.map_or((0, 0), |e| (half(e.print >> 32), half(e.print))),
            xattrs: tree.xattrs_of(version),
        }
    }
}

/// The visible nodes below a node, itself included unless it is the root: parents first, then by name.
fn below(tree: &Tree, node: u32, upto: u32) -> Vec<u32> {
    let all = std::iter::once(node).filter(|node| *node != crate::layer::ROOT).chain(tree.below(node));
    all.filter(|node| tree.at(*node, upto).is_some()).collect()
}

/// Whether a version is a file, or a name of one, whose content some layer has.
fn has_content(tree: &Tree, version: &Version) -> bool {
    version.content.1 != NONE && matches!(tree.entry_type(version), EntryType::File | EntryType::Hardlink)
}

/// Writes the files of one layer as their contents come.
struct Files<'a, S> {
    export: &'a mut Export,
    layer: u32,
    tree: &'a Tree,
    sink: &'a mut S,
}

impl<'a, S> Files<'a, S> {
    /// The next name of the content in a row: as a file, or as a hard link to the name before.
    fn next_name(&mut self, row: u32, link: Vec<u8>) -> Option<Member<'a>> {
        let file =
            self.export.files.get(self.export.next).filter(|file| (file.layer, file.row) == (self.layer, row))?;
        let node = self.export.nodes.get((file.order & !OTHER_NAME) as usize).copied()?;
        let version = self.tree.at(node, self.export.upto)?;
        self.export.next += 1;
        let member = self.export.member(self.tree, node, &version);
        if link.is_empty() {
            return Some(Member { kind: EntryType::File, size: self.tree.size(&version), ..member });
        }
        Some(Member { kind: EntryType::Hardlink, link, xattrs: Vec::new(), ..member })
    }
}

impl<E: From<ContentError>, S: FnMut(&[u8]) -> Result<(), E>> ContentVisitor for Files<'_, S> {
    type Error = E;

    fn begin(&mut self, row: u32) -> Result<(), E> {
        let mut out = Vec::new();
        if let Some(member) = self.next_name(row, Vec::new()) {
            self.export.first.clone_from(&member.path);
            member.write(&mut out);
        }
        (self.sink)(&out)
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), E> {
        self.export.done += bytes.len() as u64;
        (self.sink)(bytes)
    }

    fn end(&mut self, row: u32) -> Result<(), E> {
        // Members begin at whole blocks.
        let mut out = vec![0; padding(self.export.done - self.export.before)];
        self.export.before = self.export.done;
        while let Some(member) = self.next_name(row, self.export.first.clone()) {
            member.write(&mut out);
        }
        (self.sink)(&out)
    }
}

/// Zeros up to the next whole block.
fn padding(bytes: u64) -> usize {
    usize::try_from(bytes.next_multiple_of(BLOCK) - bytes).unwrap_or_default()
}
