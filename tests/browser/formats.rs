//! Each way to see a file's content, by pointer and keyboard: text with a search, hexadecimal, pictures, programs,
//! archives, and where links lead.

use std::process::Command;

use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const SCRIPT: &str = "#!/bin/sh\n# greet\nname='you'\necho \"hello $name\" && exit 0\n";
const SVG: &str =
    "<svg xmlns='http://www.w3.org/2000/svg' onload='window.ran = 1'><script>window.ran = 1</script></svg>\n";

fn long_text() -> String {
    (1..=60_000).map(|n| format!("line number {n}{}\n", if n % 25_000 == 0 { " Needle" } else { "" })).collect()
}

fn bytes() -> Vec<u8> {
    (0..1_000_000_u32).map(|n| u8::try_from(n / 7 % 256).unwrap()).collect()
}

/// Three pixels wide, two high.
fn bitmap() -> Vec<u8> {
    let mut out = b"BM".to_vec();
    for number in [78_u32, 0, 54, 40, 3, 2, 1 | 24 << 16, 0, 24, 0, 0, 0, 0] {
        out.extend(number.to_le_bytes());
    }
    out.extend([200; 24]);
    out
}

fn image(folder: &Workdir) -> Image {
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("in")).unwrap();
    std::fs::write(at("in/inner.txt"), "hello\n").unwrap();
    tools::output(Command::new("zip").args(["-q", "-r", "a.zip", "in"]).current_dir(folder.path())).unwrap();
    tools::output(Command::new("tar").args(["-czf", "a.tgz", "in"]).current_dir(folder.path())).unwrap();
    let png = "import zlib,struct\ndef c(t,d): return struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))\n\
               open('a.png','wb').write(b'\\x89PNG\\r\\n\\x1a\\n'+c(b'IHDR',struct.pack('>IIBBBBB',40,30,8,2,0,0,0))\
               +c(b'IDAT',zlib.compress((b'\\0'+b'\\xc0\\x60\\x20'*40)*30))+c(b'IEND',b''))";
    tools::output(Command::new("python3").args(["-c", png]).current_dir(folder.path())).unwrap();
    let read = |name: &str| std::fs::read(at(name)).unwrap();
    // Says that it has more pixels than are decoded.
    let mut huge = read("a.png");
    huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    // Of a depth that there is not.
    let mut broken = read("a.png");
    broken[24] = 77;
    let layer = Layer::new("COPY . /")
        .dirs(&["app"])
        .file("app/run.sh", 0o755, SCRIPT)
        .file("app/long.log", 0o644, long_text())
        .file("app/data.bin", 0o644, bytes())
        .file("app/logo.png", 0o644, read("a.png"))
        .file("app/huge.png", 0o644, huge)
        .file("app/broken.png", 0o644, broken)
        .file("app/tiny.bmp", 0o644, bitmap())
        .file("app/active.svg", 0o644, SVG)
        .file("app/true", 0o755, std::fs::read("/bin/true").unwrap())
        .file("app/some.zip", 0o644, read("a.zip"))
        .file("app/some.tgz", 0o644, read("a.tgz"))
        .symlink("first", "app/second")
        .symlink("app/second", "./run.sh")
        .symlink("lost", "/none");
    Image::new("formats:1").layer(layer)
}

async fn opened(lagvis: &Lagvis, folder: &Workdir) -> Page {
    let file = folder.write("formats.tar", image(folder).oci_archive(Packing::Gzip).unwrap()).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.choose(&file).await.unwrap();
    page.verdict().await.unwrap();
    page.tall().await.unwrap();
    page.click_css("[data-path='app'] .twisty").await.unwrap();
    page
}

/// Selects a path and waits for its content in a way to see it.
async fn select(page: &Page, path: &str, mode: &str) {
    page.click_css(&format!("[data-testid='tree-row'][data-path='{path}']")).await.unwrap();
    let is = format!(
        "return document.querySelector(\"[data-testid='file-detail'][data-path='{path}'] [data-testid='file-content'][data-mode='{mode}']\") != null"
    );
    page.wait(&format!("{path} as {mode}"), &is).await.unwrap();
}

/// The text of what carries a hook.
fn text(hook: &str) -> String {
    format!("document.querySelector(\"[data-testid='{hook}']\")?.textContent")
}

async fn says(page: &Page, hook: &str, expected: &str) {
    let script = format!("return {}?.includes({expected:?})", text(hook));
    page.wait(&format!("{hook}: {expected}"), &script).await.unwrap();
}

const PRE: &str = "document.querySelector(\"[data-testid='file-content'] pre\")";

#[tokio::test]
async fn text_has_colours_numbers_and_a_search() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&["zip", "tar", "python3"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis, &folder).await;
    select(&page, "app/run.sh", "text").await;
    page.wait("the text", &format!("return {PRE}?.textContent == {SCRIPT:?}")).await.unwrap();
    says(&page, "content-kind", "Shell script").await;
    let token =
        |class: &str| format!("return [...document.querySelectorAll('.content .{class}')].map(e => e.textContent)");
    for (class, expected) in [
        ("t-comment", vec!["#!/bin/sh", "# greet"]),
        ("t-string", vec!["'you'", "\"hello $name\""]),
        ("t-keyword", vec!["exit"]),
    ] {
        assert_eq!(page.script(&token(class)).await.unwrap(), serde_json::json!(expected), "{class}");
    }
    assert_eq!(
        page.script("return [...document.querySelectorAll('.line')].map(e => e.dataset.line)").await.unwrap(),
        serde_json::json!(["1", "2", "3", "4"])
    );

    // Typed into the field, then walked through by keys.
    page.type_into("content-find", "NAME").await.unwrap();
    says(&page, "content-found", "1 of 2").await;
    page.type_into("content-find", "\u{e007}").await.unwrap();
    says(&page, "content-found", "2 of 2").await;
    page.script(&format!("{PRE}.focus(); return true")).await.unwrap();
    page.keys("n").await.unwrap();
    says(&page, "content-found", "1 of 2").await;
    page.keys("N").await.unwrap();
    says(&page, "content-found", "2 of 2").await;
    assert_eq!(page.script("return document.querySelector('mark.on').textContent").await.unwrap(), "name");
    page.control('f').await.unwrap();
    page.wait("the field has the focus", "return document.activeElement.dataset.testid == 'content-find'")
        .await
        .unwrap();
    page.keys("\u{e00c}").await.unwrap();
    page.wait("no marks", "return document.querySelector('mark') == null").await.unwrap();

    // A long file: pages, then parts; the search is within the part and goes to the page.
    select(&page, "app/long.log", "text").await;
    says(&page, "content-range", "lines 1 to 500").await;
    page.click("content-next").await.unwrap();
    says(&page, "content-range", "lines 501 to 1,000").await;
    page.wait("its first line", &format!("return {PRE}.textContent.startsWith('line number 501\\n')")).await.unwrap();
    page.type_into("content-find", "needle").await.unwrap();
    says(&page, "content-found", "1 of 1 in this part").await;
    says(&page, "content-range", "lines 24,501 to 25,000").await;
    page.click("content-enlarge").await.unwrap();
    page.wait("large", "return document.querySelector('.content.large') != null").await.unwrap();
    page.script(&format!("{PRE}.focus(); return true")).await.unwrap();
    page.keys("\u{e00c}").await.unwrap();
    page.wait("small", "return document.querySelector('.content.large') == null").await.unwrap();
    // On through the part's end into the next, where lines are counted on.
    let last = "const next = document.querySelector(\"[data-testid='content-next']\"); if (next && !next.disabled) { next.click(); } \
                const t = document.querySelector(\"[data-testid='file-content'] pre\")?.textContent; return t?.endsWith('line number 60000\\n')";
    page.wait("the end", last).await.unwrap();
    says(&page, "content-range", "to 60,000 of 60,000").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn hexadecimal_moves_by_keys_and_offsets() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&["zip", "tar", "python3"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis, &folder).await;
    select(&page, "app/data.bin", "hex").await;
    says(&page, "content-range", "bytes 0 to 256 of 1,000,000").await;
    let line = |at: usize| -> String {
        let hex: Vec<String> = bytes()[at..at + 8].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{at:08x}  {}", hex.join(" "))
    };
    let first = |at: usize| format!("return {PRE}?.textContent.startsWith({:?})", line(at));
    page.wait("the first line", &first(0)).await.unwrap();
    page.script(&format!("{PRE}.focus(); return true")).await.unwrap();
    for (key, at) in
        [("\u{e00f}", 256), ("\u{e015}", 264), ("\u{e00e}", 8), ("\u{e013}", 0), ("\u{e010}", 1_000_000 - 256)]
    {
        page.keys(key).await.unwrap();
        page.wait(&format!("line {at}"), &first(at)).await.unwrap();
    }
    page.type_into("content-offset", "0x80000\u{e007}").await.unwrap();
    page.wait("the offset", &first(0x80000)).await.unwrap();
    assert_eq!(
        page.script("return document.querySelector('.hex-line.on').textContent.slice(0, 8)").await.unwrap(),
        "00080000"
    );
    page.click("content-next").await.unwrap();
    page.wait("the next page", &first(0x80100)).await.unwrap();
    page.click("content-enlarge").await.unwrap();
    says(&page, "content-range", "bytes 524,544 to 525,056").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn pictures_programs_archives_and_links() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&["zip", "tar", "python3"]).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis, &folder).await;
    for (path, width, height) in [("app/logo.png", 40, 30), ("app/tiny.bmp", 3, 2)] {
        select(&page, path, "picture").await;
        says(&page, "content-dimensions", &format!("{width} × {height} pixels")).await;
        let drawn = format!(
            "const i = document.querySelector(\"[data-testid='content-image']\"); \
             return i?.complete && i.naturalWidth == {width} && i.naturalHeight == {height} && i.src.startsWith('blob:')"
        );
        page.wait(&format!("{path} is decoded"), &drawn).await.unwrap();
    }
    select(&page, "app/huge.png", "picture").await;
    says(&page, "content-too-large", "Too large to be shown").await;
    select(&page, "app/broken.png", "picture").await;
    says(&page, "content-problem", "cannot decode").await;
    select(&page, "app/active.svg", "text").await;
    page.wait("the SVG's text", &format!("return {PRE}?.textContent == {SVG:?}")).await.unwrap();
    let ran = "return window.ran === undefined && document.querySelector(\"[data-testid='content-image']\") == null";
    assert_eq!(page.script(ran).await.unwrap(), true);

    select(&page, "app/true", "program").await;
    says(&page, "content-elf", "libc.so.6").await;
    page.click("content-hex").await.unwrap();
    page.wait("its bytes", &format!("return {PRE}?.textContent.startsWith('00000000  7f 45 4c 46')")).await.unwrap();

    let members = "return [...document.querySelectorAll(\"[data-testid='content-member'] td:first-child\")].map(e => e.textContent).join()";
    for path in ["app/some.zip", "app/some.tgz"] {
        select(&page, path, "members").await;
        page.wait(path, &format!("return (() => {{ {members} }})() == 'in/,in/inner.txt'")).await.unwrap();
        says(&page, "content-members-count", "2 members").await;
    }

    page.click_css("[data-testid='tree-row'][data-path='first']").await.unwrap();
    page.wait("the hops", "return [...document.querySelectorAll(\"[data-testid='trail-hop'], [data-testid='trail-end']\")].map(e => e.dataset.target).join() == 'first,app/second,app/run.sh'").await.unwrap();
    // By keyboard: the end has a button like any other.
    page.script("document.querySelector(\"[data-testid='trail-end']\").focus(); return true").await.unwrap();
    page.keys("\u{e007}").await.unwrap();
    page.wait(
        "the file at the end",
        "return document.querySelector(\"[data-testid='tree-row'].on\")?.dataset.path == 'app/run.sh'",
    )
    .await
    .unwrap();
    page.wait("its content", &format!("return {PRE}?.textContent == {SCRIPT:?}")).await.unwrap();
    page.click_css("[data-testid='tree-row'][data-path='first']").await.unwrap();
    page.click_css("[data-testid='trail-hop'][data-target='app/second']").await.unwrap();
    page.wait(
        "the hop",
        "return document.querySelector(\"[data-testid='tree-row'].on\")?.dataset.path == 'app/second'",
    )
    .await
    .unwrap();
    page.click_css("[data-testid='tree-row'][data-path='lost']").await.unwrap();
    says(&page, "trail-broken", "there is no such path").await;
    page.close().await.unwrap();
}
