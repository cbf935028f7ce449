//! The site without its server: it opens, and so does what needs no server.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lagvis_fixtures::{Packing, sample};
use lagvis_tests::{
    answers,
    browser::{NEEDS, Page},
    pushed::Pushed,
    registry::NEEDS as REGISTRY,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

#[tokio::test]
async fn without_server_and_network_the_page_opens_what_is_kept_pinned_or_dropped() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return;
    }
    let Pushed { folder: _folder, file, registry, lagvis, reference } = Pushed::start().unwrap();
    let url = lagvis.url.clone();
    let page = Page::open(&url).await.unwrap();
    page.site_is_kept().await.unwrap();
    page.pull(&reference).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let receipt = page.receipt().await.unwrap();
    let link = page.wait("a pinned link", "return location.href.includes('@sha256') && location.href").await.unwrap();
    let layers = receipt["images"][0]["layers"].as_array().unwrap().len();
    let kept = |name: &String| name.ends_with(".layer") && !name.starts_with("part.");
    page.until("the records are kept", async || {
        Ok(page.kept().await?.iter().filter(|name| kept(name)).count() == layers)
    })
    .await
    .unwrap();
    drop((lagvis, registry));
    page.offline(true).await.unwrap();

    // A link of a pinned digest, from nothing but its address.
    page.new_tab(link.as_str().unwrap()).await.unwrap();
    page.offline(true).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert_eq!(page.all("layer-row", "kept").await.unwrap(), vec!["true"; layers]);
    let again = page.receipt().await.unwrap();
    for key in ["manifest_digest", "image_id", "verdict", "checks", "layers"] {
        assert_eq!(again["images"][0][key], receipt["images"][0][key], "{key}");
    }

    // A file that is dropped.
    page.go(&url).await.unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");

    // The sample, which is a file of the site.
    page.go(&url).await.unwrap();
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");

    // What does need the network says so, and that it is the network.
    page.go(&url).await.unwrap();
    page.pull("busybox").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "offline");
    page.offline(false).await.unwrap();
    page.go(&url).await.unwrap();
    page.pull("busybox").await.unwrap();
    assert_eq!(page.error().await.unwrap(), "proxy-unreachable");
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_page_says_whether_it_is_kept_itself() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    for keeps in [true, false] {
        let page = Page::blank().await.unwrap();
        if !keeps {
            page.inject("delete Navigator.prototype.serviceWorker").await.unwrap();
        }
        page.go(&lagvis.url).await.unwrap();
        if keeps {
            page.site_is_kept().await.unwrap();
        }
        page.run_command("kept in this browser").await.unwrap();
        let state =
            page.wait("it says so", "return document.querySelector(\"[data-testid='kept-site']\")?.dataset.state");
        assert_eq!(state.await.unwrap(), if keeps { "kept" } else { "none" });
        page.close().await.unwrap();
    }
}

/// Alters a file of a served site, and forgets its packed forms.
fn alter(site: &Path, name: &str, change: impl Fn(&str) -> String) {
    let file = site.join(name);
    let text = fs::read_to_string(&file).unwrap();
    let changed = change(&text);
    assert_ne!(changed, text, "{name}");
    fs::write(&file, changed).unwrap();
    for packed in ["br", "gz"] {
        _ = fs::remove_file(site.join(format!("{name}.{packed}")));
    }
}

/// A hash as browsers check it.
fn integrity(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    format!("sha256-{}", STANDARD.encode(hash))
}

/// What the site says matters more than that it can be seen: who has to log in has to see that.
#[tokio::test]
async fn a_refusal_is_shown_and_an_error_is_not() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let site = tools::site().unwrap();
    let status = Arc::new(AtomicU16::new(200));
    let now = status.clone();
    let host = answers::serve(move |_, target| {
        let name = target.split('?').next().unwrap_or_default().trim_start_matches('/');
        let name = if name.is_empty() { "index.html" } else { name };
        let kind = match name.rsplit('.').next().unwrap_or_default() {
            "html" => "text/html",
            "js" => "text/javascript",
            "wasm" => "application/wasm",
            "css" => "text/css",
            "svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        match (now.load(Ordering::SeqCst), fs::read(site.join(name))) {
            (200, Ok(bytes)) => (200, headers, bytes),
            (200, Err(_)) => (404, headers, Vec::new()),
            (status, _) => (status, headers, b"<p id=app>please log in".to_vec()),
        }
    })
    .unwrap();
    let url = format!("http://{host}/");
    let page = Page::open(&url).await.unwrap();
    page.site_is_kept().await.unwrap();
    for (said, shows) in
        [(403, "please log in"), (401, "please log in"), (502, "container image"), (404, "container image")]
    {
        status.store(said, Ordering::SeqCst);
        page.visit(&url).await.unwrap();
        let text = format!("return document.body.innerText.includes('{shows}')");
        page.wait(&format!("{said}: {shows}"), &text).await.unwrap();
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_site_that_was_updated_is_never_an_old_one_nor_half_of_each() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let site = Workdir::new().unwrap();
    lagvis_tests::gate::copy(&tools::site().unwrap(), site.path()).unwrap();
    let lagvis = Lagvis::serve_site(site.path(), &[]).unwrap();
    let url = lagvis.url.clone();
    let page = Page::open(&url).await.unwrap();
    page.site_is_kept().await.unwrap();
    let first = page.window().await.unwrap();

    // The next build: its program has another name, the old one is gone.
    let program = |ending: &str| {
        let names = fs::read_dir(site.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.into_iter().find(|name| name.starts_with("app-") && name.ends_with(ending)).unwrap()
    };
    let (js, wasm) = (program(".js"), program(".wasm"));
    for (name, next) in [(&js, "app-next.js"), (&wasm, "app-next_bg.wasm")] {
        fs::rename(site.path().join(name), site.path().join(next)).unwrap();
    }
    let renamed = |text: &str| text.replace(&js, "app-next.js").replace(&wasm, "app-next_bg.wasm");
    let old = integrity(&fs::read(site.path().join("index.html")).unwrap());
    // Half of it is there at first: the list is new, the page is not. That is not kept.
    alter(site.path(), "files.js", |text| {
        let next = integrity(renamed(&fs::read_to_string(site.path().join("index.html")).unwrap()).as_bytes());
        renamed(text).replace("\"version\":\"", "\"version\":\"next-").replace(&old, &next)
    });
    let update =
        "return navigator.serviceWorker.getRegistration().then(own => own.update()).then(() => 'new', () => 'none')";
    page.script(update).await.unwrap();
    let failed = "return navigator.serviceWorker.getRegistration().then(own => !own.installing && !own.waiting)";
    page.wait("half a build is not installed", failed).await.unwrap();
    alter(site.path(), "index.html", renamed);
    let program = "return document.querySelector('script[data-js]').dataset.js";

    // The page that is open goes on with its own program, which only the browser still has.
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    assert!(page.script(program).await.unwrap().as_str().unwrap().ends_with(&js));
    // One that is opened is the new one at once.
    page.new_tab(&url).await.unwrap();
    let second = page.window().await.unwrap();
    assert!(page.script(program).await.unwrap().as_str().unwrap().ends_with("app-next.js"));
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    let beside = "return navigator.serviceWorker.getRegistration().then(own => own.waiting?.state === 'installed')";
    page.wait("the new build is kept beside the old one", beside).await.unwrap();
    // Once no page of the old build is open, the new one is what is kept; the browser takes its time to notice.
    page.switch(&first).await.unwrap();
    page.visit("about:blank").await.unwrap();
    let names = "return caches.keys().then(names => names.length == 1 && names[0].includes(' next-'))";
    page.switch(&second).await.unwrap();
    page.until("the new build is kept alone", async || {
        page.visit("about:blank").await?;
        page.go(&url).await?;
        Ok(page.script(names).await? == true)
    })
    .await
    .unwrap();
    page.site_is_kept().await.unwrap();
    drop(lagvis);
    page.go(&url).await.unwrap();
    assert!(page.script(program).await.unwrap().as_str().unwrap().ends_with("app-next.js"));
    let file = site.write("sample.oci.tar", sample().oci_archive(Packing::Gzip).unwrap()).unwrap();
    page.choose(&file).await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}
