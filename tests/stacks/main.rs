//! Hundreds of random stacks of layers: the merged tree is what umoci makes of them on a file system, entry by entry.
//! No two contents of a stack have one length, so that the content of a hard link is told by its size.
//!
//! A stack is known by its number: `STACK=17 cargo test -p lagvis-tests --test stacks` runs that one alone.

use std::{
    collections::BTreeMap,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use lagvis_fixtures::{Counts, Mode, OddKind, Packing, Stack, stack};
use lagvis_tests::{
    docker::{Entries, entries_of_listing},
    tools,
    umoci::{self, Unpacked},
    workdir::Workdir,
};

/// Stacks of each mode.
const STACKS: u64 = 400;
const THREADS: usize = 3;

/// What a run saw.
#[derive(Debug, Default)]
struct Seen {
    compared: usize,
    entries: usize,
    linked: usize,
    counts: Counts,
    odd: BTreeMap<OddKind, usize>,
    refused: Vec<(u64, String)>,
    failed: Vec<String>,
}

#[test]
fn tame_stacks_are_what_umoci_makes_of_them() {
    if !tools::have(&umoci::NEEDS).unwrap() {
        return;
    }
    let seen = compare(Mode::Tame);
    assert!(seen.refused.is_empty(), "{:?}", seen.refused);
    assert!(seen.entries > 2000, "{}", seen.entries);
    enough(&seen.counts);
}

#[test]
fn wild_stacks_are_what_umoci_makes_of_them() {
    if !tools::have(&umoci::NEEDS).unwrap() {
        return;
    }
    let seen = compare(Mode::Wild);
    for kind in [
        OddKind::OwnWhiteout,
        OddKind::ThroughLink,
        OddKind::WhiteoutThroughLink,
        OddKind::Duplicate,
        OddKind::Clamped,
        OddKind::WhiteoutDir,
        OddKind::WhiteoutNowhere,
        OddKind::LinkedLink,
        OddKind::Turned,
        OddKind::ImplicitBelowOpaque,
    ] {
        assert!(seen.odd.get(&kind).is_some_and(|n| *n >= 10), "{kind:?}: {:?}", seen.odd);
    }
    assert!(seen.refused.len() < seen.compared / 6, "umoci is no judge of {} stacks", seen.refused.len());
    for (seed, words) in &seen.refused {
        let odd = stack(*seed, Mode::Wild).odd;
        let has = |kind| odd.iter().any(|odd| odd.kind == kind);
        let known = words.contains("not a directory") && has(OddKind::ChildOfFile) || has(OddKind::BareWhiteout);
        assert!(known, "stack {seed}: umoci refuses it for no known cause: {words}");
    }
}

/// Each of the things that inspectors get wrong comes up often enough.
fn enough(counts: &Counts) {
    for (name, count, least) in [
        ("whiteouts", counts.whiteouts, 300),
        ("whiteouts of nothing", counts.absent_whiteouts, 100),
        ("opaque markers", counts.opaque, 200),
        ("opaque markers after entries", counts.late_opaque, 50),
        ("hard links", counts.hard_links, 200),
        ("hard links across layers", counts.cross_layer_links, 200),
        ("retargeted links", counts.retargeted, 100),
        ("changes of type", counts.swapped, 100),
        ("whiteouts with a new entry", counts.recreated, 100),
        ("rewrites of attributes alone", counts.metadata_only, 100),
        ("folders without entries", counts.implicit, 100),
    ] {
        assert!(count >= least, "only {count} {name}, not {least}");
    }
}

fn compare(mode: Mode) -> Seen {
    let only = std::env::var("STACK").ok().map(|seed| seed.parse::<u64>().unwrap());
    let next = AtomicU64::new(only.unwrap_or(0));
    let end = only.map_or(STACKS, |seed| seed + 1);
    let seen = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let made = stack(seed, mode);
                    let outcome = compare_one(seed, &made);
                    let mut seen = seen.lock().unwrap();
                    add(&mut seen.counts, &made.counts);
                    for odd in &made.odd {
                        *seen.odd.entry(odd.kind).or_default() += 1;
                    }
                    match outcome {
                        Outcome::Refused(words) => seen.refused.push((seed, words)),
                        Outcome::Compared { entries, linked, differences } => {
                            seen.compared += 1;
                            seen.entries += entries;
                            seen.linked += linked;
                            if !differences.is_empty() {
                                seen.failed.push(format!("stack {seed}:\n  {}", differences.join("\n  ")));
                            }
                        }
                    }
                }
            });
        }
    });
    let seen = seen.into_inner().unwrap();
    eprintln!(
        "{mode:?}: {} stacks compared, {} refused, {} entries, {} hard-linked; {:?} {:?}",
        seen.compared,
        seen.refused.len(),
        seen.entries,
        seen.linked,
        seen.counts,
        seen.odd
    );
    assert!(seen.failed.is_empty(), "{} differ:\n{}", seen.failed.len(), seen.failed.join("\n"));
    seen
}

enum Outcome {
    Refused(String),
    Compared { entries: usize, linked: usize, differences: Vec<String> },
}

fn compare_one(seed: u64, made: &Stack) -> Outcome {
    let folder = Workdir::new().unwrap();
    let layout = folder.path().join("layout");
    let packing = if seed.is_multiple_of(2) { Packing::Gzip } else { Packing::Plain };
    tar::Archive::new(made.image.oci_archive(packing).unwrap().as_slice()).unpack(&layout).unwrap();
    let mut inspect = Command::new(tools::lagvis().unwrap());
    let listing = tools::output(inspect.args(["inspect", "--files"]).arg(&layout)).unwrap();
    let mut ours = entries_of_listing(&listing).unwrap();
    let theirs = match umoci::unpack(&layout, &seed.to_string(), &folder.path().join("bundle")).unwrap() {
        Unpacked::Refused(words) => return Outcome::Refused(words),
        Unpacked::Tree(tree) => tree,
    };
    let mut entries = theirs.entries;
    if !umoci::is_root().unwrap() {
        ours.values_mut().chain(entries.values_mut()).for_each(|entry| entry.owner = (0, 0));
    }
    // The kernel hands the setgid bit and the group down to folders that are made without an entry.
    for (path, theirs) in &mut entries {
        if theirs.kind == "dir" && theirs.mode == 0o2755 && ours.get(path).is_some_and(|ours| ours.mode == 0o755) {
            (theirs.mode, theirs.owner) = (0o755, (0, 0));
        }
    }
    let differences = differences(&ours, &entries);
    Outcome::Compared { entries: entries.len(), linked: theirs.groups.iter().map(Vec::len).sum(), differences }
}

fn differences(ours: &Entries, theirs: &Entries) -> Vec<String> {
    let mut paths: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let differing = paths.into_iter().filter(|path| ours.get(*path) != theirs.get(*path));
    differing.map(|path| format!("{path}: {:?}, umoci {:?}", ours.get(path), theirs.get(path))).collect()
}

fn add(sum: &mut Counts, one: &Counts) {
    sum.whiteouts += one.whiteouts;
    sum.absent_whiteouts += one.absent_whiteouts;
    sum.opaque += one.opaque;
    sum.late_opaque += one.late_opaque;
    sum.hard_links += one.hard_links;
    sum.cross_layer_links += one.cross_layer_links;
    sum.retargeted += one.retargeted;
    sum.swapped += one.swapped;
    sum.recreated += one.recreated;
    sum.metadata_only += one.metadata_only;
    sum.implicit += one.implicit;
}
