//! The central directory of a zip (APPNOTE 6.3.10, 4.3.12 to 4.3.16), which stands at its end. Members are not read.

use super::{
    ranges::{Ranges, Stop},
    summary::{Listing, Member, MemberKind},
};
use crate::{image::display_name, limits};

/// Bytes of the end record without its comment, and of the longest comment.
const END: u64 = 22;
const COMMENT: u64 = 65_535;

/// The listing, and why it is not complete.
pub(super) fn list(file: &Ranges) -> Result<(Listing, Option<String>), Stop> {
    let (end_at, mut end) = end_record(file)?;
    if let Some(wide) = zip64(file, end_at, &end)? {
        end = wide;
    }
    // What stands before the zip (a program that unpacks itself) moves everything.
    let moved = end.at.checked_sub(end.size).and_then(|at| at.checked_sub(end.offset));
    let start = end.offset.saturating_add(moved.unwrap_or_default());
    let length = end.size.min(limits::LISTING_BYTES).min(file.size().saturating_sub(start));
    let mut rest = file.get(start, length)?;
    let mut listing = Listing { members: Vec::new(), total: Some(end.count) };
    while listing.members.len() < limits::LISTED_MEMBERS {
        let Some((member, after)) = member(rest) else { break };
        listing.members.push(member);
        rest = after;
    }
    let listed = listing.members.len() as u64;
    let why = match listed {
        _ if listed >= end.count => None,
        _ if listed == limits::LISTED_MEMBERS as u64 || length < end.size => {
            Some(format!("the first {listed} of {} members", end.count))
        }
        _ => Some(format!("its directory breaks off after {listed} of {} members", end.count)),
    };
    Ok((listing, why))
}

/// Where the central directory is.
struct End {
    /// Where the record begins: the directory ends there.
    at: u64,
    count: u64,
    size: u64,
    offset: u64,
}

fn end_record(file: &Ranges) -> Result<(u64, End), Stop> {
    let tail = file.size().min(END + COMMENT);
    let begin = file.size() - tail;
    // Most zips have no comment.
    let short = file.size().min(END);
    for (start, bytes) in [(file.size() - short, file.get(file.size() - short, short)?), (begin, &[][..])] {
        let bytes = if bytes.is_empty() { file.get(start, tail)? } else { bytes };
        let is_end = |at: &usize| {
            let record = bytes.get(*at..).unwrap_or_default();
            record.starts_with(b"PK\x05\x06")
                && le(record, 20, 2) <= (record.len() as u64).saturating_sub(END)
                && record.len() as u64 >= END
        };
        if let Some(at) = (0..bytes.len()).rev().find(is_end) {
            let record = bytes.get(at..).unwrap_or_default();
            let at = start + at as u64;
            return Ok((at, End { at, count: le(record, 10, 2), size: le(record, 12, 4), offset: le(record, 16, 4) }));
        }
    }
    Err(Stop::broken("it has no central directory: it is damaged, or breaks off"))
}

/// The larger record, where numbers do not fit the usual one.
fn zip64(file: &Ranges, end_at: u64, end: &End) -> Result<Option<End>, Stop> {
    let is_full = end.count == 0xffff || end.size == 0xffff_ffff || end.offset == 0xffff_ffff;
    let Some(locator_at) = end_at.checked_sub(20).filter(|_| is_full) else { return Ok(None) };
    let locator = file.get(locator_at, 20)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let at = le(locator, 8, 8);
    let record = file.get(at, 56)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(Stop::broken("its zip64 record is not where it should be"));
    }
    Ok(Some(End { at, count: le(record, 32, 8), size: le(record, 40, 8), offset: le(record, 48, 8) }))
}

/// One header of the directory, and what is behind it.
fn member(bytes: &[u8]) -> Option<(Member, &[u8])> {
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let length = |at: usize| usize::try_from(le(bytes, at, 2)).unwrap_or(usize::MAX);
    let (name_length, extra_length, comment_length) = (length(28), length(30), length(32));
    let (_, rest) = bytes.split_at_checked(46)?;
    let (name, rest) = rest.split_at_checked(name_length)?;
    let (extra, rest) = rest.split_at_checked(extra_length)?;
    let (_, rest) = rest.split_at_checked(comment_length)?;
    let (mut size, mut packed) = (le(bytes, 24, 4), le(bytes, 20, 4));
    let mut wide = extra_field(extra, 1).unwrap_or_default();
    for number in [&mut size, &mut packed] {
        if *number == 0xffff_ffff && wide.len() >= 8 {
            *number = le(wide, 0, 8);
            wide = wide.get(8..).unwrap_or_default();
        }
    }
    let unix_mode = if le(bytes, 5, 1) == 3 { le(bytes, 40, 2) } else { 0 };
    let kind = match unix_mode & 0o170_000 {
        0o120_000 => MemberKind::Link,
        _ if name.ends_with(b"/") => MemberKind::Dir,
        0o100_000 | 0 => MemberKind::File,
        0o040_000 => MemberKind::Dir,
        _ => MemberKind::Other,
    };
    let mtime = unix_time(extra).unwrap_or_else(|| dos_time(le(bytes, 14, 2), le(bytes, 12, 2)));
    let member = Member {
        name: display_name(name),
        kind,
        size: Some(size),
        packed: Some(packed),
        link: None,
        mtime: Some(mtime),
    };
    Some((member, rest))
}

fn extra_field(mut extra: &[u8], wanted: u64) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (data, after) = rest.split_at_checked(usize::try_from(le(head, 2, 2)).ok()?)?;
        if le(head, 0, 2) == wanted {
            return Some(data);
        }
        extra = after;
    }
    None
}

/// Info-ZIP's extended timestamp.
fn unix_time(extra: &[u8]) -> Option<i64> {
    let field =
        extra_field(extra, 0x5455).filter(|field| field.len() >= 5 && field.first().is_some_and(|f| f & 1 != 0))?;
    i64::try_from(le(field, 1, 4)).ok()
}

/// A date and time of MS-DOS, as if in UTC: seconds since 1970.
fn dos_time(date: u64, time: u64) -> i64 {
    let field = |value: u64, shift: u32, mask: u64| i64::try_from(value >> shift & mask).unwrap_or_default();
    let (year, month, day) = (1980 + field(date, 9, 127), field(date, 5, 15).clamp(1, 12), field(date, 0, 31).max(1));
    // Days by a calendar that begins in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    days * 86_400 + field(time, 11, 31) * 3_600 + field(time, 5, 63) * 60 + field(time, 0, 31) * 2
}

fn le(bytes: &[u8], at: usize, length: usize) -> u64 {
    let field = bytes.get(at..).and_then(|rest| rest.get(..length)).unwrap_or_default();
    field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}
