//! Archives by `zip`, `tar`, `gzip`, `zstd` and Python.

use std::{fs, path::Path, process::Command};

use lagvis::file::{About, Listing, MemberKind, Summary};
use lagvis_tests::{tools, workdir::Workdir};

fn run(folder: &Path, program: &str, arguments: &[&str]) {
    tools::output(Command::new(program).args(arguments).current_dir(folder)).unwrap();
}

fn listing(summary: &Summary) -> &Listing {
    match &summary.about {
        About::Listing(listing) => listing,
        about => panic!("{about:?}: {:?}", summary.problem),
    }
}

/// Names, kinds and sizes.
fn short(summary: &Summary) -> Vec<(&str, MemberKind, Option<u64>)> {
    let mut all: Vec<_> =
        listing(summary).members.iter().map(|m| (m.name.trim_end_matches('/'), m.kind, m.size)).collect();
    all.sort_by(|a, b| a.0.cmp(b.0));
    all
}

fn folder() -> Workdir {
    let folder = Workdir::new().unwrap();
    fs::create_dir_all(folder.path().join("in/sub")).unwrap();
    fs::write(folder.path().join("in/a.txt"), "hello\n").unwrap();
    fs::write(folder.path().join("in/sub/caf\u{e9}"), vec![7; 300_000]).unwrap();
    std::os::unix::fs::symlink("a.txt", folder.path().join("in/link")).unwrap();
    folder
}

#[test]
fn zips_of_the_tool() {
    if !tools::have(&["zip"]).unwrap() {
        return;
    }
    let folder = folder();
    run(folder.path(), "zip", &["-q", "-r", "-y", "plain.zip", "in"]);
    fs::copy(folder.path().join("plain.zip"), folder.path().join("comment.zip")).unwrap();
    let comment = "yes PK | head -c 1800 | zip -q -z comment.zip";
    run(folder.path(), "sh", &["-c", comment]);
    let head = [b"PK\x03\x04 and more ".repeat(99), fs::read(folder.path().join("plain.zip")).unwrap()].concat();
    fs::write(folder.path().join("moved"), head).unwrap();
    let expected = [
        ("in", MemberKind::Dir, Some(0)),
        ("in/a.txt", MemberKind::File, Some(6)),
        ("in/link", MemberKind::Link, Some(5)),
        ("in/sub", MemberKind::Dir, Some(0)),
        ("in/sub/caf\u{e9}", MemberKind::File, Some(300_000)),
    ];
    for name in ["plain.zip", "comment.zip", "moved"] {
        let (summary, read) = super::examine(&folder.path().join(name));
        assert_eq!((short(&summary).as_slice(), &summary.problem), (&expected[..], &None), "{name}");
        assert!(read < 100_000, "{name}: {read} bytes were read");
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        assert!(listing(&summary).members.iter().all(|m| (now - m.mtime.unwrap()).abs() < 86_400), "{name}");
    }
}

#[test]
fn zip64_and_many_members() {
    if !tools::have(&["python3"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let many =
        "import zipfile\nwith zipfile.ZipFile('many.jar', 'w') as z:\n for n in range(70000): z.writestr(f'f{n}', b'')";
    run(folder.path(), "python3", &["-c", many]);
    let (summary, read) = super::examine(&folder.path().join("many.jar"));
    let listing = listing(&summary);
    assert_eq!((listing.members.len(), listing.total), (5_000, Some(70_000)));
    assert_eq!(listing.members[4_999].name, "f4999");
    assert_eq!(summary.problem.as_deref(), Some("the first 5000 of 70000 members"));
    assert!(read < 8 << 20, "{read}");
}

#[test]
fn tars_of_the_tool_packed_or_not() {
    if !tools::have(&["tar", "gzip", "zstd"]).unwrap() {
        return;
    }
    let folder = folder();
    run(folder.path(), "tar", &["--format=gnu", "-cf", "gnu.tar", "in"]);
    run(folder.path(), "tar", &["--format=pax", "-czf", "pax.tgz", "in"]);
    run(folder.path(), "tar", &["--zstd", "-cf", "packed.tar.zst", "in"]);
    let expected = [
        ("in", MemberKind::Dir, None),
        ("in/a.txt", MemberKind::File, Some(6)),
        ("in/link", MemberKind::Link, None),
        ("in/sub", MemberKind::Dir, None),
        ("in/sub/caf\u{e9}", MemberKind::File, Some(300_000)),
    ];
    for (name, title) in
        [("gnu.tar", "tar archive"), ("pax.tgz", "tar archive in gzip"), ("packed.tar.zst", "tar archive in zstd")]
    {
        let (summary, _) = super::examine(&folder.path().join(name));
        assert_eq!((short(&summary).as_slice(), summary.name.as_str()), (&expected[..], title));
        assert_eq!(summary.problem, None, "{name}");
    }
    fs::copy(folder.path().join("in/a.txt"), folder.path().join("notes.txt")).unwrap();
    run(folder.path(), "gzip", &["notes.txt"]);
    fs::rename(folder.path().join("notes.txt.gz"), folder.path().join("other.gz")).unwrap();
    let (summary, _) = super::examine(&folder.path().join("other.gz"));
    assert_eq!(short(&summary), [("notes.txt", MemberKind::File, Some(6))], "the name before");
}
