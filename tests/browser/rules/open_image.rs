//! Every tab and panel of an image.

use std::process::Command;

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{browser::Key, service::Lagvis, tools, workdir::Workdir};

use super::Audit;

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
    audit.front("files").await;
    audit.page.click("filter-button").await.unwrap();
    audit.see("the filter", ".filter-panel").await;
    audit.part("filter", Some("files"), ".filter-panel").await;
    audit.page.keys(Key::Escape).await.unwrap();
    audit.page.click("jump-button").await.unwrap();
    audit.part("go to a path", Some("files"), "[data-testid='jump-input']").await;
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
