//! Members as our own parser reads them. Whole images are held against GNU tar and Docker in `tests/`.

use proptest::prelude::*;

use super::member::Member;
use crate::{
    codec::{TarEntry, TarError, TarKind, TarParser, TarVisitor},
    protocol::EntryType,
};

#[derive(Default)]
struct Read(Vec<TarEntry>);

impl TarVisitor for Read {
    type Error = TarError;
    fn entry(&mut self, entry: &TarEntry) -> Result<(), TarError> {
        self.0.push(entry.clone());
        Ok(())
    }
    fn data(&mut self, _: &[u8]) -> Result<(), TarError> {
        Ok(())
    }
    fn entry_end(&mut self) -> Result<(), TarError> {
        Ok(())
    }
}

fn read(tar: &[u8]) -> Vec<TarEntry> {
    let (mut parser, mut read) = (TarParser::default(), Read::default());
    parser.push(tar, &mut read).unwrap();
    read.0
}

fn member() -> Member<'static> {
    Member {
        path: b"a".to_vec(),
        kind: EntryType::Fifo,
        mode: 0o644,
        owner: (0, 0),
        mtime: 0,
        size: 0,
        link: Vec::new(),
        device: (0, 0),
        xattrs: Vec::new(),
    }
}

fn kinds() -> impl Strategy<Value = (EntryType, TarKind)> {
    prop_oneof![
        Just((EntryType::File, TarKind::File)),
        Just((EntryType::Dir, TarKind::Directory)),
        Just((EntryType::Symlink, TarKind::Symlink)),
        Just((EntryType::Hardlink, TarKind::HardLink)),
        Just((EntryType::Char, TarKind::CharDevice)),
        Just((EntryType::Block, TarKind::BlockDevice)),
        Just((EntryType::Fifo, TarKind::Fifo)),
    ]
}

/// A path of any length, whose parts are as names are, text or not.
fn path() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'a'), 1..=255_u8], 1..120), 1..6).prop_map(|parts| {
        let clean =
            |part: &Vec<u8>| part.iter().map(|byte| if *byte == b'/' { b'_' } else { *byte }).collect::<Vec<_>>();
        parts.iter().map(clean).collect::<Vec<_>>().join(&b'/')
    })
}

fn xattr_name() -> impl Strategy<Value = String> {
    let letters = |length| prop::collection::vec(prop::char::range('a', 'z'), length).prop_map(String::from_iter);
    (letters(1..=8_usize), letters(1..=120)).prop_map(|(space, name)| space + "." + &name)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_member_is_read_back_as_it_was(
        path in path(),
        (kind, expected) in kinds(),
        mode in 0..0o10000_u16,
        owner in any::<(u32, u32)>(),
        mtime in prop_oneof![any::<i32>().prop_map(i64::from), -3..(1_i64 << 40)],
        link in path(),
        device in any::<(u32, u32)>(),
        xattrs in prop::collection::vec((xattr_name(), prop::collection::vec(any::<u8>(), 0..200)), 0..3),
    ) {
        let mut member = Member { path: path.clone(), kind, mode, owner, mtime, ..member() };
        if kind == EntryType::Dir {
            member.path.push(b'/');
        }
        let is_link = matches!(kind, EntryType::Symlink | EntryType::Hardlink);
        let is_device = matches!(kind, EntryType::Char | EntryType::Block);
        if is_link {
            member.link.clone_from(&link);
        }
        member.device = if is_device { device } else { (0, 0) };
        member.xattrs = xattrs.iter().map(|(key, value)| (key.as_bytes(), value.as_slice())).collect();
        let mut tar = Vec::new();
        member.write(&mut tar);
        prop_assert_eq!(tar.len() % 512, 0);
        let entries = read(&tar);
        prop_assert_eq!(entries.len(), 1);
        let entry = &entries[0];
        prop_assert_eq!(entry.path.strip_suffix(b"/").unwrap_or(&entry.path), path.as_slice());
        prop_assert_eq!(entry.kind, expected);
        prop_assert_eq!((entry.mode, entry.uid, entry.gid), (mode.into(), owner.0.into(), owner.1.into()));
        prop_assert_eq!(entry.mtime, mtime);
        prop_assert_eq!(&entry.link, if is_link { &link } else { &member.link });
        prop_assert_eq!(entry.device, member.device);
        let read: Vec<(&[u8], &[u8])> = entry.xattrs.iter().map(|(key, value)| (key.as_slice(), value.as_slice())).collect();
        prop_assert_eq!(read, member.xattrs);
    }
}

#[test]
fn what_fits_a_header_needs_no_records() {
    let blocks = |path: &str| {
        let mut tar = Vec::new();
        Member { path: path.as_bytes().to_vec(), ..member() }.write(&mut tar);
        assert_eq!(read(&tar)[0].path, path.as_bytes());
        tar.len() / 512
    };
    let (name, folder) = ("n".repeat(100), "f".repeat(155));
    assert_eq!(blocks(&name), 1);
    assert_eq!(blocks(&format!("{folder}/{name}")), 1);
    assert_eq!(blocks(&format!("{folder}f/{name}")), 3);
    assert_eq!(blocks(&format!("{folder}/{name}n")), 3);
    assert_eq!(blocks(&"n".repeat(101)), 3);
    assert_eq!(blocks(&format!("/{}", "n".repeat(100))), 3);
}

#[test]
fn large_files_have_their_size_in_a_record() {
    let mut tar = Vec::new();
    Member { kind: EntryType::File, size: 1 << 40, ..member() }.write(&mut tar);
    assert_eq!(read(&tar)[0].size, 1 << 40);
}
