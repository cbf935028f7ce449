//! Content of files, out of verified layers: read where the blob lies, entered near the file.

use std::rc::Rc;

use lagvis::{
    file::{Examiner, Step, Summary},
    layer::{ContentError, ContentReader, ContentStep},
    opened,
    problem::{Problem, ProblemKind},
    protocol::{Bytes, Content, Examined, FileAt, FromSession},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::Shared;
use crate::{browser::file, kept};

/// Sends a range of a file to the page.
pub(super) fn show(session: &Shared, at: FileAt, start: u64, length: u32) {
    look(session, at);
    let session = Rc::clone(session);
    spawn_local(async move {
        let mut content = Content { file: at, from: at.layer, start, total: 0, bytes: Bytes::default(), problem: None };
        let outcome = async {
            let found = find(&session, at)?;
            (content.from, content.total) = (found.layer, found.size);
            let end = start.saturating_add(u64::from(length)).min(found.size);
            let reader = open(&session, &found, Some(start.min(end)..end))?;
            read(&session, at, &found, reader, &mut |bytes| content.bytes.0.extend_from_slice(bytes)).await
        };
        if let Err(problem) = outcome.await {
            content.bytes = Bytes::default();
            content.problem = Some(problem);
        }
        if !is_looked_at(&session, at) {
            return;
        }
        session.borrow().send(&FromSession::Content(Box::new(content)));
    });
}

/// Tells the page what a file is.
pub(super) fn examine(session: &Shared, at: FileAt) {
    look(session, at);
    let session = Rc::clone(session);
    spawn_local(async move {
        let outcome = examined(&session, at).await;
        if !is_looked_at(&session, at) {
            return;
        }
        session.borrow().send(&FromSession::Examined(Box::new(Examined { file: at, outcome })));
    });
}

/// Another file is looked at: what is read of the one before is not wanted any more.
fn look(session: &Shared, at: FileAt) {
    session.borrow_mut().looked_at = Some(at);
}

fn is_looked_at(session: &Shared, at: FileAt) -> bool {
    session.borrow().looked_at == Some(at)
}

async fn examined(session: &Shared, at: FileAt) -> Result<Summary, Problem> {
    let found = find(session, at)?;
    let mut examiner = Examiner::new(&found.path, found.size);
    loop {
        match examiner.poll() {
            Step::Done(summary) => return Ok(*summary),
            Step::Read { offset, length } => {
                let end = offset.saturating_add(length).min(found.size);
                let reader = open(session, &found, Some(offset.min(end)..end))?;
                let mut bytes = Vec::new();
                read(session, at, &found, reader, &mut |piece| bytes.extend_from_slice(piece)).await?;
                examiner.provide(bytes);
            }
        }
    }
}

/// A file of the tree, and where its content lies.
pub(super) struct Found {
    pub(super) name: String,
    path: Vec<u8>,
    layer: u32,
    row: u32,
    pub(super) size: u64,
}

/// Where a layer's blob lies: a file, and the blob's first byte in it.
pub(super) struct Place(File, u64);

impl Place {
    /// Bytes of the blob.
    pub(super) async fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>, Problem> {
        if length == 0 {
            return Ok(Vec::new());
        }
        Ok(file::read(&self.0, self.1 + offset, length)?.bytes().await?.to_vec())
    }

    /// A part of the blob, unread.
    pub(super) fn slice(&self, offset: u64, length: u64) -> Result<web_sys::Blob, Problem> {
        file::slice(&self.0, self.1 + offset, length)
    }
}

pub(super) fn find(session: &Shared, at: FileAt) -> Result<Found, Problem> {
    let session = session.borrow();
    let gone = || Problem::new(ProblemKind::ReadFailed, "the file", "it is not in this layer's tree");
    let tree = session.tree.tree().ok_or_else(gone)?;
    let version = tree.at(at.node, at.layer).ok_or_else(gone)?;
    let name = file_name(tree.name(at.node));
    let (layer, row) = version.content;
    Ok(Found { name, path: tree.path(at.node), layer, row, size: tree.size(&version) })
}

pub(super) fn open(
    session: &Shared,
    found: &Found,
    range: Option<std::ops::Range<u64>>,
) -> Result<ContentReader, Problem> {
    let session = session.borrow();
    let image = session.image.as_ref();
    let image = image.ok_or_else(|| Problem::new(ProblemKind::ReadFailed, &found.name, "no image is open"))?;
    image.content((found.layer, found.row), range).map_err(|error| problem(found, &error))
}

/// Drives the reader over the layer's blob, as long as the file is looked at.
async fn read(
    session: &Shared,
    at: FileAt,
    found: &Found,
    mut reader: ContentReader,
    take: &mut impl FnMut(&[u8]),
) -> Result<(), Problem> {
    let place = place(session, found).await?;
    while is_looked_at(session, at) && advance(&place, found, &mut reader, take).await? {}
    Ok(())
}

/// Gives the reader what it needs next; false at the end.
pub(super) async fn advance(
    place: &Place,
    found: &Found,
    reader: &mut ContentReader,
    take: &mut impl FnMut(&[u8]),
) -> Result<bool, Problem> {
    let ContentStep::Read { offset, length } = reader.poll() else { return Ok(false) };
    let bytes = place.read(offset, length).await?;
    let mut sink = |bytes: &[u8]| -> Result<(), ContentError> {
        take(bytes);
        Ok(())
    };
    reader.provide(&bytes, &mut sink).map_err(|error| problem(found, &error))?;
    Ok(true)
}

/// Bytes of a layer's blob; `place` keeps where that of the last layer lies.
pub(super) async fn blob_bytes(
    session: &Shared,
    place: &mut Option<(u32, Place)>,
    layer: u32,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, Problem> {
    if length == 0 {
        return Ok(Vec::new());
    }
    if place.as_ref().is_none_or(|(of, _)| *of != layer) {
        *place = Some((layer, layer_place(session, layer).await?));
    }
    match place {
        Some((_, place)) => place.read(offset, length).await,
        None => Ok(Vec::new()),
    }
}

/// A name that is safe to be one of a saved file.
pub(super) fn file_name(name: &[u8]) -> String {
    let safe = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    String::from_utf8_lossy(name).chars().map(safe).collect()
}

/// Where the blob of a file's layer lies.
pub(super) async fn place(session: &Shared, found: &Found) -> Result<Place, Problem> {
    layer_place(session, found.layer).await
}

/// Where a layer's blob lies.
pub(super) async fn layer_place(session: &Shared, layer: u32) -> Result<Place, Problem> {
    let missing = |detail: &str| Problem::new(ProblemKind::ReadFailed, format!("layer {layer}"), detail);
    let spec = {
        let session = session.borrow();
        session.image.as_ref().and_then(|image| image.image().layers.get(layer as usize)).cloned()
    };
    let spec = spec.ok_or_else(|| missing("there is no such layer"))?;
    match (&spec.place, &spec.digest) {
        (opened::Place::File { file, offset, .. }, _) => {
            let source = session.borrow().files.get(*file as usize).cloned();
            Ok(Place(source.ok_or_else(|| missing("its file is not here"))?, *offset))
        }
        (opened::Place::Blob, Some(digest)) => {
            let kept = kept::blob(digest).await;
            Ok(Place(kept.map_err(|_| missing("this browser kept no copy of it: open the image again"))?, 0))
        }
        _ => Err(missing("its bytes are not here")),
    }
}

fn problem(found: &Found, error: &ContentError) -> Problem {
    let kind = match error {
        ContentError::Unverified { .. } => ProblemKind::LayerInvalid,
        ContentError::Changed | ContentError::Truncated { .. } => ProblemKind::FileChanged,
        _ => ProblemKind::ReadFailed,
    };
    Problem::new(kind, &found.name, error.to_string())
}
