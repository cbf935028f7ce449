//! A table of contents held against the tar: runtimes that pull lazily see the one, all others the other.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::{
    STARGZ_MEMBER, Sum,
    entries::{Chunk, Contents},
    witness::{Piece, Seen},
};
use crate::{
    image::{display_name, escape_path},
    layer::table::{LayerTable, ROOT, RowKind},
};

/// Seconds by which times may differ: eStargz rounds them to whole ones, tars are read rounded down.
const ROUNDED: u64 = 1;

/// A path at which they differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// As in `--files`.
    pub(super) path: String,
    /// How, for people.
    pub(super) text: String,
}

/// Entries, whiteouts and opaque markers can stand at the same path.
type Key = (Vec<u8>, RowKind);

/// Where they differ, by path.
pub(super) fn compare(listed: &LayerTable, stated: &Contents, tar: &LayerTable, seen: &Seen) -> Vec<Difference> {
    let mut left = rows(listed);
    let mut found = Vec::new();
    for ((path, kind), row) in rows(tar) {
        // The table does not list itself, and need not list the root.
        if path.is_empty() || path == STARGZ_MEMBER {
            left.remove(&(path, kind));
            continue;
        }
        let text = match left.remove(&(path.clone(), kind)) {
            None => "the tar has it, the table of contents does not: who pulls lazily does not see it".to_owned(),
            Some(other) => {
                let pair = Pair { listed, other, tar, row };
                let mut fields = pair.fields();
                fields.extend(pair.content(stated, seen));
                if fields.is_empty() {
                    continue;
                }
                fields.join("; ")
            }
        };
        found.push(Difference { path: escape_path(&path), text });
    }
    let only_listed = left.into_keys().filter(|(path, _)| !path.is_empty());
    found.extend(only_listed.map(|(path, _)| Difference {
        path: escape_path(&path),
        text: "the table of contents has it, the tar does not: only who pulls lazily sees it".to_owned(),
    }));
    found.sort();
    found
}

/// The last row at each path: that is the one that counts.
fn rows(table: &LayerTable) -> HashMap<Key, u32> {
    let class = |kind| match kind {
        RowKind::Whiteout | RowKind::Opaque | RowKind::Aufs => kind,
        _ => RowKind::File,
    };
    (0..table.rows()).map(|row| ((path(table, table.node(row)), class(table.kind(row))), row)).collect()
}

fn path(table: &LayerTable, mut node: u32) -> Vec<u8> {
    let mut names = Vec::new();
    while node != ROOT {
        names.push(table.name(node));
        node = table.parent(node);
    }
    names.reverse();
    names.join(&b'/')
}

/// The same path in both.
struct Pair<'a> {
    listed: &'a LayerTable,
    other: u32,
    tar: &'a LayerTable,
    row: u32,
}

impl Pair<'_> {
    fn fields(&self) -> Vec<String> {
        let (a, b) = (self.listed.entry(self.other), self.tar.entry(self.row));
        let mut fields = Vec::new();
        let mut differ = |what: &str, listed: String, tar: String| {
            if listed != tar {
                fields.push(format!("{what}: {listed} in the table of contents, {tar} in the tar"));
            }
        };
        differ("type", word(a.kind).to_owned(), word(b.kind).to_owned());
        differ("mode", format!("{:04o}", a.mode), format!("{:04o}", b.mode));
        differ("owner", format!("{}:{}", a.uid, a.gid), format!("{}:{}", b.uid, b.gid));
        differ("size", a.size.to_string(), b.size.to_string());
        let link = |table: &LayerTable, string| display_name(table.string(string));
        differ("link", link(self.listed, a.link), link(self.tar, b.link));
        let device = |kind, print: u128| match kind {
            RowKind::Char | RowKind::Block => format!("{}:{}", print >> 32, print & 0xffff_ffff),
            _ => String::new(),
        };
        if a.kind == b.kind {
            differ("device", device(a.kind, a.print), device(b.kind, b.print));
        }
        // A table that states no time states none.
        if a.mtime != 0 && a.mtime.abs_diff(b.mtime) > ROUNDED {
            differ("time", a.mtime.to_string(), b.mtime.to_string());
        }
        differ("extended attributes", attributes(self.listed, self.other), attributes(self.tar, self.row));
        fields
    }

    /// How the content differs: that of the whole, or the first chunk that does.
    fn content(&self, stated: &Contents, seen: &Seen) -> Option<String> {
        let (kind, size) = (self.tar.kind(self.row), self.tar.size(self.row));
        if kind != RowKind::File || self.listed.kind(self.other) != kind || size == 0 {
            return None;
        }
        let pieces = run(&seen.pieces, self.row, |piece| piece.row);
        let chunks = run(&stated.chunks, self.other, |chunk| chunk.row);
        let whole = stated.digests.get(self.other as usize).copied().flatten();
        let seen_whole = seen.whole.binary_search_by_key(&self.row, |(row, _)| *row).ok();
        let actual = match seen_whole {
            Some(at) => seen.whole.get(at).map(|(_, sum)| *sum),
            None => pieces.first().map(|piece| piece.sum),
        };
        if let (Some(whole), Some(actual)) = (whole, actual)
            && whole != actual
        {
            return Some(format!("content: {} in the table of contents, {} in the tar", hex(&whole), hex(&actual)));
        }
        let is_stated = chunks.iter().all(|chunk| chunk.sum.is_some() || chunk.is_zeros);
        if whole.is_none() && (chunks.is_empty() || !is_stated) {
            return Some("content: the table of contents states no SHA-256 of it".to_owned());
        }
        // Several chunks within one member are not told apart here, and the holes of sparse files lie nowhere.
        if chunks.iter().any(|chunk| chunk.inner > 0) || self.tar.sparse(self.row).is_some() {
            return None;
        }
        self.chunks(chunks, pieces)
    }

    fn chunks(&self, chunks: &[Chunk], pieces: &[Piece]) -> Option<String> {
        let place = |chunk: &Chunk| (chunk.at, chunk.length, chunk.offset, chunk.inner);
        let actual = |piece: &Piece| (piece.at, piece.length, piece.member, piece.inner);
        let is_there = |(chunk, piece): (&Chunk, &Piece)| place(chunk) == actual(piece);
        // A content of another size is told already, and then chunks differ in any case.
        if self.listed.size(self.other) != self.tar.size(self.row) {
            return None;
        }
        if chunks.len() != pieces.len() || !chunks.iter().zip(pieces).all(is_there) {
            return Some("content: the table of contents looks for its bytes elsewhere in the layer".to_owned());
        }
        chunks.iter().zip(pieces).find_map(|(chunk, piece)| {
            if chunk.is_zeros {
                let what = "the table of contents says that it is zeros";
                return (zeros(chunk.length) != piece.sum).then(|| format!("content from byte {}: {what}", chunk.at));
            }
            let sum = chunk.sum.filter(|sum| *sum != piece.sum)?;
            let from = if chunk.at == 0 { String::new() } else { format!(" from byte {}", chunk.at) };
            Some(format!("content{from}: {} in the table of contents, {} in the tar", hex(&sum), hex(&piece.sum)))
        })
    }
}

/// Of items in order of their rows, those of a row.
fn run<T>(items: &[T], row: u32, of: impl Fn(&T) -> u32) -> &[T] {
    let start = items.partition_point(|item| of(item) < row);
    let end = items.partition_point(|item| of(item) <= row);
    items.get(start..end).unwrap_or_default()
}

/// SHA-256 of so many zeros.
fn zeros(mut length: u64) -> Sum {
    let mut hash = Sha256::new();
    let block = [0; 4_096];
    while length > 0 {
        let now = usize::try_from(length).unwrap_or(usize::MAX).min(block.len());
        hash.update(block.get(..now).unwrap_or_default());
        length -= now as u64;
    }
    hash.finalize().into()
}

/// Names and values, in the order of their bytes.
fn attributes(table: &LayerTable, row: u32) -> String {
    let mut pairs = table.xattrs(row);
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", display_name(name), display_name(value))).collect();
    if pairs.is_empty() { "none".to_owned() } else { pairs.join(" ") }
}

fn hex(sum: &Sum) -> String {
    let digits = sum.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", digits.collect::<String>())
}

fn word(kind: RowKind) -> &'static str {
    match kind {
        RowKind::File => "file",
        RowKind::Dir => "directory",
        RowKind::Symlink => "symbolic link",
        RowKind::Hardlink => "hard link",
        RowKind::Char => "character device",
        RowKind::Block => "block device",
        RowKind::Fifo => "named pipe",
        RowKind::Whiteout => "whiteout",
        RowKind::Opaque => "opaque marker",
        RowKind::Aufs => "AUFS metadata",
    }
}
