//! Random stacks of layers against Docker: tame ones without a difference, wild ones with none that no warning tells.

use std::{path::Path, process::Command, thread};

use lagvis_fixtures::{Mode, Packing, docker_archive_of, stack};
use lagvis_tests::{
    docker::{Docker, Entries, NEEDS, entries_of_listing},
    tools,
    workdir::Workdir,
};

const TAME: u64 = 100;
const WILD: u64 = 60;

fn inspect(arguments: &[&str], file: &Path) -> Vec<u8> {
    tools::output(Command::new(tools::lagvis().unwrap()).arg("inspect").args(arguments).arg(file)).unwrap()
}

/// Folders that no entry names are made by Docker with rights of its own (0600), and by the kernel with the setgid bit
/// and group of the folder above.
fn without_implicit(ours: &Entries, theirs: &mut Entries) {
    for (path, entry) in theirs {
        let Some(ours) = ours.get(path).filter(|ours| ours.kind == "dir" && entry.kind == "dir") else { continue };
        if ours.mode == 0o755 && ours.owner == (0, 0) && matches!(entry.mode, 0o600 | 0o2600 | 0o2755) {
            entry.mode = ours.mode;
            entry.owner = ours.owner;
        }
    }
}

fn differences(ours: &Entries, mut theirs: Entries) -> Vec<(String, String)> {
    without_implicit(ours, &mut theirs);
    let mut paths: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let differing = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
    differing.map(|path| (path.clone(), format!("{:?}, Docker {:?}", ours.get(path), theirs.get(path)))).collect()
}

#[test]
fn tame_stacks_are_what_docker_makes_of_them() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let images: Vec<_> = (0..TAME).map(|seed| stack(seed, Mode::Tame).image).collect();
    let file = folder.write("tame.tar", docker_archive_of(&images).unwrap()).unwrap();
    docker.load(&file).unwrap();
    let compare = |seed: u64| {
        let name = format!("stack:{seed}");
        let theirs = docker.export(&name).unwrap();
        let compared = theirs.len();
        let ours = entries_of_listing(&inspect(&["--files", "--image", &name], &file)).unwrap();
        let differences = differences(&ours, theirs);
        assert!(differences.is_empty(), "stack {seed}: {differences:#?}");
        compared
    };
    let half = |odd: u64| (odd..TAME).step_by(2).map(compare).sum::<usize>();
    let compared = thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().unwrap()
    });
    eprintln!("{TAME} stacks, {compared} entries as Docker has them");
    assert!(compared > 1000, "only {compared} entries");
}

/// What each word of a refusal is about: kinds of warnings of which the receipt must have one.
const REFUSALS: [(&str, &[&str]); 6] = [
    ("duplicates of file paths", &["duplicate-path"]),
    ("stderr: link ", &["hardlink-target-missing", "hardlink-target-deleted", "whiteout-of-own-entry"]),
    ("chtimes ", &["opaque-after-own-entry", "whiteout-of-own-entry"]),
    ("resource busy", &["whiteout-invalid"]),
    ("not a directory", &["file-as-directory"]),
    ("no such file or directory", &["entry-through-link", "whiteout-invalid"]),
];

/// Kinds of warnings that tell of another tree in Docker with vfs.
const DIFFERS: [&str; 4] =
    ["whiteout-of-own-entry", "opaque-after-own-entry", "whiteout-without-folder", "whiteout-invalid"];

#[test]
fn where_wild_stacks_differ_from_docker_a_warning_says_so() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let (mut same, mut told, mut refused) = (0, 0, 0);
    for seed in 0..WILD {
        let made = stack(seed, Mode::Wild);
        let file = folder.write("wild.tar", made.image.docker_archive(Packing::Plain).unwrap()).unwrap();
        let warnings = warnings(&file);
        if let Err(error) = docker.load(&file) {
            let words = error.to_string();
            let about = REFUSALS.iter().find(|(word, _)| words.contains(word));
            let (_, kinds) = about.unwrap_or_else(|| panic!("stack {seed} is refused for no known cause: {words}"));
            assert!(
                warnings.iter().any(|(kind, _)| kinds.contains(&kind.as_str())),
                "stack {seed}: {words}: {warnings:?}"
            );
            refused += 1;
            continue;
        }
        let theirs = docker.export(&format!("stack:{seed}")).unwrap();
        let ours = entries_of_listing(&inspect(&["--files"], &file)).unwrap();
        let differences = differences(&ours, theirs);
        for (path, what) in &differences {
            let is_told = |(kind, at): &(String, String)| DIFFERS.contains(&kind.as_str()) && touches(path, at);
            assert!(warnings.iter().any(is_told), "stack {seed}: {path}: {what}: {warnings:?}");
        }
        *(if differences.is_empty() { &mut same } else { &mut told }) += 1;
    }
    eprintln!("{same} stacks as Docker has them, {told} with differences that warnings tell, {refused} refused");
    assert!(same >= 5 && told >= 10, "{same} and {told}");
}

/// Kinds and paths of the receipt's warnings.
fn warnings(file: &Path) -> Vec<(String, String)> {
    let receipt: serde_json::Value = serde_json::from_slice(&inspect(&["--json"], file)).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let warnings = receipt["images"][0]["warnings"].as_array().unwrap();
    warnings.iter().map(|warning| (text(&warning["kind"]), text(&warning["path"]))).collect()
}

/// Whether one path is the other or lies below it.
fn touches(a: &str, b: &str) -> bool {
    let is_in = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    is_in(a, b) || is_in(b, a)
}
