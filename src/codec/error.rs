//! Why a compressed stream cannot be unpacked.

/// Why a compressed stream cannot be unpacked. `at` counts bytes of the compressed stream from its start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A header says something else than the format allows.
    #[error("byte {at}: expected {expected}, found {actual}")]
    Unexpected {
        /// Where.
        at: u64,
        /// What the format asks for.
        expected: &'static str,
        /// What is there.
        actual: String,
    },
    /// The compressed data itself is damaged.
    #[error("before byte {at}: damaged {format} data ({detail})")]
    Corrupt {
        /// Where the decoder stood.
        at: u64,
        /// `deflate` or `zstd`.
        format: &'static str,
        /// The decoder's own words.
        detail: String,
    },
    /// A checksum stored in the stream differs from that of the bytes.
    #[error("byte {at}: the {what} is stored as {expected:08x} but computed as {actual:08x}")]
    Checksum {
        /// Where it is stored.
        at: u64,
        /// Which one.
        what: &'static str,
        /// As stored.
        expected: u32,
        /// As computed.
        actual: u32,
    },
    /// A length stored in the stream differs from the bytes that came out.
    #[error("byte {at}: the {what} is stored as {expected} but {actual} bytes came out")]
    Length {
        /// Where the part that it is about ends.
        at: u64,
        /// Which one.
        what: &'static str,
        /// As stored.
        expected: u64,
        /// As unpacked.
        actual: u64,
    },
    /// The stream ends too early.
    #[error("the stream ends at byte {at}, inside {within}")]
    Truncated {
        /// Where it ends.
        at: u64,
        /// Inside what.
        within: &'static str,
    },
    /// A zstd frame that needs a dictionary, which images never carry.
    #[error("byte {at}: the zstd frame needs the dictionary {id}, and dictionaries are not supported")]
    Dictionary {
        /// Where the frame begins.
        at: u64,
        /// The dictionary's number.
        id: u32,
    },
    /// A cap of [`crate::limits`] was reached.
    #[error("byte {at}: {actual} exceeds the limit {limit} = {cap}")]
    Limit {
        /// Where.
        at: u64,
        /// The constant's name in [`crate::limits`].
        limit: &'static str,
        /// Its value.
        cap: u64,
        /// What was found: bytes.
        actual: u64,
    },
}
