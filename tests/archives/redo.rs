//! The commands that redo the checks give the hashes, on files with names that a shell or tar could misread.

use std::{collections::BTreeSet, path::Path, process::Command};

use lagvis::{
    command::{chain_id, redo},
    protocol::Via,
};
use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{opened::Opened, tools, workdir::Workdir};

/// Of a file no registry is asked.
fn nowhere() -> Via {
    Via::Direct { plain_http: false }
}

/// Runs each command in the folder of the file; gives what was hashed.
fn run(path: &Path) -> BTreeSet<String> {
    let opened = Opened::of(path).unwrap();
    let mut hashes = BTreeSet::new();
    for step in
        redo(&opened.summary, &opened.packing, &nowhere()).into_iter().filter(|step| !step.command.contains("docker"))
    {
        let mut shell = Command::new("sh");
        shell.args(["-c", &step.command]).current_dir(path.parent().unwrap());
        let printed = String::from_utf8(tools::output(&mut shell).unwrap()).unwrap();
        let expected = step.prints.unwrap();
        assert_eq!(printed.split_whitespace().next(), Some(expected.as_str()), "{}", step.command);
        hashes.insert(expected);
    }
    let layers = opened.summary.layers.iter().flat_map(|layer| [&layer.digest, &layer.diff_id]);
    let ids = [&opened.summary.index_digest, &opened.summary.manifest_digest, &opened.summary.image_id];
    for digest in ids.into_iter().chain(layers).flatten() {
        assert!(hashes.contains(digest.encoded()), "{} of {} is not redone", digest, path.display());
    }
    hashes
}

#[test]
fn pasted_commands_give_the_hashes_of_every_shape() {
    if !tools::have(&["sh", "tar", "gzip", "zstd", "sha256sum"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let sample = sample();
    for (name, bytes, at_least) in [
        ("plain.tar", sample.docker_archive(Packing::Plain).unwrap(), 6),
        ("-x it's $(a) b.tar", sample.docker_archive(Packing::Gzip).unwrap(), 11),
        ("host:zstd.tar", sample.docker_archive(Packing::Zstd).unwrap(), 11),
        ("old, with links.tar", sample.docker_archive_old().unwrap(), 6),
        ("oci.tar", sample.oci_archive(Packing::Gzip).unwrap(), 12),
        ("members.tar", sample.oci_archive(Packing::GzipMembers).unwrap(), 12),
    ] {
        let hashes = run(&folder.write(name, bytes).unwrap());
        assert!(hashes.len() >= at_least, "{name}: only {} hashes", hashes.len());
    }
}

#[test]
fn a_pasted_command_gives_each_chain_id() {
    if !tools::have(&["sh", "sha256sum"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let opened = Opened::of(&folder.write("a.tar", sample().docker_archive(Packing::Plain).unwrap()).unwrap()).unwrap();
    let layers = &opened.summary.layers;
    assert!(layers.len() > 3);
    assert_eq!(layers[0].chain_id, layers[0].diff_id);
    for pair in layers.windows(2) {
        let command = chain_id(pair[0].chain_id.as_ref().unwrap(), pair[1].diff_id.as_ref().unwrap());
        let printed = String::from_utf8(tools::output(Command::new("sh").args(["-c", &command])).unwrap()).unwrap();
        assert_eq!(printed.split_whitespace().next(), Some(pair[1].chain_id.as_ref().unwrap().encoded()));
    }
}

#[test]
fn members_are_named_as_they_stand_in_the_archive() {
    if !tools::have(&["sh", "tar", "gzip", "sha256sum"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let file = folder.write("oci.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let layout = folder.path().join("lay out");
    std::fs::create_dir(&layout).unwrap();
    tools::output(Command::new("tar").arg("-xf").arg(&file).arg("-C").arg(&layout)).unwrap();
    run(&layout);
    // `tar -c .` writes every name with ./ before it.
    let dotted = folder.path().join("dotted.tar");
    tools::output(Command::new("tar").arg("-cf").arg(&dotted).arg("-C").arg(&layout).arg(".")).unwrap();
    run(&dotted);
    // With a member twice, its name does not say which: the last one counts, and is found by its place.
    let blob = redo(&Opened::of(&file).unwrap().summary, &[], &nowhere())
        .into_iter()
        .find_map(|step| step.command.rsplit_once("-- ").map(|(_, rest)| rest.split(' ').next().unwrap().to_owned()))
        .unwrap();
    let layer = std::fs::read_dir(layout.join("blobs/sha256")).unwrap().map(|entry| entry.unwrap().path());
    let largest = layer.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let name = format!("./blobs/sha256/{}", largest.file_name().unwrap().to_str().unwrap());
    assert_ne!(name.trim_start_matches("./"), blob, "a layer, not the manifest");
    tools::output(Command::new("tar").arg("-rf").arg(&dotted).arg("-C").arg(&layout).arg(name)).unwrap();
    run(&dotted);
}
