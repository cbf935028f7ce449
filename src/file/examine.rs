//! Examines a file: its kind first, then what that kind's header says.

use super::{
    elf,
    kind::{HEAD, Kind, detect},
    members::Walk,
    ranges::{Ranges, Stop},
    raster,
    summary::{About, Summary},
    zip,
};
use crate::codec::Compression;

/// What an [`Examiner`] needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes of the file, all of them; never none.
    Read {
        /// First byte.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Nothing: this is what the file is.
    Done(Box<Summary>),
}

/// Examines a file. Ask with [`Examiner::poll`], answer with [`Examiner::provide`].
#[derive(Debug)]
pub struct Examiner {
    name: Vec<u8>,
    size: u64,
    ranges: Ranges,
    asked: Option<(u64, u64)>,
    /// Of archives that have no table: they are walked through.
    walk: Option<Walk>,
    ended: Option<String>,
}

impl Examiner {
    /// For a file of this name (only the last part matters) and size.
    pub fn new(name: &[u8], size: u64) -> Self {
        Self { name: name.to_vec(), size, ranges: Ranges::new(size), asked: None, walk: None, ended: None }
    }

    /// What is needed next.
    pub fn poll(&mut self) -> Step {
        let size = self.size;
        let head = match self.ranges.get(0, HEAD.min(self.ranges.size())) {
            Ok(head) => head,
            Err(Stop::Read { offset, length }) => return self.read(offset, length),
            Err(Stop::Broken(why)) => return done(Kind::Binary, "file".into(), size, Err(Stop::Broken(why))),
        };
        let (kind, mut name) = detect(&self.name, head);
        if let Some(why) = &self.ended {
            return done(kind, name, size, Err(Stop::Broken(why.clone())));
        }
        let about = match kind {
            Kind::Elf => elf::read(&self.ranges).map(|(elf, why)| {
                name = format!("ELF {}-bit {}", elf.bits, elf.kind);
                (About::Elf(Box::new(elf)), why)
            }),
            Kind::Zip => zip::list(&self.ranges).map(|(listing, why)| (About::Listing(listing), why)),
            Kind::Png | Kind::Jpeg | Kind::Gif | Kind::WebP | Kind::Bmp => {
                raster::size(kind, &self.ranges).map(|(width, height)| (About::Picture(width, height), None))
            }
            Kind::Tar => self.walk(Compression::None, &mut name),
            Kind::Gzip => self.walk(Compression::Gzip, &mut name),
            Kind::Zstd => self.walk(Compression::Zstd, &mut name),
            Kind::Empty | Kind::Text(_) | Kind::Binary => Ok((About::Nothing, None)),
        };
        match about {
            Err(Stop::Read { offset, length }) => self.read(offset, length),
            about => done(kind, name, size, about),
        }
    }

    fn walk(&mut self, compression: Compression, name: &mut String) -> Result<(About, Option<String>), Stop> {
        let walk = self.walk.get_or_insert_with(|| Walk::new(compression, self.ranges.size()));
        walk.poll(&self.ranges, &self.name, name)
    }

    fn read(&mut self, offset: u64, length: u64) -> Step {
        self.asked = Some((offset, length));
        Step::Read { offset, length }
    }

    /// Takes the bytes that were asked for. Fewer mean that the file ends early.
    pub fn provide(&mut self, bytes: Vec<u8>) {
        let Some((offset, length)) = self.asked.take() else { return };
        if (bytes.len() as u64) < length {
            self.ended = Some(format!("it ends at byte {}", offset + bytes.len() as u64));
            if offset == 0 {
                self.ranges = Ranges::new(bytes.len() as u64);
            }
        }
        match &mut self.walk {
            Some(walk) if !walk.is_over() => walk.take(&bytes),
            _ => self.ranges.provide(offset, bytes),
        }
    }
}

fn done(kind: Kind, name: String, size: u64, about: Result<(About, Option<String>), Stop>) -> Step {
    let (about, problem) = match about {
        Ok((about, problem)) => (about, problem),
        Err(Stop::Broken(why)) => (About::Nothing, Some(why)),
        Err(Stop::Read { .. }) => (About::Nothing, None),
    };
    Step::Done(Box::new(Summary { kind, name, size, about, problem }))
}
