//! Where paths lead.

use std::sync::Arc;

use super::{
    NoFile, Tree,
    tests::{table, tar},
};
use crate::limits;

fn tree(layers: &[&[&str]]) -> Tree {
    Tree::build(layers.iter().map(|lines| Some(table(&tar(lines)))).collect())
}

#[test]
fn paths_lead_to_files_through_links() {
    let chain: Vec<String> = (0..50).map(|n| format!("c{n}->c{}", n + 1)).chain(["c50=end".to_owned()]).collect();
    let chain: Vec<&str> = chain.iter().map(String::as_str).collect();
    let tree = tree(&[
        &["a/f=one", "a/g", "abs->/a/f", "a/rel->../a/./g", "dir->a", "up->../../../a/f", "gone", "self->self"],
        &["a/f=two", "hard=>a/f", "lost=>nowhere", "hardlink=>abs", ".wh.gone", "dangling->none"],
        &["a/f/=", "a/f/x", "empty->"],
        &chain,
    ]);
    for (path, upto, expected) in [
        ("a/f", 0, Ok((0, 0))),
        ("/a//f", 1, Ok((1, 0))),
        ("abs", 0, Ok((0, 0))),
        ("abs", 1, Ok((1, 0))),
        ("hardlink", 1, Ok((1, 0))),
        ("hard", 9, Ok((1, 0))),
        ("a/rel", 0, Ok((0, 1))),
        ("dir/g", 0, Ok((0, 1))),
        ("dir/../a/g", 0, Ok((0, 1))),
        ("up", 0, Ok((0, 0))),
        ("gone", 0, Ok((0, 6))),
        ("gone", 1, Err(NoFile::Missing)),
        ("hard", 0, Err(NoFile::Missing)),
        ("lost", 1, Err(NoFile::Dangling)),
        ("dangling", 1, Err(NoFile::Missing)),
        ("self", 0, Err(NoFile::Loop)),
        ("a/g/x", 0, Err(NoFile::NotADirectory)),
        ("a/g/..", 0, Err(NoFile::NotADirectory)),
        ("a", 0, Err(NoFile::Directory)),
        ("dir", 0, Err(NoFile::Directory)),
        ("", 0, Err(NoFile::Directory)),
        ("..", 0, Err(NoFile::Directory)),
        ("c0", 3, Err(NoFile::Loop)),
        ("c10", 3, Ok((3, 50))),
        ("c9", 3, Err(NoFile::Loop)),
    ] {
        assert_eq!(tree.follow(path.as_bytes(), upto), expected, "{path} as of {upto}");
    }
    assert_eq!(limits::LINK_HOPS, 40);
}

#[test]
fn a_layer_that_is_left_out_gives_nothing() {
    let tree = Tree::build(vec![Some(table(&tar(&["a"]))), None, Some(Arc::clone(&table(&tar(&["b"]))))]);
    assert_eq!(tree.follow(b"a", 1), Ok((0, 0)));
    assert_eq!(tree.follow(b"b", 2), Ok((2, 0)));
}

#[test]
fn each_link_on_the_way_is_told() {
    let tree = tree(&[&[
        "usr/bin/perl",
        "bin->usr/bin",
        "etc/p->/bin/./perl",
        "q->etc/p",
        "d->etc",
        "bad->q/x",
        "self->self",
    ]]);
    let trail = |path: &[u8]| {
        let trail = tree.trail(tree.find(path).unwrap(), 0)?;
        Some((trail.hops.into_iter().map(|hop| (hop.path, hop.target)).collect::<Vec<_>>(), trail.end))
    };
    let hop = |path: &str, target: &str| (path.to_owned(), target.to_owned());
    let expected = vec![hop("q", "etc/p"), hop("etc/p", "/bin/./perl"), hop("bin", "usr/bin")];
    assert_eq!(trail(b"q"), Some((expected, Ok("usr/bin/perl".to_owned()))));
    assert_eq!(trail(b"d"), Some((vec![hop("d", "etc")], Ok("etc".to_owned()))), "a folder");
    assert_eq!(trail(b"bad").unwrap().1, Err(NoFile::NotADirectory.to_string()));
    let (hops, end) = trail(b"self").unwrap();
    assert_eq!((hops.len(), end), (limits::LINK_HOPS + 1, Err(NoFile::Loop.to_string())));
    assert_eq!(trail(b"usr/bin/perl"), None);
}
