//! `lagvis inspect --export` against `docker export`: entry by entry to the last field, and content byte by byte.

use std::{
    fs::File,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use lagvis_fixtures::{Mode, Packing, SAMPLE_NAME, docker_archive_of, sample, stack};
use lagvis_tests::{
    docker::{Docker, NEEDS},
    exported::{self, Tree},
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
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
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
        let mut theirs = Tree::new();
        docker
            .export_with(name, |tar| {
                theirs = exported::read(tar)?;
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
        let ours = exported::read(File::open(&target).unwrap()).unwrap();
        let differences = exported::differences(&ours, &theirs, since);
        assert!(differences.is_empty(), "{name}: {differences:#?}");
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
