//! Bytes looked for in the contents of an image: a state machine without I/O that walks each layer's blob once.
//!
//! Depends on `layer`, `tree`, `session`, `protocol` and `limits`.

mod needle;
mod scan;
#[cfg(test)]
mod tests;

pub use needle::{Needle, NeedleError};

use self::scan::{Place, Scan};
use crate::{
    image::{display_name, escape_path},
    layer::{BlobRange, ContentError, ContentStep, ContentVisitor, ContentWalk, NONE, RowKind},
    limits,
    protocol::{FileAt, Hit, LayerState, SearchEnd, SearchSpec},
    session::ImageState,
    tree::Tree,
};

/// What a [`Search`] needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchStep {
    /// These bytes of a layer's blob; none where the length is zero: provide an empty slice then.
    Read(BlobRange),
    /// Nothing: it came to its end.
    Done,
}

/// A search. Ask with [`Search::poll`], answer with [`Search::provide`].
///
/// Places are given before the content that they are in is held against its fingerprint; an error says that it is not
/// what was verified, and then they are to be dropped.
#[derive(Debug)]
pub struct Search {
    needle: Needle,
    files: Vec<File>,
    next: usize,
    walk: Option<(u32, ContentWalk)>,
    scan: Scan,
    /// Places of the file that is being searched.
    of_file: usize,
    end: SearchEnd,
    given: usize,
    total: u64,
}

/// A content that is searched, and one path that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    layer: u32,
    row: u32,
    node: u32,
    /// The layer of the version.
    at: u32,
    visible: bool,
}

impl Search {
    /// A search in the files of verified layers, each content once however many names it has.
    ///
    /// # Errors
    /// [`NeedleError`] when there is nothing to look for.
    pub fn new(state: &ImageState, tree: &Tree, spec: &SearchSpec) -> Result<Self, NeedleError> {
        let needle = Needle::new(spec)?;
        let top = tree.layers().saturating_sub(1);
        let verified = |layer: u32| {
            state.layers().get(layer as usize).is_some_and(|layer| layer.state == Some(LayerState::Verified))
        };
        let mut files = Vec::new();
        for node in 1..tree.len() {
            let last = tree.at(node, top);
            for version in tree.versions(node).filter(|version| !version.gone && version.content.1 != NONE) {
                let visible = Some(version) == last;
                let is_file = tree.content_entry(&version).is_some_and(|e| e.kind == RowKind::File && e.size > 0);
                let (layer, row) = version.content;
                if is_file && (visible || spec.every_layer) && verified(layer) {
                    files.push(File { layer, row, node, at: version.layer, visible });
                }
            }
        }
        // The name that is visible, if one is, stands for all.
        files.sort_unstable_by_key(|file| (file.layer, file.row, !file.visible, file.node));
        files.dedup_by_key(|file| (file.layer, file.row));
        let end = SearchEnd::default();
        let total = files.iter().map(|file| tree.content_size((file.layer, file.row))).sum();
        Ok(Self { needle, files, next: 0, walk: None, scan: Scan::default(), of_file: 0, end, given: 0, total })
    }

    /// What is needed next.
    pub fn poll(&self) -> SearchStep {
        match &self.walk {
            _ if self.end.capped => SearchStep::Done,
            Some((layer, walk)) => match walk.poll() {
                ContentStep::Read { offset, length } => SearchStep::Read(BlobRange { layer: *layer, offset, length }),
                ContentStep::Done => SearchStep::Read(BlobRange { layer: *layer, offset: 0, length: 0 }),
            },
            None => match self.files.get(self.next) {
                Some(file) => SearchStep::Read(BlobRange { layer: file.layer, offset: 0, length: 0 }),
                None => SearchStep::Done,
            },
        }
    }

    /// Bytes of content searched, and in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.end.bytes, self.total)
    }

    /// How it came out so far.
    pub fn end(&self) -> SearchEnd {
        self.end
    }

    /// Takes the bytes that were asked for; what is found in them. Image and tree are those that it was made of.
    ///
    /// # Errors
    /// A [`ContentError`]; then the search is of no more use.
    pub fn provide(&mut self, state: &ImageState, tree: &Tree, bytes: &[u8]) -> Result<Vec<Hit>, ContentError> {
        let mut hits = Vec::new();
        match self.walk.take() {
            None => {
                let rest = self.files.get(self.next..).unwrap_or_default();
                let Some(first) = rest.first() else { return Ok(hits) };
                let rows = rest.iter().take_while(|file| file.layer == first.layer).map(|file| file.row).collect();
                self.walk = Some((first.layer, state.contents(first.layer, rows)?));
            }
            Some((layer, mut walk)) => {
                if walk.poll() != ContentStep::Done {
                    walk.provide(bytes, &mut Reading { search: self, tree, hits: &mut hits })?;
                    self.walk = Some((layer, walk));
                }
            }
        }
        Ok(hits)
    }
}

/// Looks through contents as they come.
struct Reading<'a> {
    search: &'a mut Search,
    tree: &'a Tree,
    hits: &'a mut Vec<Hit>,
}

impl Reading<'_> {
    fn push(&mut self, bytes: &[u8], last: bool) {
        let Search { needle, files, next, scan, of_file, end, given, .. } = &mut *self.search;
        let Some(file) = files.get(*next).filter(|_| !end.capped) else { return };
        scan.push(needle, bytes, last, &mut |place| {
            if end.capped {
                return;
            }
            end.places += 1;
            *of_file += 1;
            if *of_file <= limits::SEARCH_HITS_OF_A_FILE {
                *given += 1;
                self.hits.push(hit(self.tree, file, needle.len(), &place));
            }
            end.capped = *given >= limits::SEARCH_HITS;
        });
    }
}

fn hit(tree: &Tree, file: &File, length: usize, place: &Place) -> Hit {
    Hit {
        file: FileAt { node: file.node, layer: file.at },
        path: escape_path(&tree.path(file.node)),
        visible: file.visible,
        offset: place.offset,
        length: length as u64,
        excerpt: [0, 1, 2].map(|part| place.excerpt.get(part).map(|bytes| display_name(bytes)).unwrap_or_default()),
    }
}

impl ContentVisitor for Reading<'_> {
    type Error = ContentError;

    fn begin(&mut self, _: u32) -> Result<(), ContentError> {
        self.search.scan = Scan::default();
        self.search.of_file = 0;
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), ContentError> {
        self.push(bytes, false);
        self.search.end.bytes += bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, _: u32) -> Result<(), ContentError> {
        self.push(&[], true);
        self.search.end.files += 1;
        self.search.next += 1;
        Ok(())
    }
}
