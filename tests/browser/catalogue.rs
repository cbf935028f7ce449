//! Every shape of archive on the page: its receipt is the command's, image by image.

use std::process::Command;

use lagvis_tests::{
    browser::{NEEDS, Page},
    catalogue::{self, Case},
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::Value;

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
