//! `--export`: the merged root file system as a tar, out of layers that are verified.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use lagvis::{
    export::{Export, ExportStep},
    layer::{BlobRange, ROOT},
    problem::{Problem, ProblemKind},
    session::ImageState,
    tree::Tree,
};

use super::{
    cat::{Failure, blob},
    source::Opened,
    spool::Spool,
};

/// Writes the tar. A file that could not be completed is removed.
pub(super) fn write(target: &Path, opened: &Opened, state: &ImageState, tree: &Tree) -> Result<(), Problem> {
    let failed =
        |error: &io::Error| Problem::new(ProblemKind::ReadFailed, target.display().to_string(), error.to_string());
    let place = || opened.name.clone();
    let export = Export::new(state, tree, ROOT, u32::MAX)
        .map_err(|error| Problem::new(ProblemKind::LayerInvalid, place(), error.to_string()))?;
    let file = File::create(target).map_err(|error| failed(&error))?;
    let outcome = copy(export, opened, state, tree, file);
    if outcome.is_err() {
        _ = fs::remove_file(target);
    }
    outcome.map_err(|why| match why {
        Stop::Problem(problem) => problem,
        Stop::Failure(why) => why.problem(place()),
        Stop::Write(error) => failed(&error),
    })
}

/// Why it ended early.
enum Stop {
    Problem(Problem),
    Failure(Failure),
    Write(io::Error),
}

impl<T: Into<Failure>> From<T> for Stop {
    fn from(why: T) -> Self {
        Self::Failure(why.into())
    }
}

fn copy(mut export: Export, opened: &Opened, state: &ImageState, tree: &Tree, file: File) -> Result<(), Stop> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut blobs: HashMap<u32, (File, u64, Option<Spool>)> = HashMap::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match export.poll() {
            ExportStep::Done => break,
            ExportStep::Write => {}
            ExportStep::Read(BlobRange { layer, offset, length }) => {
                if !blobs.contains_key(&layer) {
                    let spec =
                        state.image().layers.get(layer as usize).ok_or_else(|| io::Error::other("no such layer"))?;
                    // One layer after the other: those before are not needed any more.
                    blobs.clear();
                    blobs.insert(layer, blob(opened, layer, spec).map_err(Stop::Problem)?);
                }
                if let Some((file, start, _)) = blobs.get_mut(&layer) {
                    buffer.resize(usize::try_from(length).unwrap_or_default(), 0);
                    file.seek(SeekFrom::Start(*start + offset))?;
                    file.read_exact(&mut buffer)?;
                }
            }
        }
        export.provide(state, tree, &buffer, &mut |bytes| out.write_all(bytes).map_err(Stop::Write))?;
    }
    out.flush().map_err(Stop::Write)
}
