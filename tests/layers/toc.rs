//! Layers with a table of contents: what is shown by it, what it may not do, and where it differs from its tar.

use lagvis::{
    image::{Digest, TocRef},
    layer::{LayerOutcome, LayerReader, LayerTable, TocError, TocReader, TocStep},
    opened::{LayerSpec, Place},
    problem::ProblemKind,
    protocol::LayerState,
    tree::Tree,
};
use lagvis_fixtures::{Layer, Lazy, Listed, edge_layer};
use serde_json::{Value, json};

const KINDS: [Lazy; 3] = [Lazy::EStargz, Lazy::Stargz, Lazy::ZstdChunked];

fn layer() -> Layer {
    Layer::new("RUN x")
        .dirs(&["etc", "usr", "usr/bin"])
        .file("etc/app.conf", 0o644, "one = 1\n")
        .file("usr/bin/tool", 0o4755, vec![7; 5 << 20])
        .owner(10, 20)
        .pax("SCHILY.xattr.user.note", b"x\0y")
        .symlink("usr/bin/current", "tool")
        .hardlink("usr/bin/again", "usr/bin/tool", 0o4755)
        .char_device("null", 1, 3)
        .fifo("pipe")
        .file("empty", 0o600, "")
        .whiteout("etc/old")
        .opaque("usr")
}

fn spec(listed: &Listed) -> LayerSpec {
    let annotations = listed.annotations.iter().cloned().collect();
    LayerSpec {
        digest: Some(Digest::of(&listed.blob)),
        size: Some(listed.blob.len() as u64),
        diff_id: Some(Digest::of(&listed.tar)),
        toc: TocRef::of(&annotations, listed.blob.len() as u64),
        ..LayerSpec::bare("layer", Place::Blob)
    }
}

/// By ranges alone, with the number of bytes that took.
fn by_ranges(listed: &Listed) -> Result<(LayerTable, usize), TocError> {
    ranges(spec(listed).toc.unwrap(), &listed.blob)
}

/// The same of any blob.
pub(super) fn ranges(toc: TocRef, blob: &[u8]) -> Result<(LayerTable, usize), TocError> {
    let mut reader = TocReader::new(toc, blob.len() as u64)?;
    let mut bytes = 0;
    while let TocStep::Read { offset, length } = reader.poll() {
        let (offset, length) = (usize::try_from(offset).unwrap(), usize::try_from(length).unwrap());
        bytes += length;
        reader.provide(blob[offset..offset + length].to_vec())?;
    }
    Ok((reader.finish().unwrap().into_table().join().unwrap(), bytes))
}

/// Read whole, as it would be without its table.
fn whole(listed: &Listed) -> LayerOutcome {
    let mut reader = LayerReader::new(3, spec(listed));
    for piece in listed.blob.chunks(10_007) {
        reader.push(piece);
    }
    let outcome = reader.finish();
    assert_eq!((outcome.state, &outcome.problem), (LayerState::Verified, &None));
    assert!(outcome.table.is_some());
    outcome
}

pub(super) fn files(table: LayerTable) -> Vec<String> {
    let tree = Tree::build(vec![Some(table.into())]);
    let lines = tree.files().map(|line| serde_json::to_string(&line).unwrap());
    lines.filter(|line| !line.contains("stargz.index.json")).collect()
}

/// What a lie comes to: the problem's text, and each difference.
fn lied(kind: Lazy, lie: impl FnOnce(&mut Vec<Value>)) -> (String, Vec<String>) {
    let listed = layer().listed(kind, lie).unwrap();
    assert!(by_ranges(&listed).is_ok(), "a lie is well formed: only the tar can tell");
    let outcome = whole(&listed);
    let problem = outcome.toc_problem.expect("the lie is told");
    assert_eq!((problem.kind, problem.place.as_str()), (ProblemKind::TocDiffers, "layer 3 (layer)"));
    let told = outcome.warnings.iter().filter(|warning| warning.kind == "toc-differs");
    let told = told.map(|warning| format!("{}: {}", warning.path.as_deref().unwrap_or_default(), warning.text));
    (problem.detail, told.collect())
}

fn entry<'a>(entries: &'a mut [Value], name: &str) -> &'a mut Value {
    entries.iter_mut().find(|entry| entry["name"] == name).unwrap()
}

fn refused(kind: Lazy, write: impl FnOnce(&mut Vec<Value>) -> String) -> (TocError, ProblemKind) {
    let listed = layer().listed_as(kind, write).unwrap();
    let error = by_ranges(&listed).unwrap_err();
    let problem = whole(&listed).toc_problem.unwrap();
    assert_eq!(problem.kind, error.kind(), "by ranges and read whole it is refused alike");
    assert_eq!(problem.detail, format!("the table of contents is not used: {error}"));
    (error, problem.kind)
}

fn refused_entry(expected: &str, change: impl Fn(&mut Vec<Value>)) {
    for kind in KINDS {
        let (error, of) = refused(kind, |entries| {
            change(entries);
            json!({"version": 1, "entries": entries}).to_string()
        });
        assert_eq!(of, ProblemKind::TocInvalid);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn the_tree_is_the_tar_s() {
    for layer in [layer(), edge_layer()] {
        for kind in KINDS {
            let listed = layer.listed(kind, |_| {}).unwrap();
            let (table, _) = by_ranges(&listed).unwrap();
            let outcome = whole(&listed);
            let differing: Vec<_> = outcome.warnings.iter().filter(|warning| warning.kind == "toc-differs").collect();
            let is_no_text = |path: &str| path.contains("not-") && path.contains("-text");
            assert!(differing.iter().all(|one| one.path.as_deref().is_some_and(is_no_text)), "{differing:?}");
            let tar = files(outcome.table.unwrap().join().unwrap());
            assert_eq!(files(table).len(), tar.len(), "{kind:?}");
        }
    }
    for kind in KINDS {
        let listed = layer().listed(kind, |_| {}).unwrap();
        let outcome = whole(&listed);
        assert_eq!(outcome.toc_problem, None);
        assert_eq!(files(by_ranges(&listed).unwrap().0), files(outcome.table.unwrap().join().unwrap()), "{kind:?}");
    }
}

#[test]
fn few_bytes_are_read() {
    let mut block = vec![0; 30 << 20];
    lagvis_fixtures::Random::new(1).fill(&mut block);
    let mut layer = Layer::new("RUN x").file("large", 0o644, block);
    for number in 0..3_000 {
        layer = layer.file(&format!("small-{number}"), 0o644, number.to_string());
    }
    for kind in KINDS {
        let listed = layer.listed(kind, |_| {}).unwrap();
        let (table, bytes) = by_ranges(&listed).unwrap();
        assert_eq!(table.rows(), 3_001);
        assert!(bytes * 20 < listed.blob.len(), "{kind:?}: {bytes} of {}", listed.blob.len());
        assert!(
            listed.toc.len() > 64 << 10 || kind == Lazy::ZstdChunked,
            "the table is longer than the end that is read"
        );
    }
}

#[test]
fn a_file_that_only_the_table_has() {
    for kind in KINDS {
        let hidden = json!({"name": "usr/bin/backdoor", "type": "reg", "mode": 0o4755, "size": 5, "offset": 0});
        let (problem, told) = lied(kind, |entries| entries.push(hidden));
        assert!(problem.contains("differ at 1 path, first at usr/bin/backdoor"), "{problem}");
        let text = "usr/bin/backdoor: the table of contents has it, the tar does not: only who pulls lazily sees it";
        assert_eq!(told, [text]);
    }
}

#[test]
fn a_file_that_the_table_hides() {
    for kind in KINDS {
        let (_, told) = lied(kind, |entries| entries.retain(|entry| entry["name"] != "etc/app.conf"));
        let text = "etc/app.conf: the tar has it, the table of contents does not: who pulls lazily does not see it";
        assert_eq!(told, [text]);
        let (_, told) = lied(kind, |entries| entries.retain(|entry| entry["name"] != "etc/.wh.old"));
        assert!(told[0].starts_with("etc/old: the tar has it"), "a whiteout counts: {told:?}");
    }
}

#[test]
fn every_field_that_differs_is_told() {
    let sum = "0".repeat(64);
    let cases: [(&str, &str, Value, &str); 9] = [
        ("etc/app.conf", "mode", json!(0o4644), "mode: 4644 in the table of contents, 0644 in the tar"),
        ("etc/app.conf", "uid", json!(5), "owner: 5:0 in the table of contents, 0:0 in the tar"),
        ("etc/app.conf", "size", json!(7), "size: 7 in the table of contents, 8 in the tar"),
        ("etc/app.conf", "modtime", json!("2026-11-25T00:00:00Z"), "time: 1795564800"),
        ("etc/app.conf", "chunkDigest", json!(format!("sha256:{sum}")), "content: sha256:0000"),
        ("usr/bin/current", "linkName", json!("/etc/shadow"), "link: /etc/shadow in the table of contents, tool in"),
        ("usr/bin/tool", "xattrs", json!({"security.capability": "AQ=="}), "extended attributes: security.capability="),
        ("null", "devMinor", json!(8), "device: 1:8 in the table of contents, 1:3 in the tar"),
        ("pipe", "type", json!("dir"), "type: directory in the table of contents, named pipe in the tar"),
    ];
    for kind in KINDS {
        for (path, field, value, expected) in &cases {
            let (_, told) = lied(kind, |entries| entry(entries, path)[*field] = value.clone());
            assert_eq!(told.len(), 1, "{field}: {told:?}");
            assert!(told[0].starts_with(&format!("{path}: {expected}")), "{told:?}");
        }
        // A file of several chunks is held against the digest of the whole.
        let (_, told) = lied(kind, |entries| entry(entries, "usr/bin/tool")["digest"] = json!(format!("sha256:{sum}")));
        assert!(told[0].starts_with("usr/bin/tool: content: sha256:0000"), "{told:?}");
        let (_, told) = lied(kind, |entries| {
            let entry = entry(entries, "etc/app.conf").as_object_mut().unwrap();
            entry.remove("digest");
            entry.remove("chunkDigest");
        });
        assert_eq!(told, ["etc/app.conf: content: the table of contents states no SHA-256 of it"]);
    }
}

#[test]
fn chunks_are_held_against_what_is_fetched_for_them() {
    let sum = "0".repeat(64);
    for kind in KINDS {
        // The digest of the whole is right, so that only a look at the chunk tells.
        let (_, told) = lied(kind, |entries| {
            let chunk = entries.iter_mut().find(|entry| entry["type"] == "chunk").unwrap();
            chunk["chunkDigest"] = json!(format!("sha256:{sum}"));
        });
        assert!(told[0].starts_with("usr/bin/tool: content from byte 4194304: sha256:0000"), "{told:?}");
        // Another file's bytes, by their own right digest.
        let elsewhere = ["etc/app.conf: content: the table of contents looks for its bytes elsewhere in the layer"];
        let (_, told) = lied(kind, |entries| {
            let other = entry(entries, "usr/bin/tool")["offset"].clone();
            entry(entries, "etc/app.conf")["offset"] = other;
        });
        assert_eq!(told, elsewhere);
        let (_, told) = lied(kind, |entries| {
            let at = entry(entries, "etc/app.conf")["offset"].as_u64().unwrap();
            entry(entries, "etc/app.conf")["offset"] = json!(at + 1);
        });
        assert_eq!(told, elsewhere);
        let (_, told) = lied(kind, |entries| entries.retain(|entry| entry["type"] != "chunk"));
        assert_eq!(told, ["usr/bin/tool: content: the table of contents looks for its bytes elsewhere in the layer"]);
        // Zeros are not fetched at all.
        let (_, told) = lied(kind, |entries| {
            let chunk = entries.iter_mut().find(|entry| entry["type"] == "chunk").unwrap();
            chunk["chunkType"] = json!("zeros");
        });
        let text = "usr/bin/tool: content from byte 4194304: the table of contents says that it is zeros";
        assert_eq!(told, [text]);
    }
    let zeros = Layer::new("RUN x").file("zeros", 0o644, vec![0; 5 << 20]).listed(Lazy::ZstdChunked, |entries| {
        let chunk = entries.iter_mut().find(|entry| entry["type"] == "chunk").unwrap();
        chunk["chunkType"] = json!("zeros");
        chunk.as_object_mut().unwrap().remove("chunkDigest");
    });
    assert_eq!(whole(&zeros.unwrap()).toc_problem, None);
}

#[test]
fn many_differences_are_counted_and_some_told() {
    let (problem, told) = lied(Lazy::EStargz, |entries| {
        let more = (0..50).map(|n| json!({"name": format!("more-{n:02}"), "type": "dir", "mode": 0o755}));
        entries.extend(more.collect::<Vec<_>>());
    });
    assert!(problem.contains("differ at 50 paths, first at more-00"), "{problem}");
    assert_eq!(told.len(), lagvis::limits::TOC_DIFFERENCES);
}

#[test]
fn duplicate_paths_the_last_counts() {
    for kind in KINDS {
        let listed = layer().listed(kind, |entries| {
            let mut first = entry(entries, "etc/app.conf").clone();
            first["mode"] = json!(0);
            entries.insert(0, first);
        });
        assert_eq!(whole(&listed.unwrap()).toc_problem, None, "as in a tar");
        let (_, told) = lied(kind, |entries| {
            let mut last = entry(entries, "etc/app.conf").clone();
            last["mode"] = json!(0);
            entries.push(last);
        });
        assert!(told[0].starts_with("etc/app.conf: mode: 0000"), "{told:?}");
    }
}

#[test]
fn names_that_climb_stay_inside() {
    let climbing = json!({"name": "../../etc/../../passwd", "type": "reg", "mode": 0o644});
    let listed = layer().listed(Lazy::EStargz, |entries| entries.push(climbing)).unwrap();
    let lines = files(by_ranges(&listed).unwrap().0);
    assert!(lines.iter().any(|line| line.contains("\"path\":\"passwd\"")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("..")), "{lines:?}");
}

#[test]
fn a_table_of_another_digest_is_not_used() {
    for kind in KINDS {
        let mut listed = layer().listed(kind, |_| {}).unwrap();
        for (key, value) in &mut listed.annotations {
            if key.ends_with("digest") || key.ends_with("checksum") {
                *value = Digest::of(b"another").to_string();
            }
        }
        let error = by_ranges(&listed).unwrap_err();
        assert!(matches!(error, TocError::Mismatch { .. }), "{error}");
        let problem = whole(&listed).toc_problem.unwrap();
        assert_eq!((problem.kind, error.kind()), (ProblemKind::TocMismatch, ProblemKind::TocMismatch));
        assert!(problem.detail.contains(&Digest::of(b"another").to_string()), "{problem:?}");
    }
}

#[test]
fn a_table_without_digest_is_not_used() {
    let mut listed = layer().listed(Lazy::ZstdChunked, |_| {}).unwrap();
    listed.annotations.retain(|(key, _)| !key.ends_with("checksum"));
    assert!(matches!(by_ranges(&listed), Err(TocError::Unusable(_))));
    let problem = whole(&listed).toc_problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::TocInvalid);
    assert!(problem.detail.contains("no digest (manifest-checksum)"), "{problem:?}");
}

#[test]
fn no_footer() {
    let mut listed = layer().listed(Lazy::EStargz, |_| {}).unwrap();
    listed.blob.truncate(listed.blob.len() - 51);
    assert_eq!(by_ranges(&listed).unwrap_err(), TocError::NoFooter);
    assert_eq!(whole(&listed).toc_problem, None, "the tar has the table all the same");
    for length in [0, 1, 46, 50] {
        let mut cut = listed.clone();
        cut.blob.truncate(length);
        assert_eq!(by_ranges(&cut).unwrap_err(), TocError::NoFooter, "{length} bytes");
    }
}

#[test]
fn a_footer_that_leads_elsewhere() {
    let listed = layer().listed(Lazy::EStargz, |_| {}).unwrap();
    let leading = |offset: &str| {
        let mut led = listed.clone();
        let at = led.blob.len() - 51 + 16;
        led.blob[at..at + 16].copy_from_slice(offset.as_bytes());
        led
    };
    let with = |offset: &str| by_ranges(&leading(offset)).unwrap_err();
    let size = listed.blob.len() as u64;
    assert_eq!(with("ffffffffffffffff"), TocError::OutsideBlob { offset: u64::MAX, size });
    assert_eq!(with(&format!("{:016x}", size - 51)), TocError::OutsideBlob { offset: size - 51, size });
    assert_eq!(with("+000000000000000"), TocError::NoFooter);
    assert!(matches!(with("0000000000000001"), TocError::Unpack(_)));
    assert!(by_ranges(&leading("0000000000000000")).is_ok(), "wherever it is found, its digest vouches for it");
}

#[test]
fn json_that_is_none() {
    for kind in KINDS {
        for text in
            ["", "[]", "{\"version\": 1, \"entries\": 5}", "{\"version\": 1, \"entries\": [", "{\"entries\": []}"]
        {
            let (error, _) = refused(kind, |_| text.to_owned());
            assert!(matches!(error, TocError::Json(_)), "{text}: {error}");
        }
        let (error, _) = refused(kind, |_| json!({"version": 2, "entries": []}).to_string());
        assert_eq!(error, TocError::Version(2));
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(matches!(refused(kind, |_| deep).0, TocError::Json(_)));
    }
}

#[test]
fn entries_that_make_no_sense() {
    let cases = [
        ("type", json!("door"), "entry 3 (etc/app.conf): its type 'door' is not known"),
        ("name", json!(""), "it has no name"),
        ("size", json!(-1), "invalid value: integer `-1`"),
        ("offset", json!(1_u64 << 40), "its bytes begin behind the blob's"),
        ("modtime", json!("yesterday"), "its modtime is no time"),
        ("digest", json!("sha256:0"), "64 lower-case hex characters"),
        ("xattrs", json!({"a": "?"}), "no base64"),
        ("type", json!("chunk"), "it is a chunk of no file before it"),
    ];
    for (field, value, expected) in cases {
        refused_entry(expected, |entries| entry(entries, "etc/app.conf")[field] = value.clone());
    }
    for (offset, size) in [(0, 1), (5 << 20, 1), (1, 5 << 20), (1, u64::MAX)] {
        refused_entry("is not within the file's 5242880 bytes", |entries| {
            let chunk = entries.iter_mut().find(|entry| entry["type"] == "chunk").unwrap();
            (chunk["chunkOffset"], chunk["chunkSize"]) = (json!(offset), json!(size));
        });
    }
}

#[test]
fn a_table_of_absurd_size() {
    // It says that it unpacks to more than is read.
    let mut listed = layer().listed(Lazy::ZstdChunked, |_| {}).unwrap();
    listed.annotations[0].1 = format!("{}:{}:99999999999:1", listed.toc.start, listed.toc.len());
    assert!(by_ranges(&listed).unwrap_err().to_string().contains("limit TOC_BYTES"));
    // It unpacks to more than it says.
    listed.annotations[0].1 = format!("{}:{}:100:1", listed.toc.start, listed.toc.len());
    assert_eq!(by_ranges(&listed).unwrap_err(), TocError::TooLarge);
    // It unpacks to more than is read, and says nothing of it.
    let huge = " ".repeat(usize::try_from(lagvis::limits::TOC_BYTES).unwrap() + 1);
    let listed = layer().listed_as(Lazy::EStargz, |_| huge).unwrap();
    assert!(listed.blob.len() < 2 << 20);
    assert_eq!(by_ranges(&listed).unwrap_err(), TocError::TooLarge);
    assert_eq!(whole(&listed).toc_problem.unwrap().kind, ProblemKind::LimitExceeded);
}

#[test]
fn other_bytes_than_were_asked_for() {
    let listed = layer().listed(Lazy::EStargz, |_| {}).unwrap();
    let reader = || TocReader::new(spec(&listed).toc.unwrap(), listed.blob.len() as u64).unwrap();
    let mut short = reader();
    assert!(matches!(short.provide(vec![0; 5]), Err(TocError::Short { actual: 5, .. })));
    let mut wrong = reader();
    let TocStep::Read { length, .. } = wrong.poll() else { panic!("it needs its end") };
    assert_eq!(wrong.provide(vec![0; usize::try_from(length).unwrap()]), Err(TocError::NoFooter));
    assert!(wrong.finish().is_none());
}

/// A layer as the stargz-snapshotter's own library wrote it (version 0.12.0, `estargz.Build` with chunks of 16 KiB, in Go):
/// set bits, a capability, a hard link, devices, a whiteout, a time before 1970.
#[test]
fn a_layer_by_the_stargz_snapshotter() {
    let blob = include_bytes!("golden/stargz-snapshotter-0.12.0.tar.gz");
    let digest = "sha256:e5fe13f4aaf70b45894763f315ab16c2a90fc2ca0df47b46dec419a936c50a74";
    let toc = TocRef::EStargz { digest: Digest::parse(digest).unwrap() };
    let spec = LayerSpec { toc: Some(toc.clone()), ..LayerSpec::bare("layer", Place::Blob) };
    let mut reader = LayerReader::new(0, spec);
    reader.push(blob);
    let outcome = reader.finish();
    assert_eq!((outcome.problem, outcome.toc_problem), (None, None));
    let (table, _) = ranges(toc, blob).unwrap();
    assert!(table.rows() > 8);
    let paths = |table: LayerTable| files(table).len();
    assert_eq!(paths(table), paths(outcome.table.unwrap().join().unwrap()));
}
