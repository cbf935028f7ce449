//! The root file system that the page saves: byte for byte that of the command, and entry by entry Docker's.

use std::{
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use lagvis_fixtures::{Image, Layer, Mode, Packing, docker_archive_of, sample, stack};
use lagvis_tests::{
    browser::{NEEDS, Page},
    docker::{Docker, NEEDS as DOCKER},
    exported,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const STACKS: u64 = 4;
/// A capability as the kernel keeps it: revision 2, `cap_net_bind_service` permitted and effective.
const CAPABILITY: &[u8] = &[1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// What stacks by chance may lack: devices, attributes, times of links and folders, hard links whose file is gone.
fn special() -> Image {
    let base = Layer::new("ADD rootfs.tar /")
        .dir("opt", 0o755)
        .mtime(1_111_111_111)
        .file("opt/tool", 0o755, "a tool\n")
        .pax("SCHILY.xattr.security.capability", CAPABILITY)
        .pax("SCHILY.xattr.user.note", b"Docker exports none of these")
        .file("one", 0o640, "content of three names\n")
        .owner(1_000, 2_000)
        .hardlink("three", "one", 0o640)
        .hardlink("two", "one", 0o640)
        .symlink("link", "opt/tool")
        .mtime(1_222_222_222)
        .char_device("null", 1, 3)
        .fifo("pipe");
    let last = Layer::new("RUN rm one").whiteout("one").file("kept", 0o600, "kept\n");
    Image::new("special:1").layer(base).layer(last)
}

fn by_command(file: &Path, target: &Path) -> Vec<u8> {
    let mut command = Command::new(tools::lagvis().unwrap());
    tools::output(command.args(["inspect", "--export"]).arg(target).arg(file)).unwrap();
    std::fs::read(target).unwrap()
}

/// Opens a file in a page of its own, and saves the root file system by its button.
async fn by_page(lagvis: &Lagvis, file: &Path, target: &Path) -> Vec<u8> {
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.save_into(target).await.unwrap();
    page.click("save-rootfs").await.unwrap();
    let bytes = page.saved(&target.join("rootfs.tar")).await.unwrap();
    page.close().await.unwrap();
    bytes
}

#[tokio::test]
async fn the_saved_root_file_system_is_the_commands_and_dockers() {
    if !tools::have(&[&NEEDS[..], &DOCKER].concat()).unwrap() {
        return;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let folder = Workdir::new().unwrap();
    let docker = Docker::start().unwrap();
    let mut images = vec![("special:1".to_owned(), special()), (lagvis_fixtures::SAMPLE_NAME.to_owned(), sample())];
    images.extend((0..STACKS).map(|seed| (format!("stack:{seed}"), stack(seed, Mode::Tame).image)));
    let all: Vec<_> = images.iter().map(|(_, image)| image.clone()).collect();
    docker.load(&folder.write("all.tar", docker_archive_of(&all).unwrap()).unwrap()).unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    for (number, (name, image)) in images.iter().enumerate() {
        let file = folder.write("image.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap();
        let target = folder.path().join(format!("saved-{number}"));
        std::fs::create_dir(&target).unwrap();
        let saved = by_page(&lagvis, &file, &target).await;
        assert!(saved == by_command(&file, &folder.path().join("command.tar")), "{name}: not as the command has it");
        let ours = exported::read(saved.as_slice()).unwrap();
        let mut theirs = exported::Tree::new();
        docker
            .export_with(name, |tar| {
                theirs = exported::read(tar)?;
                Ok(())
            })
            .unwrap();
        assert!(ours.len() > 5, "{name} has only {} entries", ours.len());
        let differences = exported::differences(&ours, &theirs, since);
        assert!(differences.is_empty(), "{name}: {differences:#?}");
    }
}
