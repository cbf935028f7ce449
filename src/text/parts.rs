//! Where the parts of a long text begin: it is shown part by part, each of which ends with a line wherever it can.

/// Bytes of a part: as much as can be coloured and searched within a frame or two.
pub const PART_BYTES: u64 = 512 << 10;

/// Where a part begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Begin {
    /// Its first byte.
    pub byte: u64,
    /// Its first line, from 0.
    pub line: u32,
}

/// Bytes of a part out of those that were read from its beginning; the text's last part has them all.
pub fn part_length(bytes: &[u8], is_last: bool) -> usize {
    let line = bytes.iter().rposition(|byte| *byte == b'\n').filter(|_| !is_last);
    line.map_or(bytes.len(), |at| at + 1)
}

/// The parts of a text that comes in slices, up to those that hold a byte.
#[derive(Clone, Debug)]
pub struct Parts {
    begins: Vec<Begin>,
    total: u64,
    /// Bytes that came, and lines that ended in them.
    at: u64,
    lines: u32,
    /// Behind the last line end that came.
    line: Begin,
}

impl Parts {
    /// Nothing came yet of so many bytes.
    pub fn new(total: u64) -> Self {
        Self { begins: vec![Begin::default()], total, at: 0, lines: 0, line: Begin::default() }
    }

    /// How far the text is to be read to know the part of a byte.
    pub fn wanted(&self, byte: u64) -> u64 {
        byte.saturating_add(PART_BYTES).min(self.total)
    }

    /// Takes the next bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let begin = self.begins.last().copied().unwrap_or_default();
            let left = usize::try_from(begin.byte.saturating_add(PART_BYTES) - self.at).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(left.min(bytes.len()));
            if let Some(last) = now.iter().rposition(|byte| *byte == b'\n') {
                let ends = now.iter().filter(|byte| **byte == b'\n').count();
                self.lines = self.lines.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
                self.line = Begin { byte: self.at + last as u64 + 1, line: self.lines };
            }
            self.at += now.len() as u64;
            bytes = rest;
            let is_full = self.at == begin.byte.saturating_add(PART_BYTES);
            if is_full && self.at < self.total {
                let here = Begin { byte: self.at, line: self.lines };
                self.begins.push(if self.line.byte > begin.byte { self.line } else { here });
            }
        }
    }

    /// Where the parts begin, up to that of a byte.
    pub fn up_to(mut self, byte: u64) -> Vec<Begin> {
        self.begins.retain(|begin| begin.byte <= byte);
        self.begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts as one comes to them by going on from part to part.
    fn walked(text: &[u8]) -> Vec<Begin> {
        let mut begins = vec![Begin::default()];
        loop {
            let Begin { byte, line } = begins[begins.len() - 1];
            let rest = &text[usize::try_from(byte).unwrap()..];
            let is_last = rest.len() as u64 <= PART_BYTES;
            if is_last {
                return begins;
            }
            let window = &rest[..usize::try_from(PART_BYTES).unwrap()];
            let length = part_length(window, false);
            let lines = window[..length].iter().filter(|byte| **byte == b'\n').count();
            begins.push(Begin { byte: byte + length as u64, line: line + u32::try_from(lines).unwrap() });
        }
    }

    #[test]
    fn parts_are_those_that_one_comes_to_by_going_on() {
        let lines: Vec<u8> = (0..200_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let endless = vec![b'x'; 1_700_000];
        let mixed = [&endless[..600_000], b"\n", &lines, &endless].concat();
        let full: Vec<u8> = [&vec![b'y'; (512 << 10) - 1][..], b"\n"].concat();
        for text in [lines, endless, mixed, full.clone(), [full, b"z".to_vec()].concat(), Vec::new()] {
            let expected = walked(&text);
            for slice in [1_000_003, 4_096] {
                let mut parts = Parts::new(text.len() as u64);
                text.chunks(slice).for_each(|bytes| parts.push(bytes));
                assert_eq!(parts.up_to(u64::MAX), expected, "{} bytes in slices of {slice}", text.len());
            }
        }
    }

    #[test]
    fn no_more_is_read_than_tells_a_bytes_part() {
        let text: Vec<u8> = (0..200_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        let all = walked(&text);
        for byte in [0, all[1].byte - 1, all[1].byte, all[2].byte + 7, text.len() as u64 - 1] {
            let mut parts = Parts::new(text.len() as u64);
            parts.push(&text[..usize::try_from(parts.wanted(byte)).unwrap()]);
            let expected: Vec<Begin> = all.iter().copied().filter(|begin| begin.byte <= byte).collect();
            assert_eq!(parts.up_to(byte), expected, "byte {byte}");
        }
    }
}
