//! Opens a dropped archive or folder.

use lagvis::{
    archive::{Archive, Step},
    codec::{Sniffed, sniff},
    image::Digest,
    opened::{OpenedImage, Place},
    problem::{Problem, ProblemKind},
    protocol::{FromSession, ImageChoice},
};

use web_sys::File;

use super::{Shared, begin, choice::Choice, unpack::unwrap};
use crate::browser::{clock, file};

/// Milliseconds between two reports.
const PACE: f64 = 80.0;
/// Smaller images are verified about as soon as they are outlined.
const OUTLINE_BYTES: u64 = 32 << 20;

/// Reads members and documents, lets the person choose among several images, and begins with one.
pub(super) async fn open(
    session: &Shared,
    name: String,
    paths: Option<Vec<String>>,
    expected: Option<Digest>,
) -> Result<(), Problem> {
    let mut problems = Vec::new();
    let first = session.borrow().files.first().cloned();
    if let (None, Some(first)) = (&paths, first) {
        let (archive, problem) = unwrap(session, first).await?;
        problems.extend(problem);
        session.borrow_mut().files = vec![archive];
    }
    let files = session.borrow().files.clone();
    let mut archive = match (&paths, files.first()) {
        (Some(paths), _) => {
            let sizes = files.iter().map(file::size);
            Archive::folder(&name, &paths.iter().cloned().zip(sizes).collect::<Vec<_>>())?
        }
        (None, Some(first)) => Archive::tar(&name, file::size(first)),
        (None, None) => return Err(Problem::new(ProblemKind::ReadFailed, name, "no file came along")),
    };
    let mut last = clock::now();
    while let Step::Read(request) = archive.poll() {
        let Some(source) = files.get(request.file as usize) else {
            return Err(Problem::new(ProblemKind::ReadFailed, name, "a file of the folder did not come along"));
        };
        let bytes = if request.length == 0 {
            Vec::new()
        } else {
            file::read(source, request.offset, request.length)?.bytes().await?.to_vec()
        };
        archive.provide(&bytes)?;
        if clock::now() - last > PACE {
            last = clock::now();
            let (done, total) = archive.progress();
            let text = "Reading the archive's members".to_owned();
            session.borrow().send(&FromSession::Stage { text, done, total: Some(total) });
        }
    }
    problems.extend_from_slice(archive.problems());
    for problem in &problems {
        session.borrow().fail(problem.clone());
    }
    session.borrow_mut().problems = problems;
    let image = choose(session, archive.images(), expected.as_ref()).await?;
    let kind = archive.kind().ok_or_else(|| Problem::new(ProblemKind::NotAnImage, &name, "it holds no image"))?;
    let mut image = image;
    image.warnings.extend(archive.warnings().iter().cloned());
    session.borrow_mut().source = Some((kind, name));
    for check in &image.checks {
        session.borrow().send(&FromSession::Checked(check.clone()));
    }
    let outline = is_worth_an_outline(&image, &files).await;
    begin(session, image, None, outline, Vec::new());
    Ok(())
}

/// Layers that are all plain and large have an outline long before they are hashed. Packed ones have none without
/// being unpacked, which is most of the work.
async fn is_worth_an_outline(image: &OpenedImage, files: &[File]) -> bool {
    let mut bytes = 0;
    for layer in &image.layers {
        let Place::File { file: number, offset, length } = &layer.place else { continue };
        let Some(source) = files.get(*number as usize) else { return false };
        let Ok(slice) = file::read(source, *offset, (*length).min(8)) else { return false };
        let Ok(head) = slice.bytes().await else { return false };
        if sniff(&head.to_vec()) != Sniffed::Plain {
            return false;
        }
        bytes += length;
    }
    bytes >= OUTLINE_BYTES
}

/// The image that a link asks for, the only one that is present, or the one that the person chooses.
async fn choose(session: &Shared, images: &[OpenedImage], expected: Option<&Digest>) -> Result<OpenedImage, Problem> {
    if let Some(expected) = expected {
        let is_it = |image: &&OpenedImage| image.image_id.as_ref() == Some(expected);
        return images.iter().find(is_it).cloned().ok_or_else(|| {
            let found: Vec<String> = images.iter().filter_map(|i| i.image_id.as_ref()).map(Digest::to_string).collect();
            let detail = format!("the link is of the image {expected}, the file holds {}", found.join(", "));
            Problem::new(ProblemKind::ImageDiffers, "the dropped file", detail)
        });
    }
    let present = images.iter().filter(|image| !image.absent).count();
    let index = match images {
        [] => return Err(Problem::new(ProblemKind::NotAnImage, "the archive", "it lists no image")),
        [_] => 0,
        _ if present == 1 => images.iter().position(|image| !image.absent).unwrap_or(0),
        _ => {
            let answer = Choice::wait(session);
            session.borrow().send(&FromSession::Images(images.iter().map(offer).collect()));
            answer.await as usize
        }
    };
    let unknown = || Problem::new(ProblemKind::ImageUnknown, "the archive", format!("it has no image number {index}"));
    images.get(index).cloned().ok_or_else(unknown)
}

fn offer(image: &OpenedImage) -> ImageChoice {
    ImageChoice {
        names: image.names.clone(),
        image_id: image.image_id.clone(),
        platform: image.platform.clone(),
        layers: u32::try_from(image.layers.len()).unwrap_or(u32::MAX),
        present: !image.absent,
    }
}
