//! Every check once more, with docker, tar and sha256sum.

use super::quote;
use crate::{
    image::{Digest, Platform, Reference},
    opened::{Document, LayerSpec, Place, SourceKind},
    protocol::ImageSummary,
    registry::Via,
    verify::CheckKind,
};

/// One command, and what it must print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redo {
    /// What it does, for people.
    pub what: String,
    /// The command, of one line.
    pub command: String,
    /// What it must print, or what that must begin with; none where it does not end in a hash.
    pub prints: Option<String>,
}

/// The commands for an image. `packing` is each layer's compression (`none`, `gzip`, `zstd`) as far as it is known,
/// `via` the way on which a registry was reached.
///
/// For a file or folder they are to be run where it lies. A check that nothing states a digest for has none.
pub fn redo(image: &ImageSummary, packing: &[Option<String>], via: &Via) -> Vec<Redo> {
    let mut steps = by_docker(image);
    for document in &image.documents {
        let what = match document.what {
            CheckKind::Index => "Index",
            CheckKind::Manifest => "Manifest",
            _ => "Config: the image ID",
        };
        if let (Some(digest), Some(read)) = (&document.digest, document_bytes(image, document, via)) {
            steps.extend(hashed(what.to_owned(), &read, "", digest));
        }
    }
    for (index, layer) in image.layers.iter().enumerate() {
        let Some(read) = layer_bytes(image, index, layer, via) else { continue };
        if let Some(digest) = &layer.digest {
            steps.extend(hashed(format!("Layer {index} as transported: its digest"), &read, "", digest));
        }
        let unpack = match packing.get(index).and_then(Option::as_deref) {
            Some("none") => "",
            Some("gzip") => " | gzip -dc",
            Some("zstd") => " | zstd -dc",
            _ => continue,
        };
        if let Some(diff_id) = &layer.diff_id {
            steps.extend(hashed(format!("Layer {index} unpacked: its diffID"), &read, unpack, diff_id));
        }
    }
    steps
}

fn hashed(what: String, read: &str, unpack: &str, digest: &Digest) -> Option<Redo> {
    let tool = match digest.algorithm_name() {
        "sha256" => "sha256sum",
        "sha512" => "sha512sum",
        _ => return None,
    };
    Some(Redo { what, command: format!("{read}{unpack} | {tool}"), prints: Some(digest.encoded().to_owned()) })
}

fn document_bytes(image: &ImageSummary, document: &Document, via: &Via) -> Option<String> {
    match image.source {
        SourceKind::Registry => {
            let digest = document.digest.as_ref()?;
            let is_config = document.what == CheckKind::Config;
            from_registry(image, |reference| {
                if is_config { via.blob(reference, digest) } else { via.manifest(reference, &digest.to_string()) }
            })
        }
        _ => Some(from_file(image, document.member.as_deref()?)),
    }
}

fn layer_bytes(image: &ImageSummary, index: usize, layer: &LayerSpec, via: &Via) -> Option<String> {
    match &layer.place {
        Place::Blob => {
            let digest = layer.digest.as_ref()?;
            from_registry(image, |reference| via.blob(reference, digest))
        }
        Place::File { offset, length, .. } => match image.layer_members.get(index).and_then(Option::as_deref) {
            Some(member) => Some(from_file(image, member)),
            // Its name is no text, or not the only one of that name: by its place.
            None if image.source != SourceKind::OciLayout => {
                Some(format!("tail -c +{} {} | head -c {length}", offset.saturating_add(1), here(&image.source_name)))
            }
            None => None,
        },
        Place::Missing { .. } | Place::Unreadable { .. } => None,
    }
}

/// A member of the archive, or a file of the folder.
fn from_file(image: &ImageSummary, member: &str) -> String {
    match image.source {
        SourceKind::OciLayout => format!("cat {}", quote(&format!("./{}/{member}", image.source_name))),
        _ => format!("tar -xOf {} -- {}", here(&image.source_name), quote(member)),
    }
}

/// With `./`, since a name may begin with `-`, and tar takes one with a colon for another host's.
fn here(name: &str) -> String {
    quote(&format!("./{name}"))
}

fn from_registry(image: &ImageSummary, url: impl Fn(&Reference) -> String) -> Option<String> {
    let reference = Reference::parse(image.pinned.as_deref()?).ok()?;
    // A `?` means something to the shell, so that the address is quoted always.
    Some(format!("curl -fsSL {}", quote(&url(&reference))))
}

/// What Docker says itself: it checks the same as it pulls or loads.
fn by_docker(image: &ImageSummary) -> Vec<Redo> {
    let (get, name) = match image.source {
        SourceKind::Registry => match pinned_alone(image) {
            Some(name) => {
                let platform = image.platform.as_ref().map(Platform::to_string);
                let platform = platform.map(|platform| format!("--platform {} ", quote(&platform))).unwrap_or_default();
                (format!("docker pull --quiet {platform}{}", quote(&name)), name)
            }
            None => return Vec::new(),
        },
        SourceKind::DockerArchive => match image.names.first() {
            Some(name) => (format!("docker load --quiet --input {}", here(&image.source_name)), name.clone()),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let redo = |what: &str, command: String, prints: Option<String>| Redo { what: what.to_owned(), command, prints };
    let name = quote(&name);
    let mut steps = vec![redo("Docker checks the same as it takes the image over", get, None)];
    if let Some(id) = &image.image_id {
        let command = format!("docker image inspect --format '{{{{.Id}}}}' {name}");
        let what = "The image ID (with containerd's store Docker prints the digest of manifest or index instead)";
        steps.push(redo(what, command, Some(id.to_string())));
    }
    let diff_ids: Option<Vec<String>> =
        image.layers.iter().map(|layer| layer.diff_id.as_ref().map(ToString::to_string)).collect();
    if let Some(diff_ids) = diff_ids.filter(|diff_ids| !diff_ids.is_empty()) {
        let command = format!("docker image inspect --format '{{{{join .RootFS.Layers \"\\n\"}}}}' {name}");
        steps.push(redo("The diffIDs, base first", command, Some(diff_ids.join("\n"))));
    }
    let save = format!(
        "dir=$(mktemp -d) && docker save {name} | tar -xC \"$dir\" && find \"$dir\" -type f '(' -name layer.tar -o \
         -path '*/blobs/*' ')' -exec sh -c 'gzip -dcf \"$1\" | sha256sum' sh {{}} ';'; rm -r \"$dir\""
    );
    steps.push(redo("Each layer out of Docker again, unpacked and hashed: all diffIDs are among these", save, None));
    steps
}

/// The reference with its digest alone: docker saves nothing under a name with both.
fn pinned_alone(image: &ImageSummary) -> Option<String> {
    let pinned = image.pinned.as_deref()?;
    let (name, digest) = pinned.split_once('@')?;
    let (path, last) = name.rsplit_once('/').map_or(("", name), |(path, last)| (path, last));
    let last = last.split(':').next().unwrap_or(last);
    let name = if path.is_empty() { last.to_owned() } else { format!("{path}/{last}") };
    Some(format!("{name}@{digest}"))
}
