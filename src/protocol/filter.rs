//! Which entries of the tree are shown: what they are searched by, and what they must be like. Empty lists let all
//! through; what is set must hold together.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Change, EntryType};
pub use crate::pattern::PatternKind;

/// What paths are searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// How it is written.
    pub kind: PatternKind,
    /// The pattern; empty: all. One that cannot be read finds nothing.
    pub text: String,
}

/// What an entry must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// One of these changes by the marked layers.
    pub changes: Vec<Change>,
    /// One of these types.
    pub types: Vec<EntryType>,
    /// At least so many bytes; folders by their sum.
    pub min_size: Option<u64>,
    /// At most so many bytes.
    pub max_size: Option<u64>,
    /// Last set by one of these layers.
    pub layers: Vec<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// All of these tests; a symbolic link has no mode of its own and passes none.
    pub modes: Vec<ModeTest>,
}

impl Filter {
    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A test of mode & 0o7777, written as find's `-perm` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModeTest {
    /// `-4000`: all of these bits.
    All(u16),
    /// `/111`: one of these bits at least.
    Any(u16),
    /// `755`: these bits and no other.
    Exactly(u16),
}

impl ModeTest {
    /// Those that have a name.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("setuid", Self::All(0o4000)),
        ("setgid", Self::All(0o2000)),
        ("sticky", Self::All(0o1000)),
        ("world-writable", Self::All(0o0002)),
        ("executable", Self::Any(0o111)),
    ];

    /// Reads what is displayed; none for what is no octal mask up to 7777.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, of): (&str, fn(u16) -> Self) = match text.as_bytes().first()? {
            b'-' => (text.get(1..)?, Self::All),
            b'/' => (text.get(1..)?, Self::Any),
            _ => (text, Self::Exactly),
        };
        let is_octal = !digits.is_empty() && digits.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
        let mask = u16::from_str_radix(digits, 8).ok().filter(|mask| is_octal && *mask <= 0o7777)?;
        Some(of(mask))
    }

    /// Whether a mode passes.
    pub fn passes(self, mode: u16) -> bool {
        match self {
            Self::All(mask) => mode & mask == mask,
            Self::Any(mask) => mask == 0 || mode & mask != 0,
            Self::Exactly(mask) => mode == mask,
        }
    }

    /// Its name, where it has one.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(_, test)| *test == self).map(|(name, _)| *name)
    }
}

impl fmt::Display for ModeTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(mask) => write!(f, "-{mask:o}"),
            Self::Any(mask) => write!(f, "/{mask:o}"),
            Self::Exactly(mask) => write!(f, "{mask:o}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_as_find_has_them() {
        for (text, mode, expected) in [
            ("-4000", 0o4755, true),
            ("-4000", 0o755, false),
            ("-6000", 0o4755, false),
            ("/6000", 0o4755, true),
            ("/111", 0o644, false),
            ("755", 0o755, true),
            ("0755", 0o1755, false),
            ("/0", 0o644, true),
        ] {
            assert_eq!(ModeTest::parse(text).unwrap().passes(mode), expected, "{text} on {mode:o}");
        }
        for text in ["", "-", "8", "+1", "-+1", "10000", "rwx", "é"] {
            assert_eq!(ModeTest::parse(text), None, "{text}");
        }
        for (name, test) in ModeTest::NAMED {
            assert_eq!((ModeTest::parse(&test.to_string()), test.name()), (Some(test), Some(name)));
        }
    }
}
