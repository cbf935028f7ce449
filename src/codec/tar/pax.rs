//! pax records (POSIX pax, "Extended header"): read by their stated length, since values may hold newlines.

use super::TarError;

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
    /// Where it begins inside the records.
    pub(super) at: u64,
}

/// The records of one extended header, which stands at `header`.
pub(super) struct Records<'a> {
    rest: &'a [u8],
    at: u64,
    header: u64,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], header: u64) -> Self {
        Self { rest: bytes, at: 0, header }
    }

    fn record(&mut self) -> Result<Record<'a>, &'static str> {
        let space = self.rest.iter().position(|byte| *byte == b' ').ok_or("no length")?;
        let digits = self.rest.get(..space).unwrap_or_default();
        let length = decimal(digits).and_then(|length| usize::try_from(length).ok()).ok_or("no length")?;
        let (record, rest) = self.rest.split_at_checked(length).ok_or("it is longer than the header that holds it")?;
        let body = record.get(space + 1..).ok_or("it is shorter than its own length field")?;
        let (newline, body) = body.split_last().ok_or("it is empty")?;
        if *newline != b'\n' {
            return Err("no newline at its end");
        }
        let equals = body.iter().position(|byte| *byte == b'=').ok_or("no equals sign")?;
        let (key, value) = body.split_at_checked(equals).ok_or("no equals sign")?;
        if key.is_empty() {
            return Err("an empty key");
        }
        let at = self.at;
        self.at += length as u64;
        self.rest = rest;
        Ok(Record { key, value: value.get(1..).unwrap_or_default(), at })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, TarError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (header, at) = (self.header, self.at);
        Some(self.record().map_err(|why| TarError::Pax { header, at, why }))
    }
}

/// Decimal digits and nothing else.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| match digit {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// A time: decimal seconds with sign and fraction, rounded down.
pub(super) fn seconds(value: &[u8]) -> Option<i64> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let whole = i64::try_from(decimal(parts.next()?)?).ok()?;
    let fraction = parts.next().unwrap_or_default();
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let is_whole = fraction.iter().all(|digit| *digit == b'0');
    Some(if negative { -whole - i64::from(!is_whole) } else { whole })
}

/// Undoes the percent signs of libarchive's attribute names.
pub(super) fn unescape(name: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let mut digit = || char::from(*bytes.next()?).to_digit(16);
        out.push(u8::try_from(digit()? << 4 | digit()?).ok()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_by_length() {
        let bytes = b"12 path=a/b\n17 comment=a\nb=c\n10 empty=\n";
        let records: Vec<_> = Records::new(bytes, 0).map(|record| record.unwrap()).collect();
        let pairs: Vec<_> = records.iter().map(|record| (record.key, record.value)).collect();
        let expected: [(&[u8], &[u8]); 3] = [(b"path", b"a/b"), (b"comment", b"a\nb=c"), (b"empty", b"")];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn malformed_records() {
        let table: [(&[u8], &str); 7] = [
            (b"path=a\n", "no length"),
            (b"x path=a\n", "no length"),
            (b"99 path=a\n", "longer"),
            (b"1 path=a\n", "shorter"),
            (b"8 path=a\n", "newline"),
            (b"9 path:a\n", "equals"),
            (b"5 =a\n", "key"),
        ];
        for (bytes, expected) in table {
            let error = Records::new(bytes, 512).find_map(Result::err).unwrap();
            assert!(error.to_string().contains(expected), "{}: {error}", bytes.escape_ascii());
        }
    }

    #[test]
    fn times_round_down() {
        let table: [(&[u8], Option<i64>); 8] = [
            (b"12", Some(12)),
            (b"12.999999999", Some(12)),
            (b"-1.5", Some(-2)),
            (b"-1.000", Some(-1)),
            (b"-0.1", Some(-1)),
            (b"1.", Some(1)),
            (b"", None),
            (b"1e9", None),
        ];
        for (value, expected) in table {
            assert_eq!(seconds(value), expected, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn libarchive_attributes() {
        assert_eq!(unescape(b"user.a%3Db"), Some(b"user.a=b".to_vec()));
        assert_eq!(unescape(b"user.%4"), None);
    }
}
