//! Every shape of archive on the page: its receipt is the command's, image by image.

use std::process::Command;

use lagvis_fixtures::{Mode, Packing, stack};
use lagvis_tests::{
    browser::{NEEDS, Page},
    catalogue::{self, Case},
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::Value;

/// Random stacks of layers, with all that tools disagree on.
const STACKS: u64 = 20;

fn command(case: &Case, image: usize) -> Value {
    let mut command = Command::new(tools::lagvis().unwrap());
    command.args(["inspect", "--json", "--image", &image.to_string()]).arg(&case.path);
    let output = command.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

/// Opens each image of the case that is present, and holds its receipt against the command's.
async fn check(page: &Page, url: &str, case: &Case) {
    let present = case.verdicts.iter().filter(|verdict| **verdict != "absent").count();
    for (index, verdict) in case.verdicts.iter().enumerate().filter(|(_, verdict)| **verdict != "absent") {
        page.go(url).await.unwrap();
        page.choose(&case.path).await.unwrap();
        if present > 1 {
            let option = format!("li:nth-of-type({}) > [data-testid='image-option']", index + 1);
            page.click_css(&option).await.unwrap();
        }
        let shown = page.verdict().await.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(shown, *verdict, "{}, image {index}", case.name);
        assert_eq!(page.receipt().await.unwrap(), command(case, index), "{}, image {index}", case.name);
    }
}

#[tokio::test]
async fn receipts_of_generated_shapes_equal_the_commands() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for case in catalogue::generated(&folder).unwrap() {
        check(&page, &lagvis.url, &case).await;
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn receipts_of_random_stacks_equal_the_commands() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let mut warnings = 0;
    for seed in 0..STACKS {
        let stack = stack(seed, Mode::Wild);
        let path = folder.write(&format!("stack-{seed}.tar"), stack.image.oci_archive(Packing::Gzip).unwrap()).unwrap();
        page.go(&lagvis.url).await.unwrap();
        page.choose(&path).await.unwrap();
        page.verdict().await.unwrap_or_else(|error| panic!("stack {seed}: {error}"));
        let theirs = tools::output(Command::new(tools::lagvis().unwrap()).args(["inspect", "--json"]).arg(&path));
        let theirs: Value = serde_json::from_slice(&theirs.unwrap()).unwrap();
        assert_eq!(page.receipt().await.unwrap(), theirs, "stack {seed}");
        warnings += theirs["images"][0]["warnings"].as_array().unwrap().len();
    }
    assert!(warnings > 20, "wild stacks give warnings, not {warnings}");
    page.close().await.unwrap();
}

#[tokio::test]
async fn receipts_of_real_shapes_equal_the_commands() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&catalogue::NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    for case in catalogue::made_by_tools(&folder).unwrap() {
        check(&page, &lagvis.url, &case).await;
    }
    page.close().await.unwrap();
}
