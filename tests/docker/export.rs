//! `lagvis inspect --export` against `docker export`: entry by entry, and content byte by byte.

use std::{collections::BTreeMap, fs::File, path::Path, process::Command};

use lagvis_fixtures::{Mode, Packing, SAMPLE_NAME, docker_archive_of, sample, stack};
use lagvis_tests::{
    docker::{Docker, NEEDS, contents_of, entries_of},
    tools,
    workdir::Workdir,
};

const STACKS: u64 = 25;

fn export(file: &Path, image: &str, target: &Path) {
    let mut command = Command::new(tools::lagvis().unwrap());
    tools::output(command.args(["inspect", "--image", image, "--export"]).arg(target).arg(file)).unwrap();
}

#[test]
fn the_exported_file_system_is_what_docker_exports() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let mut images = vec![(SAMPLE_NAME.to_owned(), sample())];
    images.extend((0..STACKS).map(|seed| (format!("stack:{seed}"), stack(seed, Mode::Tame).image)));
    let all: Vec<_> = images.iter().map(|(_, image)| image.clone()).collect();
    let file = folder.write("all.tar", docker_archive_of(&all).unwrap()).unwrap();
    docker.load(&file).unwrap();
    let target = folder.path().join("ours.tar");
    let mut compared = 0;
    for (name, image) in &images {
        let (mut entries, mut contents) = (BTreeMap::new(), BTreeMap::new());
        docker
            .export_with(name, |tar| {
                entries = entries_of(tar)?;
                Ok(())
            })
            .unwrap();
        docker
            .export_with(name, |tar| {
                contents = contents_of(tar)?;
                Ok(())
            })
            .unwrap();
        // However the layers are packed, the tar is the same.
        export(&file, name, &target);
        let plain = std::fs::read(&target).unwrap();
        for packing in [Packing::Gzip, Packing::Zstd] {
            let packed = folder.write("packed.tar", image.oci_archive(packing).unwrap()).unwrap();
            export(&packed, "0", &target);
            assert!(std::fs::read(&target).unwrap() == plain, "{name}, {packing:?}");
        }
        let ours = entries_of(File::open(&target).unwrap()).unwrap();
        for path in ours.keys().chain(entries.keys()) {
            let mut theirs = entries.get(path).cloned();
            // Folders that no entry names are made by Docker with rights of its own.
            if let (Some(ours), Some(theirs)) = (ours.get(path), &mut theirs)
                && (ours.kind.as_str(), ours.mode, ours.owner) == ("dir", 0o755, (0, 0))
                && matches!(theirs.mode, 0o600 | 0o2600 | 0o2755)
            {
                (theirs.mode, theirs.owner) = (ours.mode, ours.owner);
            }
            assert_eq!(ours.get(path), theirs.as_ref(), "{name}: {path}");
        }
        let our_contents = contents_of(File::open(&target).unwrap()).unwrap();
        assert!(our_contents == contents, "{name}: contents differ");
        compared += ours.len();
        for reader in ["tar", "bsdtar"] {
            if tools::find(reader).is_some() {
                let listed = tools::output(Command::new(reader).arg("tf").arg(&target)).unwrap();
                assert!(listed.iter().filter(|byte| **byte == b'\n').count() >= ours.len(), "{name}: {reader}");
            }
        }
    }
    eprintln!("{} images, {compared} entries as Docker exports them", images.len());
    assert!(compared > 500, "only {compared} entries");
}
