//! Every view held against axe-core's rules: light and dark, wide and as narrow as a phone.

use std::process::Command;

use lagvis_fixtures::{Image, Layer, Packing, member, multi, multi_archive, sample};
use lagvis_tests::{
    axe::Axe,
    browser::{Key, NEEDS, Page},
    described::Described,
    held::Held,
    registry::{NEEDS as REGISTRY, PERSON_ONLY, Registry},
    service::{Lagvis, free_port},
    tools,
    workdir::Workdir,
};

/// Width and height of windows.
const WINDOWS: [(u32, u32); 2] = [(1440, 900), (400, 860)];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// The page and what was found wrong with it.
struct Audit {
    page: Page,
    axe: Axe,
    wrong: Vec<String>,
    views: usize,
}

impl Audit {
    async fn of(lagvis: &Lagvis) -> Option<Self> {
        if !tools::have(&NEEDS).unwrap() {
            return None;
        }
        let axe = Axe::find().unwrap()?;
        let page = Page::open(&lagvis.url).await.unwrap();
        page.resize(1440, 900).await.unwrap();
        page.prefers("light").await.unwrap();
        Some(Self { page, axe, wrong: Vec::new(), views: 0 })
    }

    /// The page as it is shown.
    async fn view(&mut self, name: &str) {
        self.pane(name, None).await;
    }

    /// The page; where the window is narrow, this pane of it.
    async fn pane(&mut self, name: &str, pane: Option<&str>) {
        self.views += 1;
        for (width, height) in WINDOWS {
            self.page.resize(width, height).await.unwrap();
            if let Some(pane) = pane.filter(|_| width < 960) {
                self.page.click(&format!("pane-{pane}")).await.unwrap();
            }
            for scheme in SCHEMES {
                self.page.prefers(scheme).await.unwrap();
                let found = self.axe.violations(&self.page).await.unwrap();
                self.wrong.extend(found.into_iter().map(|line| format!("{name}, {width} px, {scheme}: {line}")));
            }
        }
        self.page.resize(1440, 900).await.unwrap();
    }

    async fn see(&self, what: &str, css: &str) {
        self.page.wait(what, &format!("return document.querySelector(\"{css}\") != null")).await.unwrap();
    }

    async fn select(&self, path: &str, mode: &str) {
        self.page.click_css(&format!("[data-testid='tree-row'][data-path='{path}']")).await.unwrap();
        let css =
            format!("[data-testid='file-detail'][data-path='{path}'] [data-testid='file-content'][data-mode='{mode}']");
        self.see(path, &css).await;
        let whole = ":is(pre, img, dl, table)";
        self.see(path, &format!("[data-testid='file-content'][data-mode='{mode}'] {whole}")).await;
    }

    /// Ends the browser; nothing was wrong in so many views.
    async fn end(self, views: usize) {
        self.page.close().await.unwrap();
        assert_eq!(self.views, views);
        assert!(self.wrong.is_empty(), "{} violations:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[tokio::test]
async fn start_dialogs_and_tour() {
    let lagvis = Lagvis::serve(&[]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    audit.view("start").await;
    audit.page.click_css(".learn summary").await.unwrap();
    audit.view("start with its words").await;
    audit.page.click_css("[aria-label='Settings']").await.unwrap();
    audit.see("the settings", "dialog[open]").await;
    audit.view("settings").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.control('k').await.unwrap();
    audit.see("the palette", "[data-testid='command']").await;
    audit.view("palette at the start").await;
    audit.page.keys(Key::Escape).await.unwrap();

    audit.page.click("tour-button").await.unwrap();
    for stop in 0..8 {
        audit.see("the stop", &format!("[data-testid='tour'][data-stop='{stop}']")).await;
        audit.view(&format!("tour, stop {stop}")).await;
        audit.page.click("tour-next").await.unwrap();
    }
    audit.page.keys("?").await.unwrap();
    audit.see("the keys", "[data-testid='key-help']").await;
    audit.view("keys").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.control('k').await.unwrap();
    audit.see("the palette", "[data-testid='command']").await;
    audit.view("palette of an image").await;
    audit.page.keys("nothing has these words").await.unwrap();
    audit.view("palette without a command").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.click_css(".head [data-testid='word'][data-term='Image ID']").await.unwrap();
    audit.see("the word", ".word-text:popover-open").await;
    audit.view("a word").await;

    audit.page.go(&lagvis.url).await.unwrap();
    audit.see("the image before", "[data-testid='recent-image']").await;
    audit.view("start with an image opened before").await;
    audit.end(17).await;
}

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
    audit.page.script("localStorage.setItem('lagvis.proxy', 'https://proxy.example/'); return true").await.unwrap();
    audit.page.go(&lagvis.url).await.unwrap();
    audit.page.pull("busybox").await.unwrap();
    audit.see("the question", "[data-testid='confirm-host']").await;
    audit.view("another host").await;
    audit.end(11).await;
}

/// Something of every kind that has a look of its own.
fn image(folder: &Workdir) -> Image {
    let zip = "import zipfile\nz = zipfile.ZipFile('a.zip', 'w')\nz.writestr('in/inner.txt', 'hello')\nz.close()";
    let png = "import zlib,struct\ndef c(t,d): return struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))\n\
               open('a.png','wb').write(b'\\x89PNG\\r\\n\\x1a\\n'+c(b'IHDR',struct.pack('>IIBBBBB',40,30,8,2,0,0,0))\
               +c(b'IDAT',zlib.compress((b'\\0'+b'\\xc0\\x60\\x20'*40)*30))+c(b'IEND',b''))";
    for script in [zip, png] {
        tools::output(Command::new("python3").args(["-c", script]).current_dir(folder.path())).unwrap();
    }
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let base = Layer::new("ADD rootfs.tar /")
        .dirs(&["app", "var", "var/cache"])
        .file("app/notes.txt", 0o644, "one\ntwo\nthree\n")
        .file("app/mode.bin", 0o644, vec![1; 4_000])
        .file("app/old", 0o644, vec![9; 9_000])
        .file("app/true", 0o755, std::fs::read("/bin/true").unwrap());
    let code = "#!/bin/sh\n# greet\nname='you'\nif true; then echo \"hello $name\" 42; fi\n";
    let next = Layer::new("RUN apt-get update && apt-get install -y tool")
        .file("app/notes.txt", 0o644, "one\nTWO\nthree\n")
        .file("app/mode.bin", 0o600, vec![1; 4_000])
        .file("app/run.sh", 0o755, code)
        .file("app/config.json", 0o644, "{\"a\": [1, true, \"b\"], \"c\": null}\n")
        .file("app/logo.png", 0o644, read("a.png"))
        .file("app/some.zip", 0o644, read("a.zip"))
        .file("app/data.bin", 0o644, (0..=255).cycle().take(40_000).collect::<Vec<u8>>())
        .file("var/lib/apt/lists/x_Packages", 0o644, vec![8; 20_000])
        .symlink("app/link", "run.sh")
        .whiteout("app/old");
    let same =
        Layer::new("COPY again /").file("opt/data.bin", 0o644, (0..=255).cycle().take(40_000).collect::<Vec<u8>>());
    Image::new("access:1")
        .run(serde_json::json!({"User": "app", "Env": ["PATH=/usr/bin"], "Cmd": ["/app/run.sh"], "ExposedPorts": {"80/tcp": {}}, "Labels": {"a": "b"}}))
        .layer(base)
        .layer(next)
        .step("CMD [\"/app/run.sh\"]")
        .layer(same)
}

#[tokio::test]
async fn an_open_image() {
    if !tools::have(&["python3"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let Some(mut audit) = Audit::of(&lagvis).await else { return };
    let file = folder.write("access.tar", image(&folder).oci_archive(Packing::Gzip).unwrap()).unwrap();
    audit.page.choose(&file).await.unwrap();
    audit.page.verdict().await.unwrap();

    audit.see("the tree", "[data-testid='tree-row']").await;
    audit.pane("files", Some("files")).await;
    audit.pane("layers", Some("layers")).await;
    audit.pane("the image", Some("detail")).await;
    audit.page.click("filter-button").await.unwrap();
    audit.see("the filter", ".filter-panel").await;
    audit.pane("filter", Some("files")).await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.click("jump-button").await.unwrap();
    audit.pane("go to a path", Some("files")).await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.type_into("filter-input", "/[/").await.unwrap();
    audit.pane("a search", Some("files")).await;
    audit.page.script("const i = document.querySelector(\"[data-testid='filter-input']\"); i.value = ''; i.dispatchEvent(new InputEvent('input', {bubbles: true})); return true").await.unwrap();

    audit.page.click_css("[data-testid='layer-row'][data-index='1']").await.unwrap();
    audit.see("the layer", "[data-testid='layer-detail'][data-index='1']").await;
    audit.page.click("expand-all").await.unwrap();
    audit.see("what was removed", "[data-testid='tree-row'][data-change='removed']").await;
    audit.pane("a layer, files", Some("files")).await;
    audit.pane("a layer, details", Some("detail")).await;
    audit.page.click("all-layers").await.unwrap();

    for (path, mode) in [
        ("app/run.sh", "text"),
        ("app/config.json", "text"),
        ("app/data.bin", "hex"),
        ("app/logo.png", "picture"),
        ("app/true", "program"),
        ("app/some.zip", "members"),
    ] {
        audit.select(path, mode).await;
        audit.pane(&format!("content of {path}"), Some("detail")).await;
    }
    audit.page.click_css("[data-testid='tree-row'][data-path='app/link']").await.unwrap();
    audit.see("the hops", "[data-testid='trail-end']").await;
    audit.pane("a link", Some("detail")).await;
    audit.select("app/run.sh", "text").await;
    audit.page.click("content-find").await.unwrap();
    audit.page.keys("e").await.unwrap();
    audit.see("what was found", "[data-testid='file-content'] mark").await;
    audit.page.click("content-enlarge").await.unwrap();
    audit.view("enlarged").await;
    audit.page.click("content-enlarge").await.unwrap();
    audit.select("app/notes.txt", "text").await;
    audit.page.click("timeline-compare").await.unwrap();
    audit.see("the difference", "[data-testid='difference'] .diff-line").await;
    audit.pane("timeline and difference", Some("detail")).await;
    audit.page.click("hash-file").await.unwrap();
    audit.see("the digest", "[data-testid='file-sha256']").await;
    audit.pane("a digest", Some("detail")).await;

    audit.page.click("tab-space").await.unwrap();
    audit.see("the map", "[data-testid='map-cell']").await;
    audit.see("the waste", "[data-testid='waste-card']").await;
    audit.page.script("document.querySelectorAll('.space details').forEach(d => d.open = true)").await.unwrap();
    audit.pane("space", Some("files")).await;
    audit.page.click("tab-search").await.unwrap();
    audit.page.type_into("search-text", "two").await.unwrap();
    audit.page.click("search-any-case").await.unwrap();
    audit.page.click("search-button").await.unwrap();
    audit.see("a hit", "[data-testid='search-hit']").await;
    audit.pane("search in contents", Some("files")).await;
    audit.page.click("search-hit").await.unwrap();
    audit.see("the hit", "[data-testid='file-content'] mark.on").await;
    audit.pane("a hit", Some("detail")).await;
    audit.page.click("tab-checks").await.unwrap();
    for part in ["main", "redo", "log"] {
        audit.page.click(&format!("part-{part}")).await.unwrap();
        audit.see(part, &format!("[data-testid='checks'][data-part='{part}']")).await;
        audit.pane(&format!("receipt, {part}"), Some("files")).await;
    }
    audit.page.click("tab-config").await.unwrap();
    for part in ["main", "dockerfile", "manifest", "config"] {
        audit.page.click(&format!("part-{part}")).await.unwrap();
        audit.see(part, &format!("[data-testid='config'][data-part='{part}']")).await;
        audit.pane(&format!("config, {part}"), Some("files")).await;
    }
    audit.end(28).await;
}

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
