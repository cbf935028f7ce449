//! Reads an image's layers in parallel: one thread a core, one chunk in memory for each.

use std::{
    fs::File,
    io::{IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use lagvis::{
    layer::{LayerOutcome, LayerReader},
    limits::LayerLimits,
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
    session::{ImageState, LayerResult},
};

use super::source::Opened;

const CHUNK: usize = 1 << 20;

/// Reads every layer that is to be read, the largest first, and sets what it came to. With `access`, it is kept where
/// each can be entered again.
pub(super) fn read(opened: &Opened, state: &mut ImageState, access: bool, limits: LayerLimits) -> Result<(), Problem> {
    let queue = Mutex::new(state.to_read().into_iter());
    let specs = state.image().layers.clone();
    let share = |index| if access { state.access_share(index) } else { 0 };
    let results: Mutex<Vec<(u32, LayerOutcome)>> = Mutex::new(Vec::new());
    let done = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(specs.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(index) = next else { break };
                    let Some(spec) = specs.get(index as usize) else { break };
                    let reader = LayerReader::new(index, spec.clone()).keep_access(share(index)).limited(limits);
                    let outcome = layer(reader, opened, index, spec, &done);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, outcome));
                }
            });
        }
    });
    if std::io::stderr().is_terminal() {
        _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    for (index, outcome) in results.into_inner().unwrap_or_else(PoisonError::into_inner) {
        state.set(index, LayerResult::from(outcome));
    }
    Ok(())
}

fn layer(reader: LayerReader, opened: &Opened, index: u32, spec: &LayerSpec, done: &AtomicU64) -> LayerOutcome {
    match &spec.place {
        Place::File { file, offset, length } => {
            let path = opened.files.get(*file as usize).map(std::path::PathBuf::as_path).unwrap_or(Path::new(""));
            from_file(reader, path, *offset, *length, done)
        }
        _ => from_registry(reader, opened, index, spec, done),
    }
}

fn from_file(mut reader: LayerReader, path: &Path, offset: u64, length: u64, done: &AtomicU64) -> LayerOutcome {
    let mut buffer = vec![0; CHUNK];
    let mut left = length;
    let mut copy = || -> std::io::Result<()> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        while left > 0 {
            let wanted = CHUNK.min(usize::try_from(left).unwrap_or(CHUNK));
            let chunk = buffer.get_mut(..wanted).unwrap_or_default();
            file.read_exact(chunk)?;
            reader.push(chunk);
            left -= wanted as u64;
            progress(done, wanted);
        }
        Ok(())
    };
    match copy() {
        Ok(()) => reader.finish(),
        Err(error) => {
            let changed = error.kind() == std::io::ErrorKind::UnexpectedEof;
            let kind = if changed { ProblemKind::FileChanged } else { ProblemKind::ReadFailed };
            let place = format!("{}, byte {}", path.display(), offset + length - left);
            reader.abandon(Problem::new(kind, place, error.to_string()))
        }
    }
}

fn from_registry(
    mut reader: LayerReader,
    opened: &Opened,
    index: u32,
    spec: &LayerSpec,
    done: &AtomicU64,
) -> LayerOutcome {
    let place = format!("layer {index} ({})", spec.subject);
    let (Some(source), Some(digest)) = (&opened.registry, &spec.digest) else {
        return reader.abandon(Problem::new(
            ProblemKind::RegistryError,
            place,
            "it is not known where to fetch it from",
        ));
    };
    let fetched = source.blob(digest, spec.size, &place, |chunk| {
        reader.push(chunk);
        progress(done, chunk.len());
        Ok(())
    });
    match fetched {
        Ok(()) => reader.finish(),
        Err(problem) => reader.abandon(problem),
    }
}

/// Progress on a terminal, every 16 MiB.
fn progress(done: &AtomicU64, bytes: usize) {
    const EVERY: u64 = 16 << 20;
    let before = done.fetch_add(bytes as u64, Ordering::Relaxed);
    let now = before + bytes as u64;
    if before / EVERY != now / EVERY && std::io::stderr().is_terminal() {
        _ = write!(std::io::stderr(), "\r\x1b[Kverifying, {} MB", now / 1_000_000);
    }
}
