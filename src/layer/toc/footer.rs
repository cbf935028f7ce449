//! The footer of an eStargz blob: an empty gzip member whose extra field says where the table begins.

/// Bytes of a footer, newest first: with a subfield as gzip asks for (RFC 1952, section 2.3.1.1), and as CRFS wrote it.
const LENGTHS: [usize; 2] = [51, 47];
/// Sixteen hexadecimal digits and a word.
const FIELD: usize = 22;
const WORD: &[u8] = b"STARGZ";

/// Where the table begins and how long the footer is, by the last bytes of a blob.
pub(super) fn footer(tail: &[u8]) -> Option<(u64, u64)> {
    LENGTHS.iter().find_map(|length| {
        let footer = tail.get(tail.len().checked_sub(*length)?..)?;
        Some((read(footer, *length)?, u64::try_from(*length).ok()?))
    })
}

fn read(footer: &[u8], length: usize) -> Option<u64> {
    // Magic, method, and the flag that says that there is an extra field; times and system are anything.
    if !footer.starts_with(&[0x1f, 0x8b, 8, 4]) {
        return None;
    }
    let is_new = length == 51;
    let extra: [u8; 2] = if is_new { [26, 0] } else { [22, 0] };
    let (stated, rest) = footer.get(10..)?.split_at_checked(2)?;
    if stated != extra {
        return None;
    }
    let field = if is_new { rest.strip_prefix(b"SG\x16\0")? } else { rest };
    let (digits, word) = field.get(..FIELD)?.split_at_checked(FIELD - WORD.len())?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()))?;
    (word == WORD).then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}
