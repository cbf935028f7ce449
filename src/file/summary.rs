//! What an examination comes to.

use serde::{Deserialize, Serialize};

use super::kind::Kind;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Its kind, by its first bytes.
    pub kind: Kind,
    /// The kind in words ("PNG image").
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    /// What its header says.
    pub about: About,
    /// Why that is not all there is to say: the file is damaged, or a limit was reached.
    pub problem: Option<String>,
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// Nothing more.
    Nothing,
    /// Of a program or library.
    Elf(Box<Elf>),
    /// Of a picture: width and height in pixels.
    Picture(u32, u32),
    /// Of an archive, or a compressed file.
    Listing(Listing),
}

/// An ELF file (System V ABI, gABI chapters 4 and 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elf {
    /// 32 or 64.
    pub bits: u8,
    /// Most significant byte first.
    pub big_endian: bool,
    /// "executable", "position-independent executable", "shared library", …
    pub kind: String,
    /// The processor ("x86-64").
    pub machine: String,
    /// The operating system or ABI ("System V").
    pub abi: String,
    /// The program that loads it.
    pub interpreter: Option<String>,
    /// Libraries that it needs, in its order.
    pub needed: Vec<String>,
    /// Its own name, as a library.
    pub soname: Option<String>,
    /// Where its libraries are looked for first (DT_RUNPATH, else DT_RPATH).
    pub runpath: Option<String>,
    /// The build id, as hexadecimal digits.
    pub build_id: Option<String>,
    /// Loads no libraries.
    pub is_static: bool,
    /// What it tells debuggers.
    pub symbols: Symbols,
}

/// What a program tells debuggers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Symbols {
    /// No symbol table: stripped.
    #[default]
    Stripped,
    /// A symbol table.
    Table,
    /// A symbol table and DWARF.
    Debug,
}

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Members in the archive's order, as far as they were listed.
    pub members: Vec<Member>,
    /// Members in all, where the archive says so.
    pub total: Option<u64>,
}

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its path, safe to show.
    pub name: String,
    /// What it is.
    pub kind: MemberKind,
    /// Bytes of content; none where nothing says so.
    pub size: Option<u64>,
    /// Bytes in the archive, where each member is compressed by itself.
    pub packed: Option<u64>,
    /// Link target, safe to show.
    pub link: Option<String>,
    /// Seconds since 1970. A zip's times are in the zone of whoever made it.
    pub mtime: Option<i64>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberKind {
    /// A file.
    File,
    /// A folder.
    Dir,
    /// A symbolic or hard link.
    Link,
    /// A device or pipe.
    Other,
}
