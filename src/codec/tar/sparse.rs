//! Maps of sparse files: read, checked, and walked to give zeros where nothing is stored.

use super::{Block, TarError, TarVisitor, parser::cut, pax::decimal};
use crate::limits;

/// Parts that are stored: offset and length.
pub(super) type Map = Vec<(u64, u64)>;

/// Checks a map against the file's size and the bytes stored, and drops its empty parts.
pub(super) fn check(map: Map, size: u64, stored: u64, header: u64) -> Result<Map, TarError> {
    let invalid = |why| TarError::Sparse { header, why };
    let (mut end, mut sum) = (0_u64, 0_u64);
    for (offset, length) in &map {
        if *offset < end {
            return Err(invalid("its parts overlap or are out of order"));
        }
        end = offset.checked_add(*length).ok_or_else(|| invalid("a part ends beyond all numbers"))?;
        sum += length;
    }
    if end > size {
        return Err(invalid("a part lies behind the file's end"));
    }
    if sum != stored {
        return Err(invalid("its parts do not add up to the bytes stored"));
    }
    Ok(map.into_iter().filter(|(_, length)| *length > 0).collect())
}

/// Fails once a map has more parts than are kept.
pub(super) fn check_parts(parts: usize, header: u64) -> Result<(), TarError> {
    if parts <= limits::SPARSE_PARTS {
        return Ok(());
    }
    Err(TarError::TooLong {
        header,
        what: "the sparse file's map (in parts)",
        length: parts as u64,
        limit: "SPARSE_PARTS",
        cap: limits::SPARSE_PARTS as u64,
    })
}

/// Reads the map of pax sparse 1.0, which stands before the content: a count, then offsets and lengths, one decimal
/// number a line, padded to a block.
#[derive(Debug, Default)]
pub(super) struct MapReader {
    count: Option<u64>,
    map: Map,
    offset: Option<u64>,
    line: Vec<u8>,
}

impl MapReader {
    /// Takes the next block. True: the map is complete.
    pub(super) fn take(&mut self, block: &Block, header: u64) -> Result<bool, TarError> {
        for byte in block {
            if *byte == b'\n' {
                self.number(header)?;
                if self.count == Some(self.map.len() as u64) {
                    return Ok(true);
                }
            } else if self.line.len() < 20 {
                self.line.push(*byte);
            } else {
                return Err(TarError::Sparse { header, why: "a number is too long" });
            }
        }
        Ok(false)
    }

    fn number(&mut self, header: u64) -> Result<(), TarError> {
        let value = decimal(&self.line).ok_or(TarError::Sparse { header, why: "a line is no number" })?;
        self.line.clear();
        match (self.count, self.offset.take()) {
            (None, _) => {
                check_parts(usize::try_from(value).unwrap_or(usize::MAX), header)?;
                self.count = Some(value);
            }
            (Some(_), None) => self.offset = Some(value),
            (Some(_), Some(offset)) => self.map.push((offset, value)),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Map {
        self.map
    }
}

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// Walks through a sparse file's content: what is next, a hole or stored bytes.
#[derive(Debug, Default)]
pub(super) struct Walk {
    part: usize,
    position: u64,
}

impl Walk {
    /// Bytes of the hole before the next stored byte, or before the end; walks over it.
    pub(super) fn hole(&mut self, map: &[(u64, u64)], size: u64) -> u64 {
        let next = match map.get(self.part) {
            Some((offset, _)) => (*offset).max(self.position),
            None => size,
        };
        let hole = next.saturating_sub(self.position);
        self.position += hole;
        hole
    }

    /// How many of `available` stored bytes come before the next hole; walks over them.
    pub(super) fn stored(&mut self, map: &[(u64, u64)], available: usize) -> usize {
        let Some((offset, length)) = map.get(self.part) else { return available };
        let left = (offset + length).saturating_sub(self.position);
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        self.position += take as u64;
        if take as u64 == left {
            self.part += 1;
        }
        take
    }
}

/// Hands out `count` zeros.
pub(super) fn zeros<E>(mut count: u64, mut give: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    while count > 0 {
        let take = usize::try_from(count).unwrap_or(usize::MAX).min(ZEROS.len());
        give(ZEROS.get(..take).unwrap_or_default())?;
        count -= take as u64;
    }
    Ok(())
}

/// Hands on stored bytes of a sparse file, with zeros for the holes before them.
pub(super) fn spread<V: TarVisitor>(
    mut bytes: &[u8],
    map: &[(u64, u64)],
    size: u64,
    walk: &mut Walk,
    visitor: &mut V,
) -> Result<(), V::Error> {
    while !bytes.is_empty() {
        zeros(walk.hole(map, size), |zeros| visitor.data(zeros))?;
        let (now, rest) = cut(bytes, walk.stored(map, bytes.len()) as u64);
        visitor.data(now)?;
        bytes = rest;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_checked() {
        type Case = (&'static [(u64, u64)], u64, u64, Option<&'static str>);
        let table: [Case; 6] = [
            (&[(0, 5), (10, 5), (20, 0)], 20, 10, None),
            (&[], 0, 0, None),
            (&[(10, 5), (0, 5)], 20, 10, Some("out of order")),
            (&[(0, 5), (4, 5)], 20, 10, Some("overlap")),
            (&[(10, 5)], 14, 5, Some("behind")),
            (&[(u64::MAX, 5)], 14, 5, Some("beyond")),
        ];
        for (map, size, stored, expected) in table {
            match (check(map.to_vec(), size, stored, 0), expected) {
                (Ok(map), None) => assert!(map.iter().all(|(_, length)| *length > 0)),
                (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
                other => panic!("{map:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_map_over_two_blocks() {
        let mut text = b"60\n".to_vec();
        for part in 0..60_u64 {
            text.extend_from_slice(format!("{}\n{}\n", part * 1000, 512).as_bytes());
        }
        text.resize(1024, 0);
        let mut reader = MapReader::default();
        let (first, second) = text.split_at(512);
        assert!(!reader.take(first.try_into().unwrap(), 0).unwrap());
        assert!(reader.take(second.try_into().unwrap(), 0).unwrap());
        assert_eq!(reader.finish(), (0..60).map(|part| (part * 1000, 512)).collect::<Map>());
    }
}
