//! `--cat`: the bytes of one file of the image, out of a layer that is verified.
//!
//! Nothing is printed before all of it is known to be right. What comes from a file was verified when the layers were
//! read, and is held against its fingerprint now. A layer of a registry is fetched and verified once more, since it was
//! not kept.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write},
};

use lagvis::{
    image::unescape_path,
    layer::{ContentError, ContentReader, ContentStep},
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
    protocol::LayerState,
    session::ImageState,
    tree::Tree,
    verify::{CheckKind, CheckState, Verifier},
};

use super::{args::InspectArgs, source::Opened, spool::Spool};

/// Content up to this size waits in memory until it is checked; what is larger, in a temporary file.
const HELD: usize = 8 << 20;

/// Prints the file that the arguments name.
pub(super) fn print(args: &InspectArgs, opened: &Opened, state: &ImageState, tree: &Tree) -> Result<(), Problem> {
    let text = args.cat.as_deref().unwrap_or_default();
    let unknown = |detail: String| Problem::new(ProblemKind::ImageUnknown, text, detail);
    let path = unescape_path(text).ok_or_else(|| unknown(r"a backslash in it is neither \\ nor \xNN".to_owned()))?;
    let upto = upto(args, state)?;
    let file = tree.follow(&path, upto).map_err(|why| unknown(format!("{why}{}", left_out(state, upto))))?;
    let reader = state.content(file, None).map_err(|why| unknown(why.to_string()))?;
    let index = file.0;
    let spec = state.image().layers.get(index as usize).ok_or_else(|| unknown("its layer is not there".to_owned()))?;
    let (blob, offset, _spool) = blob(opened, index, spec)?;
    let place = || format!("{text}, layer {index}");
    let mut held = Held::default();
    read(reader, blob, offset, &mut held).map_err(|why| why.problem(place()))?;
    held.print().map_err(|error| Problem::new(ProblemKind::ReadFailed, "standard output", error.to_string()))
}

/// The layer as of which the file is looked for.
fn upto(args: &InspectArgs, state: &ImageState) -> Result<u32, Problem> {
    let layers = state.layers();
    let last = u32::try_from(layers.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let Some(index) = args.layer else { return Ok(last) };
    let place = format!("layer {index}");
    let Some(layer) = layers.get(index as usize) else {
        let detail = match layers.len() {
            0 => "the image has no layers".to_owned(),
            _ => format!("there is no such layer: the image has 0 to {last}"),
        };
        return Err(Problem::new(ProblemKind::ImageUnknown, place, detail));
    };
    match (layer.state, &layer.problem) {
        (Some(LayerState::Verified), None) => Ok(index),
        (_, Some(problem)) => Err(Problem::new(problem.kind, place, problem.detail.clone())),
        _ => Err(Problem::new(ProblemKind::LayerInvalid, place, ContentError::Unverified { layer: index }.to_string())),
    }
}

/// Says which layers are missing in the tree: the path may be in one of them.
pub(super) fn left_out(state: &ImageState, upto: u32) -> String {
    let layers = state.layers().iter().zip(0..=upto);
    let failed: Vec<String> =
        layers.filter(|(layer, _)| layer.table.is_none()).map(|(_, index)| index.to_string()).collect();
    if failed.is_empty() { String::new() } else { format!(" (layers left out, as they failed: {})", failed.join(", ")) }
}

/// The layer's blob: a file, and where in it the blob begins.
pub(super) fn blob(opened: &Opened, index: u32, spec: &LayerSpec) -> Result<(File, u64, Option<Spool>), Problem> {
    let failed = |error: io::Error| Problem::new(ProblemKind::ReadFailed, format!("layer {index}"), error.to_string());
    if let Place::File { file, offset, .. } = &spec.place {
        let path = opened.files.get(*file as usize).cloned().unwrap_or_default();
        return Ok((File::open(path).map_err(failed)?, *offset, None));
    }
    let (spool, mut file) = Spool::create("layer").map_err(failed)?;
    fetch(opened, index, spec, &mut file)?;
    Ok((file, 0, Some(spool)))
}

/// Fetches a blob into a file, and verifies it on the way.
fn fetch(opened: &Opened, index: u32, spec: &LayerSpec, file: &mut File) -> Result<(), Problem> {
    let problem = |kind, detail: String| Problem::new(kind, format!("layer {index} ({})", spec.subject), detail);
    let (Some(source), Some(digest)) = (&opened.registry, &spec.digest) else {
        return Err(problem(ProblemKind::RegistryError, "it is not known where to fetch it from".to_owned()));
    };
    let mut verifier = Verifier::new(CheckKind::Blob, spec.subject.clone(), spec.digest.clone(), spec.size);
    let place = format!("layer {index} ({})", spec.subject);
    source.blob(digest, spec.size, &place, |chunk| {
        verifier.update(chunk);
        file.write_all(chunk).map_err(|error| problem(ProblemKind::ReadFailed, error.to_string()))
    })?;
    let (check, _) = verifier.finish();
    if check.state == CheckState::Verified {
        return Ok(());
    }
    let actual = check.actual.as_deref().unwrap_or("not computed");
    Err(problem(ProblemKind::LayerMismatch, format!("expected {}, actual {actual}", check.expected)))
}

/// Why the content could not be read.
pub(super) enum Failure {
    Content(ContentError),
    Io(io::Error),
}

impl From<ContentError> for Failure {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Failure {
    pub(super) fn problem(self, place: String) -> Problem {
        match self {
            // The layer was verified a moment ago.
            Self::Content(error) => Problem::new(ProblemKind::FileChanged, place, error.to_string()),
            Self::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Problem::new(ProblemKind::FileChanged, place, "the file is shorter than it was")
            }
            Self::Io(error) => Problem::new(ProblemKind::ReadFailed, place, error.to_string()),
        }
    }
}

/// Drives the reader with a blob that begins at `start` of a file.
fn read(mut reader: ContentReader, mut blob: File, start: u64, held: &mut Held) -> Result<(), Failure> {
    let mut buffer = Vec::new();
    while let ContentStep::Read { offset, length } = reader.poll() {
        buffer.resize(usize::try_from(length).unwrap_or_default(), 0);
        blob.seek(SeekFrom::Start(start + offset))?;
        blob.read_exact(&mut buffer)?;
        reader.provide(&buffer, &mut |bytes| held.take(bytes).map_err(Failure::Io))?;
    }
    Ok(())
}

/// Content that waits to be printed until it is checked.
#[derive(Default)]
struct Held {
    memory: Vec<u8>,
    file: Option<(Spool, File)>,
}

impl Held {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.memory.len() + bytes.len() > HELD {
            let file = match &mut self.file {
                Some((_, file)) => file,
                None => &mut self.file.insert(Spool::create("content")?).1,
            };
            file.write_all(&self.memory)?;
            self.memory.clear();
        }
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    fn print(mut self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if let Some((_, file)) = &mut self.file {
            file.rewind()?;
            io::copy(file, &mut out)?;
        }
        out.write_all(&self.memory)?;
        out.flush()
    }
}
