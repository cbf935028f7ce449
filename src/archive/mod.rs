//! Dropped files → the same [`OpenedImage`]s as a registry gives. A state machine without I/O: it says which bytes of
//! which file it needs, takes them, and says what next.
//!
//! An archive's members are indexed first by their headers, seeking over their content, since `manifest.json` and
//! `index.json` may come last. Then its documents are read and resolved into images.
//!
//! Depends on `image`, `codec`, `verify`, `opened`, `problem` and `limits`.

mod docker;
mod documents;
mod legacy;
mod members;
mod oci;
mod resolve;
mod rootfs;
mod scan;
mod wrapped;

use crate::{
    opened::{OpenedImage, SourceKind, Warning},
    problem::{Problem, ProblemKind},
};
use documents::Documents;
use members::Members;
use resolve::{Resolved, resolve};
use scan::Scan;
pub use wrapped::{Unpacker, wrapping};

/// Bytes of one file of the source that are needed next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// Which file: 0 for an archive, the n-th of a folder.
    pub file: u32,
    /// First byte.
    pub offset: u64,
    /// How many; always inside the file.
    pub length: u64,
}

/// What an archive needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes, by [`Archive::provide`].
    Read(ReadRequest),
    /// Nothing: [`Archive::images`] has them all.
    Ready,
}

/// A dropped archive or folder being opened.
#[derive(Debug)]
pub struct Archive {
    name: String,
    sizes: Vec<u64>,
    stage: Stage,
    documents: Documents,
    resolved: Resolved,
}

#[derive(Debug)]
enum Stage {
    Scanning(Box<Scan>),
    Resolving { members: Members, needed: String, kind: Container, truncated: Option<Problem> },
    Ready,
}

/// What holds the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Tar,
    Folder,
}

impl Archive {
    /// A tar of `size` bytes, called `name`.
    pub fn tar(name: impl Into<String>, size: u64) -> Self {
        Self {
            name: name.into(),
            sizes: vec![size],
            stage: Stage::Scanning(Box::new(Scan::new(size))),
            documents: Documents::default(),
            resolved: Resolved::default(),
        }
    }

    /// A folder: the relative path and size of each of its files.
    pub fn folder(name: impl Into<String>, files: &[(String, u64)]) -> Result<Self, Problem> {
        let name = name.into();
        let mut archive = Self {
            name,
            sizes: files.iter().map(|(_, size)| *size).collect(),
            stage: Stage::Ready,
            documents: Documents::default(),
            resolved: Resolved::default(),
        };
        archive.advance(Members::of_folder(files), Container::Folder, None)?;
        Ok(archive)
    }

    /// What is needed next.
    pub fn poll(&self) -> Step {
        match &self.stage {
            Stage::Scanning(scan) => Step::Read(scan.needs()),
            Stage::Resolving { members, needed, .. } => match members.find(needed) {
                Some(member) => {
                    Step::Read(ReadRequest { file: member.file, offset: member.offset, length: member.length })
                }
                None => Step::Ready,
            },
            Stage::Ready => Step::Ready,
        }
    }

    /// How far the scan of the members is: bytes passed, and in all.
    pub fn progress(&self) -> (u64, u64) {
        let total = self.sizes.iter().sum();
        match &self.stage {
            Stage::Scanning(scan) => (scan.position().min(total), total),
            _ => (total, total),
        }
    }

    /// Takes the bytes that [`Archive::poll`] asked for.
    pub fn provide(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        match std::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Scanning(mut scan) => {
                if scan.take(bytes).map_err(|problem| self.at(problem))? {
                    let (members, truncated) = scan.finish();
                    let truncated = truncated.map(|problem| self.at(problem));
                    self.advance(members, Container::Tar, truncated)?;
                } else {
                    self.stage = Stage::Scanning(scan);
                }
                Ok(())
            }
            Stage::Resolving { members, needed, kind, truncated } => {
                self.documents.insert(needed, bytes.to_vec());
                self.advance(members, kind, truncated)
            }
            Stage::Ready => Ok(()),
        }
    }

    fn at(&self, problem: Problem) -> Problem {
        let place =
            if problem.place.is_empty() { self.name.clone() } else { format!("{}: {}", self.name, problem.place) };
        Problem { place, ..problem }
    }

    /// Resolves as far as the documents at hand go.
    fn advance(&mut self, members: Members, kind: Container, truncated: Option<Problem>) -> Result<(), Problem> {
        let size = self.sizes.first().copied().unwrap_or_default();
        match resolve(&members, &self.documents, kind == Container::Folder, size) {
            Ok(resolve::Progress::Needs(needed)) => {
                self.stage = Stage::Resolving { members, needed, kind, truncated };
                Ok(())
            }
            Ok(resolve::Progress::Done(mut resolved)) => {
                resolved.problems.extend(truncated);
                self.resolved = resolved;
                Ok(())
            }
            Err(problem) => {
                let problem = self.at(problem);
                // An archive that breaks off before its metadata is truncated in the first place.
                let is_cut = problem.kind == ProblemKind::NotAnImage && !members.is_empty();
                Err(truncated.filter(|_| is_cut).unwrap_or(problem))
            }
        }
    }

    /// The images, in the archive's order. Empty until [`Step::Ready`].
    pub fn images(&self) -> &[OpenedImage] {
        &self.resolved.images
    }

    /// What kind of source it is. None until [`Step::Ready`].
    pub fn kind(&self) -> Option<SourceKind> {
        self.resolved.kind
    }

    /// Oddities of the archive as a whole.
    pub fn warnings(&self) -> &[Warning] {
        &self.resolved.warnings
    }

    /// Problems that leave its images readable.
    pub fn problems(&self) -> &[Problem] {
        &self.resolved.problems
    }
}
