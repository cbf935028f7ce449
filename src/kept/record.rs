//! A layer's record: what reading a verified layer came to, as one sequence of bytes.
//!
//! ```text
//! table | access index | JSON | u64 table's length | u64 access index's length | "LVR1" | SHA-256 of all before
//! ```
//! Integers are little endian. The hash is against accidents: a record that was cut or altered is not taken, and the
//! layer is read again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    image::{Digest, TocRef},
    layer::{AccessIndex, LayerTable},
    opened::{LayerSpec, Warning},
    problem::Problem,
    protocol::{LayerFacts, LayerState},
    session::LayerResult,
    verify::{Check, CheckState},
};

const MAGIC: &[u8; 4] = b"LVR1";
const HASH: usize = 32;
/// The two lengths and the magic.
const TRAILER: usize = 8 + 8 + 4;

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record of a layer cannot be used: {0}")]
pub struct RecordError(&'static str);

/// What reading a verified layer came to.
#[derive(Clone, Debug)]
pub struct LayerRecord {
    head: Head,
    table: Arc<LayerTable>,
    access: Arc<AccessIndex>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    digest: Digest,
    /// Size as stated: with another one the checks would be others.
    size: Option<u64>,
    diff_id: Digest,
    checks: Vec<Check>,
    facts: LayerFacts,
    warnings: Vec<Warning>,
    /// As stated, and what reading the layer told of it.
    toc: Option<TocRef>,
    toc_problem: Option<Problem>,
}

impl LayerRecord {
    /// The record of a layer; none unless blob and tar are verified and it can be read and entered without a problem.
    pub fn of(spec: &LayerSpec, result: &LayerResult) -> Option<Self> {
        let is_verified = result.state == Some(LayerState::Verified)
            && result.problem.is_none()
            && result.checks.iter().all(|check| check.state == CheckState::Verified);
        let head = Head {
            digest: spec.digest.clone().filter(|_| is_verified)?,
            size: spec.size,
            diff_id: spec.diff_id.clone()?,
            checks: result.checks.clone(),
            facts: result.facts.clone()?,
            warnings: result.warnings.clone(),
            toc: spec.toc.clone(),
            toc_problem: result.toc_problem.clone(),
        };
        Some(Self { head, table: result.table.clone()?, access: result.access.clone()? })
    }

    /// Digest of the blob.
    pub fn digest(&self) -> &Digest {
        &self.head.digest
    }

    /// Bytes of the blob.
    pub fn blob_bytes(&self) -> u64 {
        self.head.facts.size
    }

    /// What the layer `spec`, number `index` of an image, came to; none if the record is of another layer.
    pub fn result(&self, index: u32, spec: &LayerSpec) -> Option<LayerResult> {
        let head = &self.head;
        let is_same = spec.digest.as_ref() == Some(&head.digest)
            && spec.size == head.size
            && spec.diff_id.as_ref() == Some(&head.diff_id)
            && spec.toc == head.toc;
        let result = LayerResult {
            state: Some(LayerState::Verified),
            checks: head.checks.clone(),
            facts: Some(head.facts.clone()),
            table: Some(Arc::clone(&self.table)),
            access: Some(Arc::clone(&self.access)),
            problem: None,
            warnings: head.warnings.clone(),
            kept: true,
            toc_problem: head.toc_problem.clone(),
        };
        is_same.then(|| result.renamed(index, spec))
    }

    /// Writes the record, piece by piece: the table is large and is not copied.
    ///
    /// # Errors
    /// What `out` says.
    pub fn write<E>(&self, out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let (table, access) = (self.table.as_bytes(), self.access.as_bytes());
        // Plain data has a JSON form; a record without it would not be taken.
        let json = serde_json::to_vec(&self.head).unwrap_or_default();
        let length = |part: &[u8]| (part.len() as u64).to_le_bytes();
        let end = [length(table).as_slice(), &length(access), MAGIC].concat();
        let mut hash = Sha256::new();
        for part in [table, access, &json, &end] {
            hash.update(part);
            out(part)?;
        }
        out(&hash.finalize())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`RecordError`] when it is not whole, altered, or of another version.
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, RecordError> {
        let cut = RecordError("it is cut");
        let hashed = bytes.len().checked_sub(HASH).ok_or(cut)?;
        let (body, hash) = bytes.split_at_checked(hashed).ok_or(cut)?;
        let end = hashed.checked_sub(TRAILER).ok_or(cut)?;
        let trailer = body.get(end..).ok_or(cut)?;
        if trailer.get(16..) != Some(MAGIC.as_slice()) {
            return Err(RecordError("it is of another version"));
        }
        if Sha256::digest(body).as_slice() != hash {
            return Err(RecordError("it was altered"));
        }
        let wrong = RecordError("its parts do not fill it");
        let length = |at: usize| {
            let bytes = trailer.get(at..at + 8)?.try_into().ok()?;
            usize::try_from(u64::from_le_bytes(bytes)).ok()
        };
        let table = length(0).ok_or(wrong)?;
        let json = length(8).and_then(|access| table.checked_add(access)).filter(|json| *json <= end).ok_or(wrong)?;
        let head = bytes.get(json..end).ok_or(wrong)?;
        let head = serde_json::from_slice(head).map_err(|_| RecordError("its facts are of another version"))?;
        let access = bytes.get(table..json).ok_or(wrong)?.to_vec();
        let access = AccessIndex::from_bytes(access).map_err(|_| RecordError("its access index is damaged"))?;
        // The table is most of it: it takes the buffer over.
        bytes.truncate(table);
        let table = LayerTable::from_bytes(bytes).map_err(|_| RecordError("its table is damaged"))?;
        Ok(Self { head, table: Arc::new(table), access: Arc::new(access) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        layer::{LayerReader, one_file::tar},
        opened::Place,
    };

    fn spec(tar: &[u8]) -> LayerSpec {
        let digest = Some(Digest::of(tar));
        let size = Some(tar.len() as u64);
        LayerSpec { digest: digest.clone(), size, diff_id: digest, ..LayerSpec::bare("a layer", Place::Blob) }
    }

    fn read(spec: &LayerSpec, tar: &[u8]) -> LayerResult {
        let mut reader = LayerReader::new(3, spec.clone()).keep_access(1 << 20);
        reader.push(tar);
        reader.finish().into()
    }

    fn record() -> (LayerSpec, LayerResult, Vec<u8>) {
        let tar = tar();
        let spec = spec(&tar);
        let result = read(&spec, &tar);
        let mut bytes = Vec::new();
        let written: Result<(), ()> = LayerRecord::of(&spec, &result).unwrap().write(&mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        assert_eq!(written, Ok(()));
        (spec, result, bytes)
    }

    #[test]
    fn a_record_gives_what_reading_gave() {
        let (spec, result, bytes) = record();
        let record = LayerRecord::from_bytes(bytes).unwrap();
        assert_eq!((record.digest(), record.blob_bytes()), (spec.digest.as_ref().unwrap(), tar().len() as u64));
        let elsewhere = LayerSpec { subject: "by another name".into(), ..spec };
        let again = record.result(7, &elsewhere).unwrap();
        assert_eq!((again.state, &again.facts, again.kept), (result.state, &result.facts, true));
        assert!(again.checks.iter().all(|check| check.subject == "by another name"));
        assert_eq!(again.checks.len(), result.checks.len());
        assert_eq!(again.table.unwrap().rows(), 1);
        assert_eq!(again.access.unwrap().unpacked_bytes(), tar().len() as u64);
    }

    #[test]
    fn only_the_same_layer_takes_it() {
        let (spec, _, bytes) = record();
        let record = LayerRecord::from_bytes(bytes).unwrap();
        let other = Some(Digest::of(b"other"));
        for other in [
            LayerSpec { digest: other.clone(), ..spec.clone() },
            LayerSpec { diff_id: other, ..spec.clone() },
            LayerSpec { diff_id: None, ..spec.clone() },
            LayerSpec { size: Some(1), ..spec.clone() },
            LayerSpec { toc: Some(TocRef::EStargz { digest: Digest::of(b"toc") }), ..spec.clone() },
        ] {
            assert!(record.result(0, &other).is_none(), "{other:?}");
        }
        assert!(record.result(0, &spec).is_some());
    }

    #[test]
    fn what_is_not_verified_has_no_record() {
        let tar = tar();
        let good = spec(&tar);
        assert!(LayerRecord::of(&good, &LayerResult::default()).is_none(), "not read");
        let cut = read(&good, tar.get(..512).unwrap());
        assert!(LayerRecord::of(&good, &cut).is_none(), "mismatched");
        let bare = LayerSpec { diff_id: None, ..good.clone() };
        assert!(LayerRecord::of(&bare, &read(&bare, &tar)).is_none(), "nothing states its diffID");
        let unnamed = LayerSpec { digest: None, ..good };
        assert!(LayerRecord::of(&unnamed, &read(&unnamed, &tar)).is_none(), "nothing states its digest");
    }

    #[test]
    fn a_record_that_was_cut_or_altered_is_not_taken() {
        let (_, _, bytes) = record();
        for length in 0..bytes.len() {
            assert!(LayerRecord::from_bytes(bytes.get(..length).unwrap().to_vec()).is_err(), "cut at {length}");
        }
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(LayerRecord::from_bytes(altered).is_err(), "altered at {at}");
        }
        assert!(LayerRecord::from_bytes([bytes.as_slice(), b"more"].concat()).is_err());
    }
}
