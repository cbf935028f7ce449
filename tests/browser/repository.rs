//! What the registry tells: tags, platforms, attestations, referrers, artifacts, and a tag that moved; by pointer and
//! keyboard, with the state in the link.

use lagvis_fixtures::{Layer, Packing, sample};
use lagvis_tests::{
    answers,
    browser::{Key, NEEDS, Page},
    described::Described,
    pushed::Pushed,
    registry::NEEDS as REGISTRY,
    service::Lagvis,
    tools,
};
use serde_json::{Value, json};

fn have() -> bool {
    tools::have(&NEEDS).unwrap() && tools::have(&REGISTRY).unwrap()
}

async fn text(page: &Page, hook: &str) -> String {
    let script = format!("return document.querySelector(\"[data-testid='{hook}']\")?.textContent");
    page.wait(hook, &script).await.unwrap().as_str().unwrap().to_owned()
}

async fn waits(page: &Page, what: &str, script: &str) {
    page.wait(what, &format!("return {script}")).await.unwrap();
}

/// Waits until what a digest names is shown.
async fn item(page: &Page, digest: &str) {
    waits(page, digest, &format!("document.querySelector(\"[data-testid='item'][data-digest='{digest}']\") != null && location.hash.includes('{digest}')")).await;
}

/// The document as it is drawn, read again.
async fn document(page: &Page) -> Value {
    serde_json::from_str(&text(page, "document").await).unwrap()
}

#[tokio::test]
async fn tags_are_found_and_opened_by_pointer_and_keyboard() {
    if !have() {
        return;
    }
    let Pushed { folder: _folder, file, registry, lagvis, .. } = Pushed::start().unwrap();
    for tag in ["2.9", "2.10", "2.10-slim", "latest", "edge"] {
        registry.push(&format!("oci-archive:{}", file.display()), &format!("demo/app:{tag}")).unwrap();
    }
    let name = format!("{}/demo/app", registry.host);
    let page = Page::open(&lagvis.url).await.unwrap();
    page.type_into("reference-input", &name).await.unwrap();
    page.click("browse-button").await.unwrap();
    waits(&page, "the tags", "document.querySelectorAll(\"[data-testid='tag-row']\").length == 6").await;
    assert_eq!(page.all("tag-row", "tag").await.unwrap(), ["latest", "2.10", "2.10-slim", "2.9", "1", "edge"]);
    assert!(text(&page, "as-told").await.contains(&format!("As told by {}", registry.host)));
    let address = page.address().await.unwrap();
    assert!(address.contains(&format!("repo={name}")), "{address}");

    // A filter as one types, kept by the link; arrows and Enter open the third.
    page.type_into("tags-filter", "2.").await.unwrap();
    waits(&page, "three tags", "document.querySelectorAll(\"[data-testid='tag-row']\").length == 3").await;
    assert!(text(&page, "tags-found").await.contains("3 of 6 tags"));
    let address = page.address().await.unwrap();
    page.go(&address).await.unwrap();
    waits(&page, "the filter of the link", "document.querySelectorAll(\"[data-testid='tag-row']\").length == 3 && document.querySelector(\"[data-testid='tags-filter']\").value == '2.'").await;
    page.script("document.querySelector(\"[data-testid='tags-filter']\").focus()").await.unwrap();
    page.keys(Key::Down + Key::Down).await.unwrap();
    waits(
        &page,
        "the third is marked",
        "document.querySelector(\"[data-testid='tag-row'][aria-selected='true']\")?.dataset.tag == '2.9'",
    )
    .await;
    page.keys(Key::Enter).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.address().await.unwrap().contains("demo/app:2.9@sha256:"));

    // Back, and one by pointer.
    page.script("history.back()").await.unwrap();
    page.click_css("[data-testid='tag-row'][data-tag='2.10-slim'] a").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.address().await.unwrap().contains("demo/app:2.10-slim@sha256:"));

    // A tag that is not there leads to those that are.
    page.go(&format!("{}#ref={name}:3", lagvis.url)).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "manifest-unknown");
    page.click("see-tags").await.unwrap();
    page.click_css("[data-testid='tag-row'][data-tag='2.10-slim'] a").await.unwrap();
    page.verdict().await.unwrap();

    // Beside the open image: its own tag is marked, and another one compared is the same image.
    page.click("tab-registry").await.unwrap();
    page.click("part-tags").await.unwrap();
    waits(&page, "its own tag", "document.querySelector(\"[data-testid='tag-row'][data-tag='2.10-slim']\")?.textContent.includes('the tag of this image')").await;
    page.click_css("[data-testid='tag-row'][data-tag='1'] [data-testid='tag-compare']").await.unwrap();
    assert!(text(&page, "compare-sum").await.contains("the same image"));
    page.close().await.unwrap();
}

#[tokio::test]
async fn thousands_of_tags_on_many_pages() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let host = answers::serve(|_, target| {
        let last: u32 = target.rsplit_once("last=").and_then(|(_, last)| last.parse().ok()).unwrap_or_default();
        if !target.starts_with("/v2/many/tags/list") {
            return (404, Vec::new(), Vec::new());
        }
        let tags: Vec<String> = (last + 1..=last + 1_000).map(|number| format!("1.{number}")).collect();
        let next = format!("</v2/many/tags/list?n=1000&last={}>; rel=\"next\"", last + 1_000);
        let link = (last < 11_000).then(|| ("link".to_owned(), next));
        (200, link.into_iter().collect(), json!({"tags": tags}).to_string().into_bytes())
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&host)).unwrap();
    let page = Page::open(&format!("{}#repo={host}/many", lagvis.url)).await.unwrap();
    waits(&page, "all tags", "document.querySelector(\"[data-testid='tags-found']\")?.textContent == '12,000 tags'")
        .await;
    let drawn = page.all("tag-row", "tag").await.unwrap();
    assert_eq!(drawn.first().map(String::as_str), Some("1.12000"));
    assert!(drawn.len() < 200, "{} rows are drawn", drawn.len());
    page.script("document.querySelector(\"[data-testid='tags']\").focus()").await.unwrap();
    page.keys(Key::End).await.unwrap();
    waits(
        &page,
        "the last tag",
        "document.querySelector(\"[data-testid='tag-row'][data-tag='1.1']\")?.ariaSelected == 'true'",
    )
    .await;
    page.type_into("tags-filter", "777").await.unwrap();
    waits(&page, "those with 777", "[...document.querySelectorAll(\"[data-testid='tag-row']\")].map(row => row.dataset.tag).join() == '1.11777,1.10777,1.9777,1.8777,1.7779,1.7778,1.7777,1.7776,1.7775,1.7774,1.7773,1.7772,1.7771,1.7770,1.6777,1.5777,1.4777,1.3777,1.2777,1.1777,1.777'").await;
    // Another repository in the address of the same window: one that is not there says so, in place.
    page.script(&format!("location.hash = 'repo={host}/none'")).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "name-unknown");
    page.close().await.unwrap();
}

#[tokio::test]
async fn platforms_attestations_and_referrers_are_read_as_json() {
    if !have() {
        return;
    }
    let described = Described::start().unwrap();
    let page = Page::open(&described.lagvis.url).await.unwrap();
    page.pull(&described.reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.click("tab-registry").await.unwrap();
    let platforms = "[...document.querySelectorAll(\"[data-testid='platform-row']\")].map(row => row.dataset.platform).sort().join()";
    waits(&page, "both platforms", &format!("{platforms} == 'linux/amd64,linux/arm64/v8'")).await;
    page.click("sum-layers").await.unwrap();
    waits(&page, "sums of layers", "[...document.querySelectorAll(\"[data-testid='platform-layers']\")].every(cell => cell.textContent.endsWith('in 1 layer'))").await;
    waits(&page, "referrers", "document.querySelectorAll(\"[data-testid='referrer-row']\").length == 3").await;
    assert_eq!(page.all("referrer-row", "digest").await.unwrap(), described.referrers);
    let whole = text(&page, "registry").await;
    for words in ["SBOM (CycloneDX)", "cosign signature", "cosign attestations", "As told by", "no referrers API"] {
        assert!(whole.contains(words), "{words} is not said: {whole}");
    }

    // The attestation's kinds stand in the table; its SBOM by pointer, from there to what it speaks of.
    waits(
        &page,
        "what it states",
        "document.querySelector(\"[data-testid='registry']\").textContent.includes('https://slsa.dev/provenance/v0.2')",
    )
    .await;
    page.click_css(&format!("[data-testid='attestation-row'][data-digest='{}'] li a", described.attestation))
        .await
        .unwrap();
    waits(&page, "the statement", "document.querySelector(\"[data-testid='item']\")?.textContent.includes('SPDX-2.3')")
        .await;
    assert_eq!(document(&page).await["predicate"]["packages"][1]["name"], "world");
    let amd64 = described.amd64["digest"].as_str().unwrap();
    let subject = format!("document.querySelector(\"[data-testid='item'] .facts a[title*='{amd64}']\")");
    page.script(&format!("{subject}.focus()")).await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    item(&page, amd64).await;
    // From the manifest to its config, and by Escape back to the lists.
    let field = page.all("item-name", "field").await.unwrap();
    assert_eq!(field, ["config", "layers[0]"]);
    let named = text(&page, "item").await;
    assert!(
        named.contains("application/vnd.oci.image.config.v1+json")
            && named.contains("application/vnd.oci.image.layer.v1.tar"),
        "{named}"
    );
    page.click_css("[data-testid='item-name'][data-field='config'] a").await.unwrap();
    waits(&page, "the config", "document.querySelector(\"[data-testid='item']\")?.dataset.what == 'image config'")
        .await;
    assert_eq!(document(&page).await["architecture"], "amd64");
    page.keys(Key::Escape).await.unwrap();
    waits(&page, "the lists again", "document.querySelectorAll(\"[data-testid='referrer-row']\").length == 3").await;

    // A signed envelope is opened; the link leads there in a new window.
    page.click_css(&format!(
        "[data-testid='referrer-row'][data-digest='{}'] [data-testid='digest-link']",
        described.referrers[2]
    ))
    .await
    .unwrap();
    item(&page, &described.referrers[2]).await;
    page.click_css("[data-testid='item-name'][data-field='layers[0]'] a").await.unwrap();
    waits(&page, "the envelope", "document.querySelector(\"[data-testid='payload']\") != null").await;
    let shown = "return document.querySelector(\"[data-testid='payload'] [data-testid='document']\").textContent";
    let shown = page.script(shown).await.unwrap();
    let payload: Value = serde_json::from_str(shown.as_str().unwrap()).unwrap();
    assert_eq!(payload["subject"][0]["digest"]["sha256"], described.index.trim_start_matches("sha256:"));
    assert!(text(&page, "item").await.contains("checks no signatures"));
    let address = page.address().await.unwrap();
    page.go(&address).await.unwrap();
    page.verdict().await.unwrap();
    waits(&page, "the envelope in a new window", "document.querySelector(\"[data-testid='payload']\") != null").await;

    // The raw manifest in Config: its config's digest, and an altered attestation is refused.
    described.registry.alter(&described.attestation).unwrap();
    page.close().await.unwrap();
    let page = Page::open(&format!(
        "{}#ref={}&tab=registry&item={}",
        described.lagvis.url, described.reference, described.attestation
    ))
    .await
    .unwrap();
    assert_eq!(page.error().await.unwrap(), "manifest-mismatch");
    assert!(page.all("item", "digest").await.unwrap().is_empty(), "what does not match is shown");
    page.close().await.unwrap();
}

#[tokio::test]
async fn artifacts_are_shown_as_what_they_are() {
    if !have() {
        return;
    }
    let described = Described::start().unwrap();
    let page = Page::open(&described.lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/chart:1", described.registry.host)).await.unwrap();
    assert_eq!(page.error().await.unwrap(), "artifact-not-image");
    waits(&page, "the phase", "document.documentElement.dataset.phase == 'failed'").await;
    item_is(&page, "Helm chart", &described.chart).await;
    let fields = page.all("item-name", "field").await.unwrap();
    assert_eq!(fields, ["config", "layers[0]"]);
    let whole = text(&page, "item").await;
    for words in ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "org.opencontainers.image.title"] {
        assert!(whole.contains(words), "{words}: {whole}");
    }
    let address = page.address().await.unwrap();
    assert!(address.contains(&described.chart), "{address} is not pinned");
    page.click_css("[data-testid='item-name'][data-field='config'] a").await.unwrap();
    waits(
        &page,
        "the chart's facts",
        "document.querySelector(\"[data-testid='item']\")?.textContent.includes('web 1.2.3')",
    )
    .await;
    page.click("item-back").await.unwrap();
    page.click_css("[data-testid='item-name'][data-field='layers[0]'] a").await.unwrap();
    waits(&page, "no text", "document.querySelector(\"[data-testid='no-text']\") != null").await;
    // A signature and an attestation by their digests.
    let name = described.reference.trim_end_matches(":1").to_owned();
    for (digest, what) in
        [(&described.referrers[1], "cosign signature"), (&described.attestation, "in-toto attestation")]
    {
        page.go(&format!("{}#ref={name}@{digest}", described.lagvis.url)).await.unwrap();
        assert_eq!(page.error().await.unwrap(), "artifact-not-image");
        item_is(&page, what, digest).await;
    }
    page.close().await.unwrap();
}

async fn item_is(page: &Page, what: &str, digest: &str) {
    waits(
        page,
        what,
        &format!("document.querySelector(\"[data-testid='item'][data-digest='{digest}']\")?.dataset.what == '{what}'"),
    )
    .await;
}

#[tokio::test]
async fn a_tag_that_moved_is_told_and_compared() {
    if !have() {
        return;
    }
    let Pushed { folder, file: _file, registry, lagvis, reference } = Pushed::start().unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&reference).await.unwrap();
    page.verdict().await.unwrap();
    let link = page.address().await.unwrap();
    page.go(&link).await.unwrap();
    page.verdict().await.unwrap();
    page.click("tab-registry").await.unwrap();
    waits(
        &page,
        "the tag as it was",
        "document.querySelector(\"[data-testid='tag-status']\")?.textContent.includes('still leads to what you see')",
    )
    .await;
    assert!(page.all("tag-moved", "to").await.unwrap().is_empty());

    let newer = sample().layer(Layer::new("COPY more /").file("more", 0o644, "more"));
    let file = folder.write("newer.tar", newer.oci_archive(Packing::Gzip).unwrap()).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1").unwrap();
    page.go(&link).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let moved = text(&page, "tag-moved").await;
    assert!(moved.contains("The tag 1 leads elsewhere now") && moved.contains(&registry.host), "{moved}");
    assert_eq!(page.all("layer-row", "index").await.unwrap().len(), 5, "the pinned image is shown");
    page.click("compare-button").await.unwrap();
    waits(&page, "the comparison", "document.querySelectorAll(\"[data-testid='layer-pair']\").length == 6").await;
    assert_eq!(
        page.all("layer-pair", "fate").await.unwrap(),
        ["shared", "shared", "shared", "shared", "shared", "added"]
    );
    assert!(text(&page, "compare-sum").await.starts_with("5 of 6 layers are in both"));
    // It survives a reload, and the new one is a key away.
    let address = page.address().await.unwrap();
    page.go(&address).await.unwrap();
    waits(&page, "the comparison again", "document.querySelectorAll(\"[data-testid='layer-pair']\").length == 6").await;
    page.script("document.querySelector(\"[data-testid='open-moved']\").focus()").await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    waits(&page, "the new image", "document.querySelectorAll(\"[data-testid='layer-row']\").length == 6").await;
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.all("tag-moved", "to").await.unwrap().is_empty(), "what was just resolved has not moved");
    page.close().await.unwrap();
}
