//! What a registry tells, and what is kept.

use lagvis_fixtures::{Layer, Packing, multi, multi_archive, sample};
use lagvis_tests::{
    described::Described,
    registry::{NEEDS as REGISTRY, PERSON_ONLY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

use super::Audit;

#[tokio::test]
async fn what_a_registry_tells_and_what_is_kept() {
    if !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let registry = Registry::start(None).unwrap();
    let several = folder.write("multi.tar", multi_archive(&multi(), Packing::Gzip).unwrap()).unwrap();
    for tag in ["1", "2"] {
        registry.push(&format!("oci-archive:{}", several.display()), &format!("demo/multi:{tag}")).unwrap();
    }
    let closed = Registry::start(Some(PERSON_ONLY)).unwrap();
    let lagvis = Lagvis::serve(&[registry.host.clone(), closed.host.clone()]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    let name = format!("{}/demo/multi", registry.host);

    audit.page.type_into("reference-input", &name).await.unwrap();
    audit.page.click("browse-button").await.unwrap();
    audit.see("the tags", "[data-testid='tag-row']").await;
    audit.view("a repository").await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull(&format!("{name}:1")).await.unwrap();
    audit.page.verdict().await.unwrap();
    audit.page.click("tab-registry").await.unwrap();
    audit.see("the platforms", "[data-testid='platform-row']").await;
    audit.pane("registry", Some("files")).await;
    audit.page.click("part-tags").await.unwrap();
    audit.see("the tags", "[data-testid='tag-row']").await;
    audit.pane("registry, tags", Some("files")).await;
    audit.page.click_css("[data-testid='tag-row'][data-tag='2'] [data-testid='tag-compare']").await.unwrap();
    audit.see("the comparison", "[data-testid='comparison']").await;
    audit.pane("registry, comparison", Some("files")).await;
    audit.page.click("tab-config").await.unwrap();
    audit.page.click("part-index").await.unwrap();
    audit.see("the index", "[data-testid='config'][data-part='index'] [data-testid='digest-link']").await;
    audit.pane("config, index", Some("files")).await;

    audit.page.click_css("[aria-label='Settings']").await.unwrap();
    audit.page.click("storage-button").await.unwrap();
    audit.see("what is kept", "[data-testid='kept-bytes']").await;
    audit.view("what is kept").await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull(&format!("{}/demo/app:1", closed.host)).await.unwrap();
    audit.see("the login", "[data-testid='login-name']").await;
    audit.view("login").await;

    let described = Described::start().unwrap();
    let (url, reference, item) = (&described.lagvis.url, &described.reference, &described.attestation);
    audit.page.go(&format!("{url}#ref={reference}&tab=registry&item={item}")).await.unwrap();
    audit.see("the attestation", "[data-testid='item'] [data-testid='document']").await;
    audit.pane("registry, an attestation", Some("files")).await;
    audit.end(8).await;
}

#[tokio::test]
async fn tags_that_moved_and_artifacts() {
    if !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let described = Described::start().unwrap();
    let Some(mut audit) = Audit::of(&described.lagvis).await else { return };
    let (url, registry) = (&described.lagvis.url, &described.registry);
    audit.page.go(&format!("{url}#ref={}&tab=registry", described.reference)).await.unwrap();
    audit.see("the attestations", "[data-testid='attestation-row']").await;
    audit.see("the referrers", "[data-testid='referrer-row']").await;
    audit.pane("registry, attestations and referrers", Some("files")).await;
    audit.page.go(&format!("{url}#ref={}/demo/chart:1", registry.host)).await.unwrap();
    audit.see("the chart", "[data-testid='artifact']").await;
    audit.view("an artifact").await;

    let folder = Workdir::new().unwrap();
    let push = |image: lagvis_fixtures::Image| {
        let file = folder.write("app.tar", image.oci_archive(Packing::Gzip).unwrap()).unwrap();
        registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1").unwrap();
    };
    push(sample());
    audit.page.go(url).await.unwrap();
    audit.page.pull(&format!("{}/demo/app:1", registry.host)).await.unwrap();
    audit.page.verdict().await.unwrap();
    let link = audit.page.address().await.unwrap();
    push(sample().layer(Layer::new("COPY more /").file("more", 0o644, "more")));
    audit.page.go(&link).await.unwrap();
    audit.see("the tag's word", "[data-testid='tag-moved']").await;
    audit.view("a tag that moved").await;
    // The image is known by its digest, under a tag that nobody pushed.
    audit.page.go(&link.replace("app%3A1", "app%3Anone").replace("app:1", "app:none")).await.unwrap();
    audit.see("the tag's word", "[data-testid='tag-gone']").await;
    audit.view("a tag that is gone").await;
    audit.end(4).await;
}
