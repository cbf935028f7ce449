//! The summary of an ELF file: header, program headers, the dynamic section, notes, section headers (gABI, chapters 4
//! and 5). Only these are read. A table that makes no sense is an error; one that is not there says nothing.

use super::{
    elf_names,
    ranges::{Ranges, Stop},
    summary::{Elf, Symbols},
};
use crate::image::display_name;

/// Program headers that are looked at; real files have about ten.
const SEGMENTS: u64 = 256;
/// Section headers that are looked at; an object file of one section a function may have thousands.
const SECTIONS: u64 = 65_536;
/// Entries of the dynamic section that are looked at; about thirty are usual.
const DYNAMIC: u64 = 4_096;
/// Libraries that are named.
const NEEDED: usize = 512;
/// Bytes of a name or path.
const NAME: u64 = 4_096;
/// Bytes of the notes of one segment.
const NOTES: u64 = 64 << 10;
/// Bytes of names that are read in one go.
const STRINGS: u64 = 1 << 20;

const PT_LOAD: u64 = 1;
const PT_DYNAMIC: u64 = 2;
const PT_INTERP: u64 = 3;
const PT_NOTE: u64 = 4;
const SHT_SYMTAB: u64 = 2;
const SHT_NOTE: u64 = 7;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_FLAGS_1: u64 = 0x6fff_fffb;
const DF_1_PIE: u64 = 0x0800_0000;

/// Width and byte order: how numbers are read.
#[derive(Clone, Copy)]
struct Form {
    wide: bool,
    big: bool,
}

impl Form {
    /// The number of `length` bytes that stands at `at`; 0 behind the end.
    fn number(self, bytes: &[u8], at: usize, length: usize) -> u64 {
        let field = bytes.get(at..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        let add = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        if self.big { field.iter().fold(0, add) } else { field.iter().rev().fold(0, add) }
    }

    /// An address or offset, which stands at one place in 32-bit files and at another in 64-bit ones.
    fn word(self, bytes: &[u8], narrow: usize, wide: usize) -> u64 {
        if self.wide { self.number(bytes, wide, 8) } else { self.number(bytes, narrow, 4) }
    }

    fn half(self, bytes: &[u8], narrow: usize, wide: usize) -> u64 {
        self.number(bytes, if self.wide { wide } else { narrow }, 2)
    }
}

/// A part of the file that a header names.
struct Part {
    kind: u64,
    offset: u64,
    address: u64,
    size: u64,
    name: u64,
}

/// The summary, and what of it could not be read.
pub(super) fn read(file: &Ranges) -> Result<(Elf, Option<String>), Stop> {
    let ident = file.get(0, 16)?;
    let form = match (ident.get(4), ident.get(5)) {
        (Some(class @ (1 | 2)), Some(data @ (1 | 2))) => Form { wide: *class == 2, big: *data == 2 },
        _ => return Err(Stop::broken("its class or byte order is none that there is")),
    };
    let header = file.get(0, if form.wide { 64 } else { 52 })?;
    let mut elf = Elf {
        bits: if form.wide { 64 } else { 32 },
        big_endian: form.big,
        machine: elf_names::machine(form.number(header, 18, 2), form.wide, form.big),
        abi: elf_names::abi(ident.get(7).copied().unwrap_or_default()),
        ..Elf::default()
    };
    let mut why = None;
    let segments = soft(segments(form, header, file), &mut why)?;
    let sections = soft(sections(form, header, file), &mut why)?;
    if let Some(part) = segments.iter().find(|segment| segment.kind == PT_INTERP) {
        elf.interpreter = soft(string(file, part.offset, part.size).map(Some), &mut why)?;
    }
    let is_pie = soft(dynamic(form, file, &segments, &mut elf), &mut why)?;
    let notes = segments.iter().filter(|part| part.kind == PT_NOTE);
    for part in notes.chain(sections.iter().filter(|part| part.kind == SHT_NOTE)) {
        if elf.build_id.is_none() {
            let bytes = soft(file.get(part.offset, part.size.min(NOTES)), &mut why)?;
            elf.build_id = build_id(form, bytes);
        }
    }
    elf.symbols = soft(symbols(form, header, file, &sections), &mut why)?;
    elf.kind = kind(form.number(header, 16, 2), is_pie || elf.interpreter.is_some(), elf.soname.is_some());
    Ok((elf, why))
}

/// What cannot be read is left out and told; the rest is still worth showing.
fn soft<T: Default>(result: Result<T, Stop>, why: &mut Option<String>) -> Result<T, Stop> {
    match result {
        Err(Stop::Broken(told)) => {
            why.get_or_insert(told);
            Ok(T::default())
        }
        result => result,
    }
}

fn kind(number: u64, is_program: bool, is_library: bool) -> String {
    let name = match number {
        0 => "file of no type",
        1 => "object file",
        2 => "executable",
        3 if is_program && !is_library => "position-independent executable",
        3 => "shared library",
        4 => "core dump",
        _ => return format!("file of type {number:#x}"),
    };
    name.to_owned()
}

fn segments(form: Form, header: &[u8], file: &Ranges) -> Result<Vec<Part>, Stop> {
    let (offset, each) = (form.word(header, 28, 32), form.half(header, 42, 54));
    let count = form.half(header, 44, 56);
    let read = |entry: &[u8]| Part {
        kind: form.number(entry, 0, 4),
        offset: form.word(entry, 4, 8),
        address: form.word(entry, 8, 16),
        size: form.word(entry, 16, 32),
        name: 0,
    };
    table(file, "program headers", (offset, each, count), if form.wide { 56 } else { 32 }, SEGMENTS, read)
}

fn sections(form: Form, header: &[u8], file: &Ranges) -> Result<Vec<Part>, Stop> {
    let (offset, each) = (form.word(header, 32, 40), form.half(header, 46, 58));
    let mut count = form.half(header, 48, 60);
    if count == 0 && offset != 0 {
        // More than fit the header: the first section's size says how many.
        count = form.word(file.get(offset, each.max(if form.wide { 64 } else { 40 }))?, 20, 32);
    }
    let read = |entry: &[u8]| Part {
        kind: form.number(entry, 4, 4),
        offset: form.word(entry, 16, 24),
        address: form.word(entry, 12, 16),
        size: form.word(entry, 20, 32),
        name: form.number(entry, 0, 4),
    };
    table(file, "section headers", (offset, each, count), if form.wide { 64 } else { 40 }, SECTIONS, read)
}

fn table(
    file: &Ranges,
    what: &str,
    (offset, each, count): (u64, u64, u64),
    least: u64,
    cap: u64,
    read: impl Fn(&[u8]) -> Part,
) -> Result<Vec<Part>, Stop> {
    if count == 0 || offset == 0 {
        return Ok(Vec::new());
    }
    if each < least || count > cap {
        return Err(Stop::Broken(format!("{count} {what} of {each} bytes each make no sense")));
    }
    let bytes = file.get(offset, each * count)?;
    Ok(bytes.chunks(usize::try_from(each).unwrap_or(usize::MAX)).map(read).collect())
}

/// Libraries and names. True: flagged as a position-independent executable.
fn dynamic(form: Form, file: &Ranges, segments: &[Part], elf: &mut Elf) -> Result<bool, Stop> {
    let Some(part) = segments.iter().find(|segment| segment.kind == PT_DYNAMIC) else {
        elf.is_static = segments.iter().any(|segment| segment.kind == PT_LOAD);
        return Ok(false);
    };
    let each = if form.wide { 16 } else { 8 };
    // The size in the header of a separate file of debugging symbols is that of the section it was taken from.
    let bytes = file.get(part.offset, part.size.min(each * DYNAMIC).min(file.size().saturating_sub(part.offset)))?;
    let entries = bytes.chunks_exact(usize::try_from(each).unwrap_or(16));
    let entries = entries.map(|entry| (form.word(entry, 0, 0), form.word(entry, 4, 8)));
    let entries: Vec<(u64, u64)> = entries.take_while(|(tag, _)| *tag != 0).collect();
    let value = |wanted: u64| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    let is_pie = value(DT_FLAGS_1).is_some_and(|flags| flags & DF_1_PIE != 0);
    let needed: Vec<u64> =
        entries.iter().filter(|(tag, _)| *tag == DT_NEEDED).map(|(_, at)| *at).take(NEEDED).collect();
    elf.is_static = needed.is_empty() && elf.interpreter.is_none() && is_pie;
    let (Some(address), Some(size)) = (value(DT_STRTAB), value(DT_STRSZ)) else { return Ok(is_pie) };
    let mut loads = segments.iter().filter(|segment| segment.kind == PT_LOAD);
    let place = |part: &Part| {
        let at = address.checked_sub(part.address).filter(|at| *at < part.size)?;
        part.offset.checked_add(at)
    };
    let Some(start) = loads.find_map(place) else {
        return Ok(is_pie);
    };
    let names = Names { file, start, size, wanted: needed.iter().copied().chain(value(DT_SONAME)).collect() };
    for at in &needed {
        elf.needed.push(names.at(*at)?);
    }
    elf.soname = value(DT_SONAME).map(|at| names.at(at)).transpose()?;
    elf.runpath = value(DT_RUNPATH).or(value(DT_RPATH)).map(|at| names.at(at)).transpose()?;
    Ok(is_pie)
}

/// The table of names.
struct Names<'a> {
    file: &'a Ranges,
    start: u64,
    size: u64,
    wanted: Vec<u64>,
}

impl Names<'_> {
    fn at(&self, at: u64) -> Result<String, Stop> {
        let left = self.size.checked_sub(at).ok_or_else(|| Stop::broken("a name lies outside of its table"))?;
        let place = self.start.checked_add(at).ok_or_else(|| Stop::broken("a name lies outside of the file"))?;
        // Names that are wanted lie together: they are read in one go.
        if let (Some(first), Some(last)) = (self.wanted.iter().min(), self.wanted.iter().max()) {
            let length = (last - first).saturating_add(NAME).min(self.size.saturating_sub(*first));
            let begin = self.start.saturating_add(*first);
            if length <= STRINGS && begin < self.file.size() {
                self.file.get(begin, length.min(self.file.size() - begin))?;
            }
        }
        string(self.file, place, left)
    }
}

/// The bytes up to a zero, safe to show.
fn string(file: &Ranges, offset: u64, length: u64) -> Result<String, Stop> {
    let length = length.min(NAME).min(file.size().saturating_sub(offset));
    let bytes = file.get(offset, length)?;
    Ok(display_name(bytes.split(|byte| *byte == 0).next().unwrap_or_default()))
}

/// The descriptor of the GNU note of type 3.
fn build_id(form: Form, mut notes: &[u8]) -> Option<String> {
    while notes.len() >= 12 {
        let length = |at: usize| usize::try_from(form.number(notes, at, 4)).unwrap_or(usize::MAX);
        let (name, size, kind) = (length(0), length(4), form.number(notes, 8, 4));
        let begin = 12_usize.checked_add(name)?.checked_next_multiple_of(4)?;
        let end = begin.checked_add(size)?;
        let id = notes.get(begin..end)?;
        if kind == 3 && notes.get(12..)?.starts_with(b"GNU\0") && name == 4 && size <= 64 {
            return Some(id.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        notes = notes.get(end.checked_next_multiple_of(4)?..)?;
    }
    None
}

fn symbols(form: Form, header: &[u8], file: &Ranges, sections: &[Part]) -> Result<Symbols, Stop> {
    if !sections.iter().any(|section| section.kind == SHT_SYMTAB) {
        return Ok(Symbols::Stripped);
    }
    let index = usize::try_from(form.half(header, 50, 62)).unwrap_or(usize::MAX);
    let Some(names) = sections.get(index).filter(|names| names.size <= STRINGS) else { return Ok(Symbols::Table) };
    let names = file.get(names.offset, names.size)?;
    let is_debug = |section: &Part| {
        let at = usize::try_from(section.name).unwrap_or(usize::MAX);
        names.get(at..).is_some_and(|name| name.starts_with(b".debug_info\0") || name.starts_with(b".zdebug_info\0"))
    };
    Ok(if sections.iter().any(is_debug) { Symbols::Debug } else { Symbols::Table })
}
