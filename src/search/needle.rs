//! What is looked for: bytes, and where they are in others (R. Horspool, "Practical fast searching in strings", 1980).

use crate::{limits, protocol::SearchSpec};

/// Why there is nothing to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedleError {
    /// Nothing was given.
    #[error("nothing to look for was given")]
    Empty,
    /// Too much was given.
    #[error("more than {} bytes are not looked for", limits::NEEDLE_BYTES)]
    TooLong,
    /// The digits are not pairs of 0 to 9 and a to f.
    #[error("bytes are written as pairs of the digits 0 to 9 and a to f, for example 7f 45 4c 46")]
    Hex,
}

/// Bytes to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    bytes: Vec<u8>,
    any_case: bool,
    /// For the byte that stands under the needle's last: how far it can be moved on.
    skip: Box<[usize; 256]>,
}

impl Needle {
    /// What a search looks for.
    ///
    /// # Errors
    /// When that is nothing, too much, or no hexadecimal.
    pub fn new(spec: &SearchSpec) -> Result<Self, NeedleError> {
        let mut bytes =
            if spec.hex { hexadecimal(&spec.text).ok_or(NeedleError::Hex)? } else { spec.text.clone().into() };
        let any_case = spec.any_case && !spec.hex;
        if any_case {
            bytes.make_ascii_lowercase();
        }
        match bytes.len() {
            0 => return Err(NeedleError::Empty),
            length if length > limits::NEEDLE_BYTES => return Err(NeedleError::TooLong),
            _ => {}
        }
        let mut skip = Box::new([bytes.len(); 256]);
        for (at, byte) in bytes.iter().enumerate().take(bytes.len() - 1) {
            for byte in [*byte, if any_case { byte.to_ascii_uppercase() } else { *byte }] {
                if let Some(slot) = skip.get_mut(usize::from(byte)) {
                    *slot = bytes.len() - 1 - at;
                }
            }
        }
        Ok(Self { bytes, any_case, skip })
    }

    /// Bytes of it.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Never: there is always something to look for.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where it is next in `bytes`, from `start` on.
    pub fn find(&self, bytes: &[u8], start: usize) -> Option<usize> {
        let length = self.bytes.len();
        let mut at = start;
        while let Some(here) = bytes.get(at..).and_then(|rest| rest.get(..length)) {
            let same = if self.any_case { here.eq_ignore_ascii_case(&self.bytes) } else { here == self.bytes };
            if same {
                return Some(at);
            }
            let last = here.last().copied().unwrap_or_default();
            at += self.skip.get(usize::from(last)).copied().unwrap_or(1);
        }
        None
    }
}

/// Pairs of hexadecimal digits, with or without space between them.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}
