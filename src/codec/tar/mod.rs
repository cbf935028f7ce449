//! The tar parser: bytes are pushed in, members come out.
//!
//! It reads what real layers hold: v7, ustar, GNU (long names, base-256 numbers, old sparse files) and pax (extended
//! headers by length, sparse 0.0, 0.1 and 1.0). Where readers differ it does as Go's `archive/tar` does, since that is
//! what container runtimes unpack with; exceptions say so. It owns no limits: they are in [`crate::limits`].

mod error;
mod extended;
mod header;
mod member;
mod parser;
mod pax;
mod sparse;
#[cfg(test)]
mod tests;

pub use error::TarError;
pub use parser::TarParser;

/// Bytes of a block: headers take one, contents are padded to a multiple of it.
const BLOCK: usize = 512;
type Block = [u8; BLOCK];

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TarKind {
    /// A regular file; also members of an unknown type, as POSIX asks.
    #[default]
    File,
    /// Another name of an earlier member.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
}

/// One member, as its header and extended headers say. Names are bytes, as the tar has them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TarEntry {
    /// Path.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: TarKind,
    /// Link target; empty for all but links.
    pub link: Vec<u8>,
    /// Permission bits with setuid, setgid and sticky: at most `0o7777`.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Modification time, whole seconds, rounded down.
    pub mtime: i64,
    /// Bytes of content with the holes of a sparse file; 0 for all but files.
    pub size: u64,
    /// Bytes of content in the tar.
    pub stored: u64,
    /// Where the first stored byte is, from the tar's start.
    pub data_offset: u64,
    /// Where the member's own header is, from the tar's start. Its extended headers lie before it.
    pub header_offset: u64,
    /// Device number, major and minor; zeros for all but devices.
    pub device: (u32, u32),
    /// Extended attributes in the tar's order. An empty value is an attribute with an empty value.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    /// The parts of a sparse file that are stored: offset and length, ascending.
    pub sparse: Option<Vec<(u64, u64)>>,
}

/// Takes the members of a tar as they come.
pub trait TarVisitor {
    /// The visitor's own error.
    type Error: From<TarError>;

    /// A member begins.
    fn entry(&mut self, entry: &TarEntry) -> Result<(), Self::Error>;
    /// The next bytes of a file's content; the holes of a sparse file arrive as zeros.
    fn data(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;
    /// The member's content is complete.
    fn entry_end(&mut self) -> Result<(), Self::Error>;
}
