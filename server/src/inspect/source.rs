//! Opens what the arguments name: a file, a folder, a pipe, or a reference.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use lagvis::{
    archive::{Archive, Step, Unpacker, wrapping},
    codec::Compression,
    opened::{OpenedImage, SourceKind},
    problem::{Problem, ProblemKind},
};

use super::{InspectArgs, registry, spool::Spool};

const CHUNK: usize = 1 << 20;

/// An opened source.
pub(super) struct Opened {
    pub(super) kind: SourceKind,
    pub(super) name: String,
    pub(super) images: Vec<OpenedImage>,
    pub(super) problems: Vec<Problem>,
    /// Files that layers lie in.
    pub(super) files: Vec<PathBuf>,
    /// The registry that blobs come from.
    pub(super) registry: Option<registry::Source>,
    /// A spooled pipe, removed at the end.
    _spool: Option<Spool>,
}

/// Opens the source.
pub(super) fn open(args: &InspectArgs) -> Result<Opened, Problem> {
    if args.source == "-" {
        return pipe();
    }
    let path = Path::new(&args.source);
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => folder(path),
        Ok(_) => file(path, base_name(path), None),
        Err(error) if looks_like_path(&args.source) => Err(failed(path, &error)),
        Err(_) => registry::open(args),
    }
}

/// A reference never begins like this, nor ends like that.
fn looks_like_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~']) || text.ends_with(".tar") || text.ends_with(".tgz") || text.ends_with(".gz")
}

fn base_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn failed(path: &Path, error: &io::Error) -> Problem {
    Problem::new(ProblemKind::ReadFailed, path.display().to_string(), error.to_string())
}

fn file(path: &Path, name: String, spool: Option<Spool>) -> Result<Opened, Problem> {
    let mut source = File::open(path).map_err(|error| failed(path, &error))?;
    let mut head = Vec::new();
    (&mut source).take(8).read_to_end(&mut head).map_err(|error| failed(path, &error))?;
    let compression = wrapping(&head).map_err(|problem| Problem { place: name.clone(), ..problem })?;
    if compression == Compression::None {
        let size = source.metadata().map_err(|error| failed(path, &error))?.len();
        return opened(Archive::tar(name.clone(), size), name, vec![path.to_owned()], spool);
    }
    let (inner, problem) = unpack(path, &name, compression)?;
    let size = fs::metadata(inner.path()).map_err(|error| failed(inner.path(), &error))?.len();
    let files = vec![inner.path().to_owned()];
    match (opened(Archive::tar(name.clone(), size), name, files, Some(inner)), problem) {
        (Ok(mut opened), problem) => {
            opened.problems.splice(0..0, problem);
            Ok(opened)
        }
        // What is wrong with the compression explains what is wrong inside.
        (Err(error), problem) => Err(problem.unwrap_or(error)),
    }
}

/// A compressed archive has no random access: it is unpacked into a temporary file first.
fn unpack(path: &Path, name: &str, compression: Compression) -> Result<(Spool, Option<Problem>), Problem> {
    let (spool, mut target) = spool()?;
    let mut source = File::open(path).map_err(|error| failed(path, &error))?;
    let mut unpacker = Unpacker::new(compression);
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = source.read(&mut buffer).map_err(|error| failed(path, &error))?;
        let mut write = |plain: &[u8]| target.write_all(plain).map_err(|error| failed(spool.path(), &error));
        if read == 0 || !unpacker.push(buffer.get(..read).unwrap_or_default(), &mut write)? {
            break;
        }
    }
    let problem = unpacker.finish().map(|problem| Problem { place: format!("{name}: {}", problem.place), ..problem });
    Ok((spool, problem))
}

/// manifest.json may come last: a pipe is written to a temporary file first.
fn pipe() -> Result<Opened, Problem> {
    let (spool, mut target) = spool()?;
    let path = spool.path().to_owned();
    io::copy(&mut io::stdin().lock(), &mut target).map_err(|error| failed(&path, &error))?;
    file(&path, "-".to_owned(), Some(spool))
}

fn spool() -> Result<(Spool, File), Problem> {
    Spool::create("tar").map_err(|error| failed(&std::env::temp_dir(), &error))
}

fn folder(path: &Path) -> Result<Opened, Problem> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(below) = pending.pop() {
        let listing = fs::read_dir(path.join(&below)).map_err(|error| failed(&path.join(&below), &error))?;
        for entry in listing {
            let entry = entry.map_err(|error| failed(path, &error))?;
            let relative = below.join(entry.file_name());
            let facts = fs::metadata(entry.path()).map_err(|error| failed(&entry.path(), &error))?;
            if facts.is_dir() {
                pending.push(relative);
            } else {
                found.push((relative.to_string_lossy().into_owned(), facts.len()));
            }
        }
        if found.len() > lagvis::limits::ARCHIVE_MEMBERS {
            let detail = format!("it holds more than {} files", lagvis::limits::ARCHIVE_MEMBERS);
            return Err(Problem::new(ProblemKind::LimitExceeded, path.display().to_string(), detail));
        }
    }
    found.sort();
    let name = base_name(path);
    let files = found.iter().map(|(relative, _)| path.join(relative)).collect();
    opened(Archive::folder(name.clone(), &found)?, name, files, None)
}

fn opened(mut archive: Archive, name: String, files: Vec<PathBuf>, spool: Option<Spool>) -> Result<Opened, Problem> {
    while let Step::Read(request) = archive.poll() {
        let path = files.get(request.file as usize).cloned().unwrap_or_default();
        let mut bytes = vec![0; usize::try_from(request.length).unwrap_or(usize::MAX)];
        read_at(&path, request.offset, &mut bytes).map_err(|error| failed(&path, &error))?;
        archive.provide(&bytes)?;
    }
    let kind =
        archive.kind().ok_or_else(|| Problem::new(ProblemKind::NotAnImage, name.clone(), "it holds no image"))?;
    let mut images = archive.images().to_vec();
    for image in &mut images {
        image.warnings.extend(archive.warnings().iter().cloned());
    }
    let problems = archive.problems().to_vec();
    Ok(Opened { kind, name, images, problems, files, registry: None, _spool: spool })
}

/// Fills `bytes` from a file.
pub(super) fn read_at(path: &Path, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    use io::{Read as _, Seek as _};
    let mut file = File::open(path)?;
    file.seek(io::SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

impl Opened {
    /// An image of a registry.
    pub(super) fn of_registry(name: String, image: OpenedImage, source: registry::Source) -> Self {
        Self {
            kind: SourceKind::Registry,
            name,
            images: vec![image],
            problems: Vec::new(),
            files: Vec::new(),
            registry: Some(source),
            _spool: None,
        }
    }
}
