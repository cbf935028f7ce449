//! Versions, eight bytes each: there is one at least for every path of the image.

use std::ops::Range;

use super::store::Version;
use crate::layer::NONE;

/// Of a layer's number: the path is gone.
const GONE: u32 = 1 << 31;
/// Of a layer's number: in place of the row stands the number of a link.
const LINK: u32 = 1 << 30;

/// A list of versions.
#[derive(Debug, Default)]
pub(super) struct Versions {
    /// Layer and row.
    kept: Vec<(u32, u32)>,
    /// Row and content of those that have the content of another row.
    links: Vec<(u32, (u32, u32))>,
}

impl Versions {
    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.kept.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn reserve_exact(&mut self, more: usize) {
        self.kept.reserve_exact(more);
    }

    pub(super) fn push(&mut self, version: Version) {
        let kept = self.keep(version);
        self.kept.push(kept);
    }

    pub(super) fn set(&mut self, at: u32, version: Version) {
        let kept = self.keep(version);
        if let Some(slot) = self.kept.get_mut(at as usize) {
            *slot = kept;
        }
    }

    fn keep(&mut self, Version { layer, row, content, gone }: Version) -> (u32, u32) {
        if gone {
            (layer | GONE, NONE)
        } else if content == (layer, row) {
            (layer, row)
        } else {
            self.links.push((row, content));
            (layer | LINK, u32::try_from(self.links.len() - 1).unwrap_or(NONE))
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<Version> {
        Some(self.version(*self.kept.get(at as usize)?))
    }

    /// The same, unless it says that the path is gone.
    pub(super) fn existing(&self, at: u32) -> Option<Version> {
        let kept = *self.kept.get(at as usize)?;
        if kept.0 & GONE == 0 { Some(self.version(kept)) } else { None }
    }

    /// Its layer alone.
    #[inline(always)]
    pub(super) fn layer(&self, at: u32) -> u32 {
        self.kept.get(at as usize).map_or(0, |(layer, _)| layer & !(GONE | LINK))
    }

    /// Its layer and row, unless the path is gone.
    #[inline(always)]
    pub(super) fn row(&self, at: u32) -> Option<(u32, u32)> {
        let (layer, row) = *self.kept.get(at as usize)?;
        match layer & (GONE | LINK) {
            0 => Some((layer, row)),
            LINK => Some((layer & !LINK, self.links.get(row as usize)?.0)),
            _ => None,
        }
    }

    pub(super) fn range(&self, range: Range<u32>) -> impl DoubleEndedIterator<Item = Version> + '_ {
        let kept = self.kept.get(range.start as usize..range.end as usize).unwrap_or_default();
        kept.iter().map(|kept| self.version(*kept))
    }

    fn version(&self, (layer, row): (u32, u32)) -> Version {
        let number = layer & !(GONE | LINK);
        if layer == number {
            return Version { layer, row, content: (layer, row), gone: false };
        }
        let (row, content) = match self.links.get(row as usize) {
            Some(link) if layer & LINK != 0 => *link,
            _ => (NONE, (number, NONE)),
        };
        Version { layer: number, row, content, gone: layer & GONE != 0 }
    }

    /// Bytes that they take.
    pub(super) fn byte_len(&self) -> usize {
        size_of_val(&*self.kept) + size_of_val(&*self.links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let of_row = Version::of_row(3, 7);
        let all = [
            of_row,
            Version::implicit(2),
            Version::removed(1),
            Version { content: (0, 9), ..of_row },
            Version { content: (3, NONE), ..of_row },
            Version { content: (4, 1), row: 0, layer: 0, gone: false },
        ];
        let mut versions = Versions::default();
        all.iter().for_each(|version| versions.push(*version));
        assert_eq!(versions.range(0..6).collect::<Vec<_>>(), all);
        versions.set(0, all[3]);
        versions.set(3, all[2]);
        assert_eq!([versions.get(0), versions.get(3), versions.get(6)], [Some(all[3]), Some(all[2]), None]);
        assert_eq!(versions.range(4..9).count(), 0);
        for (at, version) in (0..).zip(versions.range(0..6)) {
            let existing = Some(version).filter(|version| !version.gone);
            assert_eq!(versions.existing(at), existing);
            assert_eq!(versions.row(at), existing.map(|version| (version.layer, version.row)));
            assert_eq!(versions.layer(at), version.layer);
        }
    }
}
