//! Every view's state is in the link: each is reached as a person would, its link is opened anew, and the page shows the
//! same and has the same address.

use lagvis_fixtures::{Image, Layer, Packing, multi, multi_archive};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    registry::{NEEDS as REGISTRY, Registry},
    service::Lagvis,
    tools,
    workdir::Workdir,
};

/// What a person does.
enum Do {
    /// Clicks the first that a selector finds.
    Click(&'static str),
    /// Chooses of a list.
    Choose(&'static str, &'static str),
    /// Types into a field.
    Type(&'static str, &'static str),
    /// Types where the focus is.
    Keys(&'static str),
    /// Presses Enter on the first that a selector finds.
    Enter(&'static str),
}

use Do::{Choose, Click, Enter, Keys, Type};

/// A state: its name, the way to it, and what is there once it is reached.
type State = (&'static str, &'static [Do], &'static str);

/// All that is to be seen and that a reload could lose: what is pressed, chosen and typed, rows, texts. Times and the log
/// are of the visit; where one goes by an offset is an order, and its field no state.
const SEEN: &str = r#"
    if (document.querySelector("[aria-busy='true'], .task, .content[data-mode='waiting']")) return null;
    const all = css => [...document.querySelectorAll(css)].filter(e => e.checkVisibility());
    const name = e => e.dataset.testid || e.ariaLabel || e.innerText;
    const said = css => all(css).map(e => e.innerText.replace(/\s+/g, ' '));
    return JSON.stringify({
        address: location.hash,
        on: all("[aria-pressed='true'], [aria-selected='true'], [aria-current='true']").map(e => name(e) + (e.dataset.path || e.dataset.index || e.dataset.layer || '')),
        fields: all("input:not([type=file], [data-testid='content-offset']), select").map(e => [name(e), e.type == 'checkbox' ? e.checked : e.value]),
        rows: all("[data-testid='tree-row']").map(e => [e.dataset.path, e.dataset.change, e.ariaExpanded]),
        sorted: all("[aria-sort]").map(e => name(e) + e.ariaSort),
        panes: document.querySelector('.panes')?.dataset.pane,
        marks: all('.content mark').map(e => [e.innerText, e.className]),
        large: all('.content.large').length,
        panel: said('.detail-pane'),
        view: document.querySelector("[data-testid='log']") ? [] : said('.view, .browse'),
    }, null, 1)"#;

/// Walks the states, each from the same link.
async fn walk(page: &Page, home: &str, states: &[State]) {
    for (name, way, there) in states {
        page.go(home).await.unwrap();
        settled(page, name, "document.documentElement.dataset.phase == 'open'").await;
        for step in *way {
            take(page, step).await;
        }
        let seen = settled(page, name, there).await;
        let link = page.address().await.unwrap();
        page.go(&link).await.unwrap();
        let again = settled(page, name, there).await;
        assert_eq!(again, seen, "“{name}” after a reload of {link}");
        eprintln!("{name}: {}", link.split_once('#').map_or("", |(_, fragment)| fragment));
    }
}

async fn take(page: &Page, step: &Do) {
    match step {
        Click(css) => page.click_css(css).await.unwrap(),
        Type(hook, text) => page.type_into(hook, text).await.unwrap(),
        Keys(keys) => page.keys(*keys).await.unwrap(),
        Enter(css) => {
            let focus = format!("const e = document.querySelector(\"{css}\"); e?.focus(); return e != null");
            page.wait(css, &focus).await.unwrap();
            page.keys(Key::Enter).await.unwrap();
        }
        Choose(hook, value) => {
            let script = format!(
                "const s = document.querySelector(\"[data-testid='{hook}']\"); if (!s) return false; s.value = '{value}'; \
                 s.dispatchEvent(new Event('change', {{bubbles: true}})); return true"
            );
            page.wait(hook, &script).await.unwrap();
        }
    }
}

/// What is seen, once the state is reached, nothing is on its way and the address has it: two looks agree.
async fn settled(page: &Page, name: &str, there: &str) -> String {
    page.verdict().await.unwrap();
    page.wait(name, &format!("return Boolean({there})")).await.unwrap();
    let mut before = None;
    loop {
        let seen = page.wait(name, SEEN).await.unwrap().as_str().unwrap_or_default().to_owned();
        if before.as_ref() == Some(&seen) {
            return seen;
        }
        before = Some(seen);
    }
}

/// Three versions of a long text, other things that are shown in ways of their own, and waste.
fn image() -> Image {
    let text = |word: &str| (1..=1_400).map(|n| format!("line {n} {word}\n")).collect::<String>();
    let bytes: Vec<u8> = (0..=255).cycle().take(40_000).collect();
    let base = Layer::new("ADD rootfs.tar /")
        .dirs(&["app", "app/deep", "app/deep/deeper", "etc", "var", "var/cache"])
        .file("app/text", 0o644, text("one"))
        .file("app/data.bin", 0o600, &bytes)
        .file("app/deep/deeper/low", 0o4755, "low\n")
        .file("etc/passwd", 0o644, "root:x:0:0\n")
        .file("var/cache/big", 0o644, vec![7; 60_000]);
    let second = Layer::new("RUN second")
        .file("app/text", 0o644, text("two"))
        .owner(5, 6)
        .symlink("app/link", "text")
        .whiteout("var/cache/big");
    let third = Layer::new("RUN third").file("app/text", 0o640, text("three")).file("opt", 0o644, "opt\n");
    Image::new("state:1").layer(base).layer(second).step("USER app").layer(third)
}

const FILES: &[State] = &[
    (
        "one layer",
        &[Click("[data-testid='layer-row'][data-index='1']")],
        "document.querySelector(\"[data-testid='layer-detail'][data-index='1']\")",
    ),
    (
        "only its changes",
        &[Click("[data-testid='layer-row'][data-index='1']"), Click("[data-testid='changes-only']")],
        "location.hash.includes('only=1')",
    ),
    (
        "a layer alone",
        &[Click("[data-testid='layer-row'][data-index='2']"), Click("[data-testid='layer-alone']")],
        "location.hash.includes('only=alone')",
    ),
    (
        "layers from one to another",
        &[Choose("range-from", "1"), Choose("range-to", "1")],
        "location.hash.includes('layer=1')",
    ),
    ("layers from one on", &[Choose("range-from", "1")], "location.hash.includes('layer=1..')"),
    ("all up to a layer", &[Choose("range-to", "1")], "location.hash.includes('..1')"),
    ("a search", &[Type("filter-input", "low")], "location.hash.includes('filter=low')"),
    (
        "a glob",
        &[Type("filter-input", "*.bin"), Click("[data-testid='search-glob']")],
        "location.hash.includes('kind=glob')",
    ),
    (
        "an expression",
        &[Click("[data-testid='search-regex']"), Type("filter-input", "l.w$")],
        "document.querySelector(\"[data-path='app/deep/deeper/low']\")",
    ),
    ("sorted by size", &[Click("[data-testid='sort-size']")], "location.hash.includes('sort=-size')"),
    ("sorted by name, last first", &[Click("[data-testid='sort-name']")], "location.hash.includes('sort=-name')"),
    ("sorted by mode", &[Click("[data-testid='sort-mode']")], "location.hash.includes('sort=mode')"),
    ("sorted by owner", &[Click("[data-testid='sort-owner']")], "location.hash.includes('sort=owner')"),
    ("sorted by layer", &[Click("[data-testid='sort-layer']")], "location.hash.includes('sort=layer')"),
    ("two levels", &[Choose("depth", "2")], "location.hash.includes('depth=2')"),
    ("all open", &[Click("[data-testid='expand-all']")], "location.hash.includes('depth=all')"),
    (
        "a folder opened by itself",
        &[Click("[data-path='app'] .twisty"), Click("[data-path='app/deep'] .twisty")],
        "location.hash.includes('turned=')",
    ),
    (
        "a folder closed among open ones",
        &[Click("[data-testid='expand-all']"), Click("[data-path='app/deep'] .twisty")],
        "location.hash.includes('turned=')",
    ),
    (
        "a path, and the image beside it",
        &[Click("[data-path='etc']"), Click(".about")],
        "location.hash.includes('panel=image')",
    ),
    (
        "a path, then a layer",
        &[Click("[data-path='etc']"), Click("[data-testid='layer-row'][data-index='1']")],
        "location.hash.includes('panel=1')",
    ),
];

const CONTENT: &[State] = &[
    (
        "an old version",
        &[
            Click("[data-testid='jump-button']"),
            Keys("app/text\u{e007}"),
            Click("[data-testid='content-version'][data-layer='0']"),
        ],
        "document.querySelector('.lines')?.innerText.includes('line 1 one')",
    ),
    (
        "two versions compared",
        &[Click("[data-testid='jump-button']"), Keys("app/text\u{e007}"), Choose("compare-new", "1")],
        "document.querySelector(\"[data-testid='difference']\")",
    ),
    (
        "a later page",
        &[
            Click("[data-testid='jump-button']"),
            Keys("app/text\u{e007}"),
            Click("[data-testid='content-next']"),
            Click("[data-testid='content-next']"),
        ],
        "document.querySelector('.lines')?.innerText.includes('line 1400')",
    ),
    (
        "found in the text",
        &[
            Click("[data-testid='jump-button']"),
            Keys("app/text\u{e007}"),
            Type("content-find", "line 70"),
            Keys("\u{e007}\u{e007}"),
        ],
        "location.hash.includes('nth=2')",
    ),
    (
        "as bytes",
        &[Click("[data-testid='jump-button']"), Keys("app/text\u{e007}"), Click("[data-testid='content-hex']")],
        "document.querySelector('.hex')",
    ),
    (
        "at an offset",
        &[Click("[data-testid='jump-button']"), Keys("app/data.bin\u{e007}"), Type("content-offset", "0x4000\u{e007}")],
        "document.querySelector('.hex mark')",
    ),
    (
        "further on",
        &[Click("[data-testid='jump-button']"), Keys("app/data.bin\u{e007}"), Click("[data-testid='content-next']")],
        "location.hash.includes('at=256')",
    ),
    (
        "enlarged",
        &[Click("[data-testid='jump-button']"), Keys("app/text\u{e007}"), Click("[data-testid='content-enlarge']")],
        "document.querySelector('.content.large')",
    ),
    (
        "a digest",
        &[Click("[data-testid='jump-button']"), Keys("app/text\u{e007}"), Click("[data-testid='hash-file']")],
        "document.querySelector(\"[data-testid='file-sha256']\")",
    ),
    (
        "a link's hops",
        &[Click("[data-testid='jump-button']"), Keys("app/link\u{e007}")],
        "document.querySelector(\"[data-testid='trail-end']\")",
    ),
];

const VIEWS: &[State] = &[
    ("space", &[Click("[data-testid='tab-space']")], "document.querySelector(\"[data-testid='waste-card']\")"),
    (
        "space, a folder by change",
        &[
            Click("[data-testid='tab-space']"),
            Enter("[data-testid='map-cell'][data-path='app']"),
            Click("[data-testid='colour-change']"),
        ],
        "location.hash.includes('colour=change')",
    ),
    (
        "space without the base",
        &[Click("[data-testid='tab-space']"), Choose("space-base", "1")],
        "location.hash.includes('base=1')",
    ),
    (
        "a search in contents",
        &[
            Click("[data-testid='tab-search']"),
            Type("search-text", "LOW"),
            Click("[data-testid='search-any-case']"),
            Click("[data-testid='search-every-layer']"),
            Click("[data-testid='search-button']"),
        ],
        "document.querySelector(\"[data-testid='search-hit']\")",
    ),
    (
        "a search for bytes",
        &[
            Click("[data-testid='tab-search']"),
            Click("[data-testid='search-hex']"),
            Type("search-text", "6c6f77"),
            Click("[data-testid='search-button']"),
        ],
        "document.querySelector(\"[data-testid='search-hit']\")",
    ),
    (
        "a place that was found",
        &[
            Click("[data-testid='tab-search']"),
            Type("search-text", "line 1300"),
            Click("[data-testid='search-button']"),
            Click("[data-testid='search-hit']"),
        ],
        "document.querySelector('.content mark.on')",
    ),
    ("receipt", &[Click("[data-testid='tab-checks']")], "document.querySelector(\"[data-testid='check-row']\")"),
    (
        "receipt, do it yourself",
        &[Click("[data-testid='tab-checks']"), Click("[data-testid='part-redo']")],
        "location.hash.includes('part=redo')",
    ),
    (
        "receipt, requests",
        &[Click("[data-testid='tab-checks']"), Click("[data-testid='part-log']")],
        "document.querySelector(\"[data-testid='log']\")",
    ),
    ("config", &[Click("[data-testid='tab-config']")], "document.querySelector(\"[data-testid='config']\")"),
    (
        "config, Dockerfile",
        &[Click("[data-testid='tab-config']"), Click("[data-testid='part-dockerfile']")],
        "location.hash.includes('part=dockerfile')",
    ),
    (
        "config, manifest",
        &[Click("[data-testid='tab-config']"), Click("[data-testid='part-manifest']")],
        "location.hash.includes('part=manifest')",
    ),
    (
        "config, config",
        &[Click("[data-testid='tab-config']"), Click("[data-testid='part-config']")],
        "location.hash.includes('part=config')",
    ),
    ("registry", &[Click("[data-testid='tab-registry']")], "document.querySelector('.view h2')"),
    (
        "registry, tags",
        &[Click("[data-testid='tab-registry']"), Click("[data-testid='part-tags']"), Type("tags-filter", "2")],
        "document.querySelector(\"[data-testid='tag-row'][data-tag='2']\")",
    ),
    (
        "registry, comparison",
        &[
            Click("[data-testid='tab-registry']"),
            Click("[data-testid='part-tags']"),
            Click("[data-tag='2'] [data-testid='tag-compare']"),
        ],
        "document.querySelector(\"[data-testid='comparison']\")",
    ),
];

const FILTERS: &[(&str, &str)] = &[
    ("by change", "layer=1&change=added,removed"),
    ("by type", "type=symlink,dir"),
    ("by size", "size=1000..50000"),
    ("by layer", "set=1,2"),
    ("by owner", "owner=5:6"),
    ("by mode", "mode=-4000"),
];

/// The image on a registry, with another tag; the page, and the link to the image alone.
async fn opened() -> Option<(Workdir, Registry, Lagvis, Page, String)> {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&REGISTRY).unwrap() {
        return None;
    }
    let folder = Workdir::new().unwrap();
    let registry = Registry::start(None).unwrap();
    let file = folder.write("state.tar", image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/state:1").unwrap();
    let other = folder.write("other.tar", multi_archive(&multi(), Packing::Gzip).unwrap()).unwrap();
    registry.push(&format!("oci-archive:{}", other.display()), "demo/state:2").unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.tall().await.unwrap();
    page.pull(&format!("{}/demo/state:1", registry.host)).await.unwrap();
    page.verdict().await.unwrap();
    page.wait("a pinned link", "return location.hash.includes('@sha256:')").await.unwrap();
    let home = page.address().await.unwrap();
    Some((folder, registry, lagvis, page, home))
}

#[tokio::test]
async fn the_tree_and_its_layers() {
    let Some((_folder, _registry, _lagvis, page, home)) = opened().await else { return };
    walk(&page, &home, FILES).await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn files_and_other_views() {
    let Some((_folder, _registry, _lagvis, page, home)) = opened().await else { return };
    walk(&page, &home, CONTENT).await;
    walk(&page, &home, VIEWS).await;
    page.close().await.unwrap();
}

/// Each filter is set by hand in `tree.rs`; here each is in a link: its chip is there, and rows are left out.
#[tokio::test]
async fn every_filter() {
    let Some((_folder, _registry, _lagvis, page, home)) = opened().await else { return };
    page.go(&format!("{home}&depth=all")).await.unwrap();
    let all = settled(&page, "no filter", "true").await;
    for (name, fields) in FILTERS {
        let link = format!("{home}&depth=all&{fields}");
        page.go(&link).await.unwrap();
        let seen = settled(&page, name, "document.querySelector(\"[data-testid='filter-chip']\")").await;
        assert_ne!(seen, all, "{name}");
        for field in fields.split('&') {
            assert!(page.address().await.unwrap().contains(field), "{name}: {field} is kept");
        }
        let address = page.address().await.unwrap();
        page.go(&address).await.unwrap();
        assert_eq!(
            settled(&page, name, "document.querySelector(\"[data-testid='filter-chip']\")").await,
            seen,
            "{name}"
        );
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn a_narrow_window_shows_the_same_pane() {
    let Some((_folder, _registry, _lagvis, page, home)) = opened().await else { return };
    page.resize(400, 860).await.unwrap();
    let states: &[State] = &[
        ("the layers", &[Click("[data-testid='pane-layers']")], "location.hash.includes('pane=layers')"),
        ("the details", &[Click("[data-testid='pane-detail']")], "location.hash.includes('pane=detail')"),
    ];
    walk(&page, &home, states).await;
    page.close().await.unwrap();
}

/// A link carries the digest of a file; who opens it is told whether the file has it.
#[tokio::test]
async fn a_file_s_digest_is_held_against_the_link() {
    let Some((_folder, _registry, _lagvis, page, home)) = opened().await else { return };
    let told = "document.querySelector(\"[data-testid='file-sha256']\") != null";
    let differs = "document.querySelector(\"[data-testid='file-differs']\") != null";
    let digest = lagvis::image::Digest::of(b"root:x:0:0\n");
    page.go(&format!("{home}&path=etc/passwd&digest={digest}")).await.unwrap();
    page.wait("the digest", &format!("return {told}")).await.unwrap();
    assert_eq!(page.script(&format!("return {differs}")).await.unwrap(), false);
    let other = lagvis::image::Digest::of(b"something else");
    page.go(&format!("{home}&path=etc/passwd&digest={other}")).await.unwrap();
    page.wait("that it differs", &format!("return {told} && {differs}")).await.unwrap();
    page.close().await.unwrap();
}
