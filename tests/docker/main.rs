//! Docker's own word on the merged tree.

mod commands;
mod export;
mod history;
mod rows;
mod stacks;

use std::process::Command;

use lagvis_fixtures::{Image, Packing, sample};
use lagvis_tests::{
    docker::{Docker, NEEDS, entries_of_listing},
    tools,
    workdir::Workdir,
};

#[test]
fn the_tree_is_what_docker_makes_of_it() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let image: Image = sample();
    let file = folder.write("sample.tar", image.docker_archive(Packing::Plain).unwrap()).unwrap();
    docker.load(&file).unwrap();
    let theirs = docker.export(lagvis_fixtures::SAMPLE_NAME).unwrap();
    let listing =
        tools::output(Command::new(tools::lagvis().unwrap()).args(["inspect", "--files"]).arg(&file)).unwrap();
    let ours = entries_of_listing(&listing).unwrap();
    assert!(theirs.len() > 30, "docker export gave only {} entries", theirs.len());
    let paths = |entries: &lagvis_tests::docker::Entries| entries.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&ours), paths(&theirs));
    for (path, entry) in &theirs {
        assert_eq!(ours.get(path), Some(entry), "{path}");
    }
}
