//! Members and documents → images. Run again from the start whenever a document arrived: documents are few and small,
//! and so each rule reads in one piece.

use super::{
    docker,
    documents::{Documents, Stop},
    legacy,
    members::Members,
    oci, rootfs,
};
use crate::{
    opened::{OpenedImage, SourceKind, Warning},
    problem::{Problem, ProblemKind},
};

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) kind: Option<SourceKind>,
    pub(super) images: Vec<OpenedImage>,
    pub(super) warnings: Vec<Warning>,
    pub(super) problems: Vec<Problem>,
}

/// How far it got.
pub(super) enum Progress {
    Needs(String),
    Done(Resolved),
}

/// Resolves as far as possible. `size` is the whole archive's.
pub(super) fn resolve(
    members: &Members,
    documents: &Documents,
    is_folder: bool,
    size: u64,
) -> Result<Progress, Problem> {
    match try_resolve(members, documents, is_folder, size) {
        Ok(mut resolved) => {
            for image in &mut resolved.images {
                image.layer_members = members.of_layers(&image.layers);
            }
            Ok(Progress::Done(resolved))
        }
        Err(Stop::Needs(name)) => Ok(Progress::Needs(name)),
        Err(Stop::Problem(problem)) => Err(problem),
    }
}

fn try_resolve(members: &Members, documents: &Documents, is_folder: bool, size: u64) -> Result<Resolved, Stop> {
    let mut problems = Vec::new();
    let mut docker = docker::images(members, documents, &mut problems)?;
    let oci = oci::images(members, documents, &mut problems)?;
    if docker.is_empty() && oci.is_empty() {
        let legacy = legacy::images(members, documents)?;
        if !legacy.is_empty() {
            return Ok(Resolved { kind: Some(SourceKind::DockerLegacy), images: legacy, ..Resolved::default() });
        }
        if !is_folder && let Some(image) = rootfs::image(members, size) {
            return Ok(Resolved { kind: Some(SourceKind::Rootfs), images: vec![image], ..Resolved::default() });
        }
        return Err(nothing(members).into());
    }
    let kind = match (docker.is_empty(), is_folder) {
        (false, _) => SourceKind::DockerArchive,
        (true, true) => SourceKind::OciLayout,
        (true, false) => SourceKind::OciArchive,
    };
    let mut warnings = Vec::new();
    join(&mut docker, oci, &mut warnings);
    // With nothing left to show, what is wrong is the answer.
    if docker.iter().all(|image| image.absent)
        && let Some(problem) = problems.first()
    {
        return Err(problem.clone().into());
    }
    Ok(Resolved { kind: Some(kind), images: docker, warnings, problems })
}

/// The images of manifest.json come first and are joined with what index.json says of the same image ID; then what
/// index.json lists besides.
fn join(docker: &mut Vec<OpenedImage>, oci: Vec<OpenedImage>, warnings: &mut Vec<Warning>) {
    let listed = docker.len();
    for image in oci {
        let same = docker.iter_mut().take(listed).find(|known| {
            known.image_id.is_some() && known.image_id == image.image_id && known.manifest_digest.is_none()
        });
        match same {
            Some(known) => docker::complete(known, image, warnings),
            None => docker.push(image),
        }
    }
}

fn nothing(members: &Members) -> Problem {
    let names: Vec<&str> = members.names().take(5).collect();
    let found = if names.is_empty() { "it is empty".to_owned() } else { format!("it holds {}, …", names.join(", ")) };
    let detail = format!(
        "neither manifest.json (docker save) nor index.json (OCI layout) is in it, and it does not look like a root \
         file system: {found}"
    );
    Problem::new(ProblemKind::NotAnImage, "", detail)
}
