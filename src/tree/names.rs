//! Names, all in one stretch of bytes, searched at once.

use memchr::{memchr, memchr2};

use super::store::Tree;

/// What names are made of, the most frequent first: as counted in a Debian system.
const FREQUENT: &[u8] = b"e.tco_psianlrygd-muh1bz23vfkxw0j645879q";

impl Tree {
    /// Calls back for each node whose name, raw, holds a text. ASCII letters of either case are alike.
    pub(super) fn named(&self, text: &[u8], mut found: impl FnMut(u32)) {
        // Names are looked through for the text's rarest character.
        let rank = |byte: &u8| FREQUENT.iter().position(|b| *b == byte.to_ascii_lowercase()).unwrap_or(FREQUENT.len());
        let Some((rare, byte)) = text.iter().enumerate().max_by_key(|(_, byte)| rank(byte)) else { return };
        let (lower, upper) = (byte.to_ascii_lowercase(), byte.to_ascii_uppercase());
        let names = self.names();
        let (mut at, mut node) = (0, 0);
        while let Some(next) = names.get(at..).and_then(|rest| memchr2(lower, upper, rest)) {
            at += next + 1;
            let Some(start) = (at - 1).checked_sub(rare) else { continue };
            let Some(here) = names.get(start..start + text.len()) else { continue };
            if here.eq_ignore_ascii_case(text) {
                node = self.node_named_at(start, node);
                let end = self.name_end(node);
                if start + text.len() <= end {
                    found(node);
                    at = end;
                }
            }
        }
    }

    /// The node whose name holds a byte; `from` is one not behind it.
    fn node_named_at(&self, byte: usize, mut from: u32) -> u32 {
        const STEPS: u32 = 16;
        for _ in 0..STEPS {
            if byte < self.name_end(from) {
                return from;
            }
            from += 1;
        }
        let mut range = from..self.len();
        while range.start < range.end {
            let middle = range.start + (range.end - range.start) / 2;
            if byte < self.name_end(middle) { range.end = middle } else { range.start = middle + 1 }
        }
        range.start
    }
}

/// Whether a name is written otherwise than by its bytes: it has a backslash, or is not UTF-8.
pub(super) fn is_escaped(name: &[u8]) -> bool {
    memchr(b'\\', name).is_some() || std::str::from_utf8(name).is_err()
}
