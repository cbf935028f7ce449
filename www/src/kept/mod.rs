//! What this browser keeps from one image to the next, in the origin private file system.
//!
//! Blobs are written while they stream, under a name of their own, and get their digest's name once they are verified:
//! what is opened later is what was verified. Beside a layer's blob lies its record, with which it need not be read
//! again. Documents are kept with their Content-Type; whoever takes one hashes it again.
//!
//! Tabs work side by side by web locks: one changes the folder at a time ([`Store::open`]), and what a tab has open is
//! held by its name, so that no other removes it.

mod documents;
mod layers;
mod room;
mod site;
mod writing;

use lagvis::{
    image::Digest,
    kept::{Kind, Ledger},
};
use wasm_bindgen::JsValue;

use crate::browser::{file, locks, opfs::Folder};

pub use documents::{keep_documents, recall_document, recall_tag};
pub use layers::{Recalled, blob, keep_layer, recall_layers};
pub use room::{Thing, list, make_room, remove, sweep};
pub use site::is_site_kept;
pub use writing::{BlobWriter, forget};

const LOCK: &str = "lagvis.kept";
const LEDGER: &str = "ledger.json";
/// Files that are being written.
const PART: &str = "part.";
/// Files that are of use to one worker alone.
const SCRATCH: &str = "scratch.";

/// What a file's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Blob,
    Record,
    Document,
}

/// `sha256-…`, with an ending for all but blobs.
fn name_of(digest: &Digest, what: What) -> String {
    let ending = match what {
        What::Blob => "",
        What::Record => ".layer",
        What::Document => ".document",
    };
    format!("{}-{}{ending}", digest.algorithm_name(), digest.encoded())
}

fn read_name(name: &str) -> Option<(Digest, What)> {
    let (stem, what) = match name.rsplit_once('.') {
        None => (name, What::Blob),
        Some((stem, "layer")) => (stem, What::Record),
        Some((stem, "document")) => (stem, What::Document),
        Some(_) => return None,
    };
    Some((Digest::parse(&stem.replacen('-', ":", 1)).ok()?, what))
}

/// The name under which a tab holds what it has open.
fn hold_name(digest: &Digest) -> String {
    format!("lagvis:{digest}")
}

/// The folder, while nobody else changes it.
struct Store {
    folder: Folder,
    ledger: Ledger,
    _alone: locks::Held,
}

impl Store {
    /// Waits for its turn, reads the ledger and brings it into line with the files.
    async fn open() -> Result<Self, JsValue> {
        let alone = locks::alone(LOCK).await?;
        let folder = Folder::open().await?;
        let text = match folder.file(LEDGER).await {
            Ok(ledger) => match file::read(&ledger, 0, file::size(&ledger)) {
                Ok(read) => read.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default(),
                Err(_) => Vec::new(),
            },
            Err(_) => Vec::new(),
        };
        let mut ledger = Ledger::read(&text);
        ledger.adjust(found(&folder).await?);
        Ok(Self { folder, ledger, _alone: alone })
    }

    /// Writes the ledger. Only workers can.
    async fn close(self) -> Result<(), JsValue> {
        let writer = self.folder.create(&format!("{PART}ledger")).await?;
        writer.write(&self.ledger.write())?;
        self.folder.remove(LEDGER).await;
        writer.rename(LEDGER).await
    }

    /// Removes all of a thing's files.
    async fn remove(&mut self, digest: &Digest) {
        for what in [What::Record, What::Blob, What::Document] {
            self.folder.remove(&name_of(digest, what)).await;
        }
        self.ledger.forget(digest);
    }
}

/// What lies in the folder: digest, kind, bytes, when it was written. A record without its blob is of no use and no
/// thing of its own.
async fn found(folder: &Folder) -> Result<Vec<(Digest, Kind, u64, u64)>, JsValue> {
    let names = folder.names().await?;
    let mut found: Vec<(Digest, Kind, u64, u64)> = Vec::new();
    let mut records = Vec::new();
    for (digest, what) in names.iter().filter_map(|name| read_name(name)) {
        let Ok(file) = folder.file(&name_of(&digest, what)).await else { continue };
        match what {
            What::Record => records.push((digest, file::size(&file))),
            What::Blob => found.push((digest, Kind::Layer, file::size(&file), file::modified(&file))),
            What::Document => found.push((digest, Kind::Document, file::size(&file), file::modified(&file))),
        }
    }
    for (digest, bytes) in records {
        if let Some(thing) = found.iter_mut().find(|thing| thing.0 == digest && thing.1 == Kind::Layer) {
            thing.2 += bytes;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_are_of() {
        let digest = Digest::of(b"x");
        for what in [What::Blob, What::Record, What::Document] {
            assert_eq!(read_name(&name_of(&digest, what)), Some((digest.clone(), what)));
        }
        for other in ["ledger.json", "part.ledger", "scratch.12", "part.1", "sha256-zz", "", "sha256"] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }
}
