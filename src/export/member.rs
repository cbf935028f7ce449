//! One member of a tar: a ustar header, with pax records before it for what does not fit (POSIX pax, "ustar Interchange
//! Format" and "pax Extended Header").

use crate::protocol::EntryType;

const BLOCK: usize = 512;

/// A member, without its content.
pub(super) struct Member<'a> {
    /// Its name in the tar; a folder's ends in a slash.
    pub(super) path: Vec<u8>,
    /// What it is.
    pub(super) kind: EntryType,
    /// Permission bits.
    pub(super) mode: u16,
    /// Owner and group.
    pub(super) owner: (u32, u32),
    /// Seconds since 1970.
    pub(super) mtime: i64,
    /// Bytes of content that follow.
    pub(super) size: u64,
    /// Target of a link; empty for all but links.
    pub(super) link: Vec<u8>,
    /// Device number, major and minor.
    pub(super) device: (u32, u32),
    /// Extended attributes.
    pub(super) xattrs: Vec<(&'a [u8], &'a [u8])>,
}

impl Member<'_> {
    /// Appends header and pax records.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let name = Name::split(&self.path);
        let mut records = Vec::new();
        if name.is_none() {
            record(&mut records, b"path", &self.path);
        }
        if self.link.len() > 100 {
            record(&mut records, b"linkpath", &self.link);
        }
        for (key, value, digits) in
            [(b"size".as_slice(), self.size, 11), (b"uid", self.owner.0.into(), 7), (b"gid", self.owner.1.into(), 7)]
        {
            if octal(value, digits).is_none() {
                record(&mut records, key, value.to_string().as_bytes());
            }
        }
        let mtime = u64::try_from(self.mtime).ok().filter(|time| octal(*time, 11).is_some());
        if mtime.is_none() {
            record(&mut records, b"mtime", self.mtime.to_string().as_bytes());
        }
        for (key, value) in &self.xattrs {
            record(&mut records, &[b"SCHILY.xattr.", *key].concat(), value);
        }
        if !records.is_empty() {
            let base = self.path.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty()).unwrap_or_default();
            let pax = [b"PaxHeaders/", base.get(..base.len().min(80)).unwrap_or_default()].concat();
            let mut header = Header::new(&Name { prefix: b"", name: &pax }, b'x');
            header.number(124, 11, records.len() as u64);
            header.number(100, 7, 0o644);
            out.extend_from_slice(&header.finish());
            out.extend_from_slice(&records);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
        let cut = Name { prefix: b"", name: self.path.get(..self.path.len().min(100)).unwrap_or_default() };
        out.extend_from_slice(&self.header(&name.unwrap_or(cut), mtime.unwrap_or_default()));
    }

    fn header(&self, name: &Name, mtime: u64) -> [u8; BLOCK] {
        let kind = match self.kind {
            EntryType::File => b'0',
            EntryType::Hardlink => b'1',
            EntryType::Symlink => b'2',
            EntryType::Char => b'3',
            EntryType::Block => b'4',
            EntryType::Dir => b'5',
            EntryType::Fifo => b'6',
        };
        let mut header = Header::new(name, kind);
        header.number(100, 7, self.mode.into());
        header.number(108, 7, self.owner.0.into());
        header.number(116, 7, self.owner.1.into());
        header.number(124, 11, self.size);
        header.number(136, 11, mtime);
        header.text(157, self.link.get(..self.link.len().min(100)).unwrap_or_default());
        if matches!(self.kind, EntryType::Char | EntryType::Block) {
            header.device(329, self.device.0);
            header.device(337, self.device.1);
        }
        header.finish()
    }
}

/// A path that fits into a header: behind the prefix and a slash comes the name.
struct Name<'a> {
    prefix: &'a [u8],
    name: &'a [u8],
}

impl<'a> Name<'a> {
    fn split(path: &'a [u8]) -> Option<Self> {
        if path.contains(&0) {
            return None;
        }
        if path.len() <= 100 {
            return Some(Self { prefix: b"", name: path });
        }
        // As much as fits into the prefix; a folder's last slash stays with its name.
        let last = path.len().min(156).min(path.len() - 1);
        let slash = path.get(..last)?.iter().rposition(|byte| *byte == b'/').filter(|at| *at > 0)?;
        let (prefix, name) = (path.get(..slash)?, path.get(slash + 1..)?);
        (name.len() <= 100).then_some(Self { prefix, name })
    }
}

/// A header block being filled.
struct Header([u8; BLOCK]);

impl Header {
    fn new(name: &Name, kind: u8) -> Self {
        let mut header = Self([0; BLOCK]);
        header.text(0, name.name);
        header.text(345, name.prefix);
        header.text(156, &[kind]);
        header.text(257, b"ustar\x0000");
        for (at, digits) in [(100, 7), (108, 7), (116, 7), (124, 11), (136, 11)] {
            header.number(at, digits, 0);
        }
        header
    }

    fn text(&mut self, at: usize, text: &[u8]) {
        if let Some(field) = self.0.get_mut(at..at + text.len()) {
            field.copy_from_slice(text);
        }
    }

    /// Octal digits; zeros where a pax record holds what does not fit.
    fn number(&mut self, at: usize, digits: usize, number: u64) {
        let text = octal(number, digits).unwrap_or_else(|| "0".repeat(digits));
        self.text(at, text.as_bytes());
    }

    /// Where the octal digits do not suffice, in base 256 as GNU and star have it: pax has no record for it.
    fn device(&mut self, at: usize, number: u32) {
        match octal(number.into(), 7) {
            Some(text) => self.text(at, text.as_bytes()),
            None => self.text(at, &[&[0x80, 0, 0, 0], number.to_be_bytes().as_slice()].concat()),
        }
    }

    fn finish(mut self) -> [u8; BLOCK] {
        self.text(148, b"        ");
        let sum: u64 = self.0.iter().map(|byte| u64::from(*byte)).sum();
        self.number(148, 6, sum);
        self.text(154, b"\0 ");
        self.0
    }
}

fn octal(number: u64, digits: usize) -> Option<String> {
    let text = format!("{number:0digits$o}");
    (text.len() == digits).then_some(text)
}

/// Appends a pax record, whose length counts its own digits.
fn record(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} ").as_bytes());
    out.extend_from_slice(key);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b'\n');
}
