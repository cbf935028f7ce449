//! An image on its way, what is asked on the way, and what goes wrong.

use lagvis_fixtures::{Image, Layer, Packing, member, multi, multi_archive, sample};
use lagvis_tests::{
    held::Held,
    registry::{NEEDS as REGISTRY, Registry},
    service::{Lagvis, free_port},
    tools,
    workdir::Workdir,
};

use super::Audit;

#[tokio::test]
async fn opening_choices_and_problems() {
    if !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let whole = sample().oci_archive(Packing::Gzip).unwrap();
    let held = Held::serve(&whole).unwrap();
    let several = folder.write("multi.tar", multi_archive(&multi(), Packing::Gzip).unwrap()).unwrap();
    let registry = Registry::start(None).unwrap();
    registry.push(&format!("oci-archive:{}", several.display()), "demo/multi:1").unwrap();
    let away = format!("127.0.0.1:{}", free_port().unwrap());
    let lagvis = Lagvis::serve(&[registry.host.clone(), held.host.clone(), away.clone()]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };

    audit.page.pull(&format!("{}/demo/app:1", held.host)).await.unwrap();
    held.stands().unwrap();
    audit.see("a layer on its way", "[data-testid='layer-row'][data-state='downloading']").await;
    audit.view("opening").await;
    audit.page.click("cancel").await.unwrap();

    let both = lagvis_fixtures::docker_archive_of(&[
        Image::new("one:1").layer(Layer::new("COPY a /").file("a", 0o644, "a")),
        Image::new("two:1").layer(Layer::new("COPY b /").file("b", 0o644, "b")),
    ]);
    let both = folder.write("both.tar", both.unwrap()).unwrap();
    audit.page.choose(&both).await.unwrap();
    audit.see("the images", "[data-testid='image-option']").await;
    audit.view("choice of an image").await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull(&format!("{}/demo/multi:1", registry.host)).await.unwrap();
    audit.page.verdict().await.unwrap();
    audit.page.click("platform-button").await.unwrap();
    audit.see("the platforms", "[data-testid='platform-option']").await;
    audit.view("choice of a platform").await;

    for (name, reference) in [
        ("no such image", format!("{}/demo/none:1", registry.host)),
        ("no such registry", format!("{away}/demo/app:1")),
        ("no reference", "Not/A/Reference:".to_owned()),
    ] {
        audit.page.go(&lagvis.url).await.unwrap();
        audit.page.pull(&reference).await.unwrap();
        audit.page.error().await.unwrap();
        audit.view(name).await;
    }
    let no_image = folder.write("text.tar", "no image").unwrap();
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.choose(&no_image).await.unwrap();
    audit.page.error().await.unwrap();
    audit.view("no image").await;

    // A layer that does not match: a card above an image that stays open.
    let index: serde_json::Value =
        serde_json::from_slice(&whole[member(&whole, "index.json").unwrap().unwrap()]).unwrap();
    let manifest = index["manifests"][0]["digest"].as_str().unwrap().replacen("sha256:", "blobs/sha256/", 1);
    let manifest: serde_json::Value =
        serde_json::from_slice(&whole[member(&whole, &manifest).unwrap().unwrap()]).unwrap();
    let layer = manifest["layers"][1]["digest"].as_str().unwrap().replacen("sha256:", "blobs/sha256/", 1);
    let range = member(&whole, &layer).unwrap().unwrap();
    let mut altered = whole.clone();
    altered[(range.start + range.end) / 2] ^= 1;
    let altered = folder.write("altered.tar", altered).unwrap();
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.choose(&altered).await.unwrap();
    assert_eq!(audit.page.verdict().await.unwrap(), "mismatched");
    audit.pane("mismatched, files", Some("files")).await;
    audit.pane("mismatched, layers", Some("layers")).await;
    audit.page.click("tab-checks").await.unwrap();
    audit.see("the checks", "[data-testid='check-row'][data-state='mismatched']").await;
    audit.pane("mismatched, checks", Some("files")).await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.remember(&[("proxy", "https://proxy.example/")]).await.unwrap();
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull("busybox").await.unwrap();
    audit.see("the question", "[data-testid='confirm-host']").await;
    audit.view("another host").await;
    audit.end(11).await;
}
