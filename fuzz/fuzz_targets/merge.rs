//! Stacks of layers made of a few names, so that they meet: merge, changes, views, details.
#![no_main]

use std::sync::Arc;

use lagvis::layer::{Entry, NONE, RowKind, TableBuilder};
use lagvis_fuzz::look_at;
use libfuzzer_sys::fuzz_target;

const KINDS: [RowKind; 10] = [
    RowKind::File,
    RowKind::Dir,
    RowKind::Symlink,
    RowKind::Hardlink,
    RowKind::Char,
    RowKind::Block,
    RowKind::Fifo,
    RowKind::Whiteout,
    RowKind::Opaque,
    RowKind::Aufs,
];
const NAMES: [&[u8]; 4] = [b"a", b"b", b"c", b"d"];
const TARGETS: [&[u8]; 8] = [b"a", b"b", b"../a", b"/a/b", b"c/d", b".", b"..", b"b/../../c"];

// Four bytes a row: kind and end of layer, path, link, content.
fuzz_target!(|data: &[u8]| {
    let mut layers = Vec::new();
    let mut table = TableBuilder::new();
    for row in data.chunks_exact(4).take(400) {
        let [what, path, link, content] = [row[0], row[1], row[2], row[3]];
        let depth = usize::from(path >> 6);
        let parts: Vec<&[u8]> = (0..=depth).map(|level| NAMES[usize::from(path >> (2 * level) & 3)]).collect();
        let kind = KINDS[usize::from(what & 15) % KINDS.len()];
        let node = table.path(&parts).expect("a few names fit");
        let is_link = matches!(kind, RowKind::Symlink | RowKind::Hardlink);
        let target = TARGETS[usize::from(link & 7)];
        let link = if is_link { table.string(target).expect("it fits") } else { NONE };
        let entry = Entry {
            node,
            kind,
            mode: u16::from(content),
            uid: 0,
            gid: 0,
            mtime: i64::from(content & 3),
            size: if kind == RowKind::File { u64::from(content) } else { 0 },
            offset: 0,
            link,
            xattrs: NONE,
            print: u128::from(content),
        };
        table.row(&entry).expect("it fits");
        if what & 0x80 != 0 && layers.len() < 8 {
            let done = std::mem::take(&mut table);
            layers.push(done.finish().and_then(|parts| parts.join()).ok().map(Arc::new));
        }
    }
    layers.push(table.finish().and_then(|parts| parts.join()).ok().map(Arc::new));
    look_at(layers);
});
