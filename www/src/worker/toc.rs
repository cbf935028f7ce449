//! Fetches a layer's table of contents by ranges of its blob.

use lagvis::{
    layer::{TableParts, TocReader, TocStep},
    problem::Problem,
    protocol::{FromLayer, LayerJob, LayerProgress, LayerState, Waiting},
    registry::{Exchange, Next, part_of, part_request},
};

use super::asking::{milliseconds, moment, whole};
use crate::browser::{clock, timer};

/// The table of a layer; none where it cannot be had by ranges, and the layer is read as any other, which tells why.
///
/// # Errors
/// Why there is a table that is not used.
pub(super) async fn table(job: &LayerJob, tell: impl Fn(FromLayer)) -> Result<Option<TableParts>, Problem> {
    let (Some(toc), Some(size)) = (job.spec.toc.clone(), job.spec.size) else { return Ok(None) };
    let place = format!("layer {} ({})", job.index, job.spec.subject);
    let mut reader = TocReader::new(toc, size).map_err(|error| error.problem(&place))?;
    while let TocStep::Read { offset, length } = reader.poll() {
        let Some(bytes) = part(job, offset, length, &tell).await else { return Ok(None) };
        reader.provide(bytes).map_err(|error| error.problem(&place))?;
    }
    Ok(reader.finish().map(|toc| toc.into_table()))
}

/// Bytes of the layer's blob.
async fn part(job: &LayerJob, offset: u64, length: u64, tell: &impl Fn(FromLayer)) -> Option<Vec<u8>> {
    let (fetch, digest) = (job.fetch.as_ref()?, job.spec.digest.as_ref()?);
    let mut access = fetch.access.clone();
    let mut exchange = Exchange::new(part_request(&access, digest, offset, length));
    loop {
        match exchange.poll(&access) {
            Next::Send(request) => {
                let log = |request| tell(FromLayer::Requested(request));
                let response = whole(&access, &request, milliseconds(fetch.patience), log).await;
                exchange.provide(&mut access, response, moment()).ok()?;
            }
            Next::Wait(waiting) => {
                let time = waiting.until.saturating_sub(clock::today());
                tell(waits(job, Some(waiting)));
                timer::sleep(time).await;
                tell(waits(job, None));
                exchange.waited();
            }
            Next::Done => {
                let response = exchange.answer()?.ok()?;
                return part_of(&access, response, offset, length).ok()?;
            }
        }
    }
}

/// What is waited for before the next bytes are asked for.
fn waits(job: &LayerJob, waiting: Option<Waiting>) -> FromLayer {
    let progress = LayerProgress::under_way(job.index, LayerState::Waiting, 0, job.spec.size);
    FromLayer::Progress(LayerProgress { waiting, ..progress })
}
