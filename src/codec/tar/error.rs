//! Why a tar cannot be read.

/// Why a tar cannot be read. `header` is the offset of the member's header from the tar's start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TarError {
    /// The very first block is no header: this is something else than a tar.
    #[error("this is no tar: its first 512 bytes are no tar header")]
    NotATar,
    /// A header's checksum is wrong: the tar is damaged, or its members are not where its headers say.
    #[error("byte {header}: no tar header here: its checksum is stored as {expected} but its bytes sum up to {actual}")]
    Checksum {
        /// The header's offset.
        header: u64,
        /// The field as stored.
        expected: String,
        /// The sum of the header's bytes.
        actual: u32,
    },
    /// A number that cannot be read, or lies out of range.
    #[error("byte {header}: the tar header's {field} is no number in range: {value}")]
    Number {
        /// The header's offset.
        header: u64,
        /// Which field or pax key.
        field: &'static str,
        /// The field, escaped.
        value: String,
    },
    /// A pax record that is not `length key=value`.
    #[error("byte {header}: malformed pax record at byte {at} of the extended header: {why}")]
    Pax {
        /// The extended header's offset.
        header: u64,
        /// Where inside its records.
        at: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// Something is longer than a cap of [`crate::limits`].
    #[error("byte {header}: {what} has {length} bytes, more than the limit {limit} = {cap}")]
    TooLong {
        /// The header's offset.
        header: u64,
        /// What is too long.
        what: &'static str,
        /// How long it is.
        length: u64,
        /// The constant's name in [`crate::limits`].
        limit: &'static str,
        /// Its value.
        cap: u64,
    },
    /// The map of a sparse file contradicts itself or the header.
    #[error("byte {header}: the sparse file's map is invalid: {why}")]
    Sparse {
        /// The header's offset.
        header: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// The tar ends too early.
    #[error(
        "the tar ends at byte {at}, inside {within} that begins at byte {header} and needs {expected} bytes in all"
    )]
    Truncated {
        /// The header's offset.
        header: u64,
        /// Inside what it ends.
        within: &'static str,
        /// How long the tar has to be at least.
        expected: u64,
        /// Where it ends.
        at: u64,
    },
}
