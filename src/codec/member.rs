//! Which gzip member or zstd frame a decoder is in.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The gzip member or zstd frame that the bytes are from which a decoder hands to its sink. Clones see it move: the sink
/// can ask while it takes bytes, and never gets those of two members at once.
#[derive(Clone, Debug, Default)]
pub struct Member(Arc<[AtomicU64; 2]>);

impl Member {
    /// Where it begins: in the compressed stream, and in what that unpacks to.
    pub fn start(&self) -> (u64, u64) {
        let [input, output] = &*self.0;
        (input.load(Ordering::Relaxed), output.load(Ordering::Relaxed))
    }

    pub(super) fn begins(&self, at: u64, produced: u64) {
        let [input, output] = &*self.0;
        input.store(at, Ordering::Relaxed);
        output.store(produced, Ordering::Relaxed);
    }
}
