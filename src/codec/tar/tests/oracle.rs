//! Against the `tar` crate, and damage: random members, written and read back.

use super::*;

/// A member for the `tar` crate to write.
#[derive(Clone, Debug)]
struct Wanted {
    path: String,
    kind: tar::EntryType,
    link: String,
    content: Vec<u8>,
    mode: u32,
    id: u64,
    mtime: u64,
}

/// A path of one to seven parts, `é` in the first one only. Not by a regular expression: those need proptest's `std`,
/// which wasm32 has not.
fn name() -> impl Strategy<Value = String> {
    let first = prop_oneof![26 => proptest::char::range('a', 'z'), 1 => Just('é')];
    let part = proptest::collection::vec(proptest::char::range('a', 'z'), 1..=60);
    let rest = proptest::collection::vec(part, 0..=6);
    (proptest::collection::vec(first, 1..=12), rest).prop_map(|(first, rest)| {
        let parts = std::iter::once(first).chain(rest).map(String::from_iter);
        parts.collect::<Vec<_>>().join("/")
    })
}

fn wanted() -> impl Strategy<Value = Wanted> {
    use tar::EntryType as T;
    let kind = prop::sample::select(vec![T::Regular, T::Regular, T::Link, T::Symlink, T::Directory, T::Fifo, T::Char]);
    let content = (any::<u8>(), 0..3000_usize).prop_map(|(byte, length)| vec![byte; length]);
    (name(), kind, name(), content, 0..0o10000_u32, 0..1_u64 << 33, 0..1_u64 << 34).prop_map(
        |(path, kind, link, content, mode, id, mtime)| {
            let content = if kind == T::Regular { content } else { Vec::new() };
            Wanted { path, kind, link, content, mode, id, mtime }
        },
    )
}

fn write(members: &[Wanted]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for wanted in members {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(wanted.kind);
        header.set_mode(wanted.mode);
        header.set_uid(wanted.id);
        header.set_gid(wanted.id / 2);
        header.set_mtime(wanted.mtime);
        header.set_size(wanted.content.len() as u64);
        header.set_device_major(4).unwrap();
        header.set_device_minor(64).unwrap();
        match wanted.kind {
            tar::EntryType::Link | tar::EntryType::Symlink => {
                builder.append_link(&mut header, &wanted.path, &wanted.link).unwrap();
            }
            _ => builder.append_data(&mut header, &wanted.path, wanted.content.as_slice()).unwrap(),
        }
    }
    builder.into_inner().unwrap()
}

/// What the `tar` crate reads, in our words.
fn oracle(bytes: &[u8]) -> Vec<(TarEntry, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let kind = match entry.header().entry_type() {
            tar::EntryType::Link => TarKind::HardLink,
            tar::EntryType::Symlink => TarKind::Symlink,
            tar::EntryType::Directory => TarKind::Directory,
            tar::EntryType::Fifo => TarKind::Fifo,
            tar::EntryType::Char => TarKind::CharDevice,
            _ => TarKind::File,
        };
        let header = entry.header();
        let is_device = kind == TarKind::CharDevice;
        let device = || Some((header.device_major().unwrap()?, header.device_minor().unwrap()?));
        let found = TarEntry {
            path: entry.path_bytes().into_owned(),
            kind,
            link: entry.link_name_bytes().unwrap_or_default().into_owned(),
            mode: header.mode().unwrap(),
            uid: header.uid().unwrap(),
            gid: header.gid().unwrap(),
            mtime: i64::try_from(header.mtime().unwrap()).unwrap(),
            size: entry.size(),
            stored: entry.size(),
            data_offset: entry.raw_file_position(),
            header_offset: entry.raw_header_position(),
            device: if is_device { device().unwrap() } else { (0, 0) },
            xattrs: Vec::new(),
            sparse: None,
        };
        (found, content)
    };
    archive.entries().unwrap().map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_the_tar_crate_reads_it(
        members in proptest::collection::vec(wanted(), 0..12),
        cuts in proptest::collection::vec(1..2000_usize, 1..6),
    ) {
        let bytes = write(&members);
        let expected = oracle(&bytes);
        prop_assert_eq!(&parse_in(&bytes, &[usize::MAX]).unwrap().members, &expected);
        prop_assert_eq!(&parse_in(&bytes, &cuts).unwrap().members, &expected);
    }

    #[test]
    fn damage_never_panics_and_slices_do_not_matter(
        members in proptest::collection::vec(wanted(), 1..5),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in 1..2000_usize,
    ) {
        let mut bytes = write(&members);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
            // With the checksum right again the damage reaches the fields behind it.
            let block = at / 512 * 512;
            if bytes[block + 257..].starts_with(b"ustar") {
                let whole: [u8; 512] = bytes[block..block + 512].try_into().unwrap();
                bytes[block..block + 512].copy_from_slice(&sealed(whole));
            }
        }
        prop_assert_eq!(parse_in(&bytes, &[cut]), parse_in(&bytes, &[usize::MAX]));
    }
}
