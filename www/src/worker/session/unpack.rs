//! A whole archive inside gzip or zstd has no random access: it is unpacked once, into storage of the browser.

use lagvis::{
    archive::{Unpacker, wrapping},
    codec::Compression,
    problem::{Problem, ProblemKind},
    protocol::FromSession,
};
use web_sys::File;

use super::Shared;
use crate::{
    browser::{clock, file},
    kept::BlobWriter,
};

/// Milliseconds between two reports.
const PACE: f64 = 80.0;

/// The archive itself: the file as it is, or what it unpacks to. What is wrong with the compression comes beside it.
pub(super) async fn unwrap(session: &Shared, source: File) -> Result<(File, Option<Problem>), Problem> {
    let size = file::size(&source);
    let head = file::read(&source, 0, size.min(8))?.bytes().await?.to_vec();
    let compression = wrapping(&head).map_err(|problem| Problem { place: source.name(), ..problem })?;
    if compression == Compression::None {
        return Ok((source, None));
    }
    let name = source.name();
    let no_room = |error: wasm_bindgen::JsValue| {
        let detail = format!(
            "the archive is compressed as a whole and has to be unpacked first, for which the browser has no room: {}",
            file::describe(&error)
        );
        Problem::new(ProblemKind::StorageFull, name.clone(), detail)
    };
    // Scratch files of pages that are gone make room.
    _ = crate::kept::sweep().await;
    let target = BlobWriter::scratch().await.map_err(no_room)?;
    let outcome = copy(session, &source, compression, &target, &no_room).await;
    match outcome {
        Ok(problem) => {
            let problem = problem.map(|problem| Problem { place: format!("{name}: {}", problem.place), ..problem });
            Ok((target.into_file().await.map_err(no_room)?, problem))
        }
        Err(problem) => {
            target.discard().await;
            Err(problem)
        }
    }
}

async fn copy(
    session: &Shared,
    source: &File,
    compression: Compression,
    target: &BlobWriter,
    no_room: &impl Fn(wasm_bindgen::JsValue) -> Problem,
) -> Result<Option<Problem>, Problem> {
    let total = file::size(source);
    let mut stream = file::stream(source, 0, total)?;
    let mut unpacker = Unpacker::new(compression);
    let mut last = f64::NEG_INFINITY;
    while let Some(bytes) = stream.next().await? {
        if !unpacker.push(&bytes.to_vec(), &mut |plain| target.write(plain).map_err(no_room))? {
            break;
        }
        if clock::now() - last > PACE {
            last = clock::now();
            let text = "Unpacking the archive".to_owned();
            session.borrow().send(&FromSession::Stage { text, done: unpacker.taken(), total: Some(total) });
        }
    }
    Ok(unpacker.finish())
}
