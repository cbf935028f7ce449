//! Downloads: files, folders and the whole file system as a tar, layers as they are and unpacked. They are put together
//! first, in storage of the browser; where it has none, the browser keeps the pieces. That they are saved is not told to
//! a page, but the browser opens them at once, and what it has open it reads to the end: so their name goes soon after.

use std::time::Duration;

use lagvis::{
    codec::{Compression, DecodeError, Decoder},
    export::{Export, ExportStep},
    image::Hasher,
    layer::{BlobRange, ContentError},
    opened::LayerSpec,
    problem::{Problem, ProblemKind},
    protocol::{Download, FileAt, FromSession, LayerState},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::platform::time::sleep;

use super::{
    content::{self, Found, Place},
    tasks::{Running, Stop},
};
use crate::{
    browser::{
        download::{Parts, revoke, url_of},
        file,
    },
    kept::{self, BlobWriter},
};

/// Bytes of a blob that are read at a time.
const CHUNK: u64 = 1 << 20;
/// For so long a file keeps its name after it was handed over.
const KEPT: Duration = Duration::from_secs(60);

/// A file to be saved.
struct Made {
    name: String,
    url: String,
    /// The scratch file that it lies in.
    scratch: Option<String>,
}

/// Makes a file and offers it to the page.
pub(super) async fn make(running: &Running, download: Download) -> Result<(), Stop> {
    let made = match download {
        Download::File(file) => single(running, file).await?,
        Download::Folder { node, upto } => folder(running, node, upto).await?,
        Download::Blob { layer } => blob(running, layer).await?,
        Download::LayerTar { layer } => layer_tar(running, layer).await?,
    };
    let Made { name, url, scratch } = made;
    running.session.borrow().send(&FromSession::Saved { name, url: url.clone() });
    spawn_local(async move {
        sleep(KEPT).await;
        revoke(&url);
        if let Some(scratch) = scratch {
            kept::forget(&scratch).await;
        }
    });
    Ok(())
}

/// A file being written, and bytes that wait for it.
enum Target {
    Stored(BlobWriter),
    Pieces(Parts),
}

impl Target {
    async fn new() -> Self {
        match BlobWriter::scratch().await {
            Ok(file) => Self::Stored(file),
            Err(_) => Self::Pieces(Parts::default()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        match self {
            Self::Stored(file) => file.write(bytes).map_err(|error| no_room(&error)),
            Self::Pieces(parts) => {
                parts.push(bytes);
                Ok(())
            }
        }
    }

    /// What was written under a URL, or nothing of it.
    async fn end(self, name: String, outcome: Result<(), Stop>) -> Result<Made, Stop> {
        match (self, outcome) {
            (Self::Stored(file), Ok(())) => {
                let scratch = Some(file.name().to_owned());
                let file = file.into_file().await.map_err(|error| no_room(&error))?;
                let url = url_of(&file).map_err(|error| no_room(&error))?;
                Ok(Made { name, url, scratch })
            }
            (Self::Pieces(parts), Ok(())) => {
                let url = parts.url().map_err(|error| no_room(&error))?;
                Ok(Made { name, url, scratch: None })
            }
            (Self::Stored(file), Err(stop)) => {
                file.discard().await;
                Err(stop)
            }
            (Self::Pieces(_), Err(stop)) => Err(stop),
        }
    }
}

fn no_room(error: &JsValue) -> Problem {
    Problem::new(ProblemKind::StorageFull, "the download", file::describe(error))
}

/// What may go wrong inside a step.
enum Wrong {
    Content(ContentError),
    Write(Problem),
}

impl From<ContentError> for Wrong {
    fn from(error: ContentError) -> Self {
        Self::Content(error)
    }
}

impl From<DecodeError> for Wrong {
    fn from(error: DecodeError) -> Self {
        Self::Content(error.into())
    }
}

impl Wrong {
    fn problem(self, place: &str) -> Problem {
        match self {
            Self::Write(problem) => problem,
            Self::Content(error @ ContentError::Unverified { .. }) => {
                Problem::new(ProblemKind::LayerInvalid, place, error.to_string())
            }
            Self::Content(error) => Problem::new(ProblemKind::FileChanged, place, error.to_string()),
        }
    }
}

async fn single(running: &Running, at: FileAt) -> Result<Made, Stop> {
    let found = content::find(&running.session, at)?;
    let mut target = Target::new().await;
    let outcome = write_file(running, &found, &mut target).await;
    target.end(found.name, outcome).await
}

async fn write_file(running: &Running, found: &Found, target: &mut Target) -> Result<(), Stop> {
    let mut reader = content::open(&running.session, found, None)?;
    let place = content::place(&running.session, found).await?;
    let (mut done, mut failed) = (0, None);
    while content::advance(&place, found, &mut reader, &mut |bytes| {
        done += bytes.len() as u64;
        failed = failed.take().or_else(|| target.write(bytes).err());
    })
    .await?
    {
        if let Some(problem) = failed {
            return Err(problem.into());
        }
        running.step((done, found.size))?;
    }
    Ok(())
}

async fn folder(running: &Running, node: u32, upto: Option<u32>) -> Result<Made, Stop> {
    let none = || Problem::new(ProblemKind::ReadFailed, "the download", "no image is open");
    let (export, name) = {
        let session = running.session.borrow();
        let (Some(image), Some(tree)) = (&session.image, session.tree.tree()) else { return Err(none().into()) };
        let name = if node == 0 { "rootfs".to_owned() } else { content::file_name(tree.name(node)) };
        let export = Export::new(image, tree, node, upto.unwrap_or(u32::MAX));
        (export.map_err(|error| Wrong::from(error).problem(&name))?, format!("{name}.tar"))
    };
    let mut target = Target::new().await;
    let outcome = write_tree(running, export, &name, &mut target).await;
    target.end(name, outcome).await
}

async fn write_tree(running: &Running, mut export: Export, name: &str, target: &mut Target) -> Result<(), Stop> {
    let mut place: Option<(u32, Place)> = None;
    loop {
        let bytes = match export.poll() {
            ExportStep::Done => return Ok(()),
            ExportStep::Write => Vec::new(),
            ExportStep::Read(BlobRange { layer, offset, length }) => {
                content::blob_bytes(&running.session, &mut place, layer, offset, length).await?
            }
        };
        running.step(export.progress())?;
        let session = running.session.borrow();
        let (Some(image), Some(tree)) = (&session.image, session.tree.tree()) else { return Err(Stop::Cancelled) };
        let mut sink = |bytes: &[u8]| target.write(bytes).map_err(Wrong::Write);
        export.provide(image, tree, &bytes, &mut sink).map_err(|wrong| wrong.problem(name))?;
    }
}

/// A verified layer: what is stated of it, how it is packed, its blob's bytes.
fn layer(running: &Running, index: u32) -> Result<(LayerSpec, Compression, u64), Problem> {
    let session = running.session.borrow();
    let image = session.image.as_ref();
    let layer = image.and_then(|image| image.layers().get(index as usize));
    let layer = layer.filter(|layer| layer.state == Some(LayerState::Verified));
    let parts = layer.and_then(|layer| {
        let spec = image?.image().layers.get(index as usize)?.clone();
        let access = layer.access.as_ref()?;
        Some((spec, access.compression(), access.stream_bytes()))
    });
    parts.ok_or_else(|| Wrong::from(ContentError::Unverified { layer: index }).problem(&format!("layer {index}")))
}

/// The blob where it lies: nothing is copied, and the browser refuses a file that changed since it was chosen.
async fn blob(running: &Running, index: u32) -> Result<Made, Stop> {
    let (spec, compression, length) = layer(running, index)?;
    let end = match compression {
        Compression::None => "tar",
        Compression::Gzip => "tar.gz",
        Compression::Zstd => "tar.zst",
    };
    let place = content::layer_place(&running.session, index).await?;
    let slice = place.slice(0, length)?;
    let url = url_of(&slice).map_err(|error| no_room(&error))?;
    Ok(Made { name: name_of(&spec, index, end), url, scratch: None })
}

async fn layer_tar(running: &Running, index: u32) -> Result<Made, Stop> {
    let (spec, compression, length) = layer(running, index)?;
    let name = name_of(&spec, index, "tar");
    if compression == Compression::None {
        return blob(running, index).await;
    }
    let place = content::layer_place(&running.session, index).await?;
    let mut target = Target::new().await;
    let outcome = unpack(running, &spec, (compression, length), &place, &mut target).await;
    target.end(name, outcome).await
}

/// Unpacks a blob, and holds it against the diffID once more.
async fn unpack(
    running: &Running,
    spec: &LayerSpec,
    (compression, length): (Compression, u64),
    place: &Place,
    target: &mut Target,
) -> Result<(), Stop> {
    let mut decoder = Decoder::new(compression);
    let mut hasher = spec.diff_id.as_ref().and_then(lagvis::image::Digest::hasher).unwrap_or_else(Hasher::sha256);
    let mut at = 0;
    while at < length {
        let bytes = place.read(at, CHUNK.min(length - at)).await?;
        at += bytes.len() as u64;
        let mut sink = |plain: &[u8]| {
            hasher.update(plain);
            target.write(plain).map_err(Wrong::Write)
        };
        decoder.push(&bytes, &mut sink).map_err(|wrong| wrong.problem(&spec.subject))?;
        running.step((at, length))?;
    }
    if spec.diff_id.as_ref().is_some_and(|expected| *expected != hasher.finish()) {
        return Err(Wrong::from(ContentError::Changed).problem(&spec.subject).into());
    }
    Ok(())
}

/// `layer-3-0123456789ab.tar.gz`
fn name_of(spec: &LayerSpec, index: u32, end: &str) -> String {
    let id = spec.digest.as_ref().or(spec.diff_id.as_ref()).map(|digest| format!("-{}", digest.short()));
    format!("layer-{index}{}.{end}", id.unwrap_or_default())
}
