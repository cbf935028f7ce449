//! Keys of the whole page: what is open has Escape for itself, every pane and the search are a key away, and the palette
//! does what it lists.

use lagvis_fixtures::{Packing, sample as sample_image};
use lagvis_tests::{
    browser::{Key, NEEDS, Page},
    held::Held,
    service::Lagvis,
    tools,
    workdir::Workdir,
};

const LAYER: &str = "return document.querySelector(\"[data-testid='layer-row'][aria-pressed='true']\")?.dataset.index";
const HELP: &str = "return document.querySelector(\"[data-testid='key-help']\")?.open == true";
const NO_DIALOG: &str = "return !document.querySelector('dialog')";

async fn opened(lagvis: &Lagvis) -> Page {
    let page = Page::open(&lagvis.url).await.unwrap();
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page
}

async fn there(page: &Page, css: &str) {
    page.wait(css, &format!("return document.querySelector(\"{css}\") != null")).await.unwrap();
}

/// Waits until the focus is there, and it can be seen.
async fn focus(page: &Page, css: &str) {
    let script =
        format!("const e = document.activeElement; return e.matches(\"{css}\") && e.getClientRects().length > 0");
    page.wait(&format!("the focus on {css}"), &script).await.unwrap();
}

#[tokio::test]
async fn escape_closes_what_is_open_and_changes_nothing_behind_it() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    page.click_css("[data-testid='layer-row'][data-index='2']").await.unwrap();
    page.wait("the layer", &format!("{LAYER} == '2'")).await.unwrap();
    page.keys("?").await.unwrap();
    page.wait("the list of keys", HELP).await.unwrap();
    page.keys("]").await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is closed", NO_DIALOG).await.unwrap();
    assert_eq!(page.script(LAYER).await.unwrap(), "2", "keys went through the dialog");
    focus(&page, "[data-testid='layer-row'][data-index='2']").await;

    page.click_css(".head [data-testid='word']").await.unwrap();
    there(&page, ".word-text:popover-open").await;
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is closed", "return !document.querySelector('.word-text:popover-open')").await.unwrap();
    assert_eq!(page.script(LAYER).await.unwrap(), "2", "Escape went through the word");

    page.keys(Key::Escape).await.unwrap();
    there(&page, "[data-testid='all-layers'][aria-pressed='true']").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn escape_of_a_dialog_does_not_end_what_is_being_opened() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let held = Held::serve(&sample_image().oci_archive(Packing::Gzip).unwrap()).unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&held.host)).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    page.pull(&format!("{}/demo/app:1", held.host)).await.unwrap();
    held.stands().unwrap();
    there(&page, "[data-testid='layer-row'][data-state='downloading']").await;
    page.keys("?").await.unwrap();
    page.wait("the list of keys", HELP).await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is closed", NO_DIALOG).await.unwrap();
    assert_eq!(page.script("return document.documentElement.dataset.phase").await.unwrap(), "opening");
    held.go_on();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_search_of_the_tree_is_a_key_away_wherever_one_is() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    let field = "[data-testid='filter-input']";
    for tab in ["space", "search", "checks", "config", "files"] {
        page.click(&format!("tab-{tab}")).await.unwrap();
        page.keys("/").await.unwrap();
        focus(&page, field).await;
    }
    page.click("tab-config").await.unwrap();
    page.run_command("search the tree").await.unwrap();
    focus(&page, field).await;
    page.resize(640, 800).await.unwrap();
    for pane in ["layers", "detail"] {
        page.click(&format!("pane-{pane}")).await.unwrap();
        page.keys("/").await.unwrap();
        focus(&page, field).await;
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn one_key_goes_from_pane_to_pane_and_links_skip_to_them() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    let [layers, tree, detail] =
        ["[data-testid='all-layers'][aria-pressed='true']", "[data-testid='tree']", ".detail-pane"];
    // On a narrow window the pane is shown as well.
    for width in [1280, 640] {
        page.resize(width, 800).await.unwrap();
        page.script("document.activeElement.blur()").await.unwrap();
        for css in [layers, tree, detail, layers] {
            page.keys(Key::F6).await.unwrap();
            focus(&page, css).await;
        }
        page.shift(Key::F6).await.unwrap();
        focus(&page, detail).await;
        page.shift(Key::F6).await.unwrap();
        focus(&page, tree).await;
    }
    page.resize(1280, 800).await.unwrap();
    page.click("tab-space").await.unwrap();
    for (skip, to) in [("skip-tree", tree), ("skip-detail", detail)] {
        page.tab_to(&format!("[data-testid='{skip}']")).await.unwrap();
        let width =
            format!("return document.querySelector(\"[data-testid='{skip}']\").parentElement.clientWidth > 100");
        assert_eq!(page.script(&width).await.unwrap(), true, "{skip} is not seen");
        page.keys(Key::Enter).await.unwrap();
        focus(&page, to).await;
    }
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_palette_is_walked_by_arrows_and_clicked() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    let at = |id: &str| {
        format!(
            "return document.activeElement.getAttribute('aria-activedescendant') == '{id}' && document.querySelector(\"[data-testid='command'][aria-selected='true']\").id == '{id}'"
        )
    };
    page.palette("").await.unwrap();
    page.wait("the first", &at("command-0")).await.unwrap();
    page.keys(Key::Down).await.unwrap();
    page.wait("the second", &at("command-1")).await.unwrap();
    page.keys(Key::Up).await.unwrap();
    page.wait("the first again", &at("command-0")).await.unwrap();
    // Files, Space, Search.
    page.keys(Key::Down).await.unwrap();
    page.keys(Key::Down).await.unwrap();
    page.wait("the third", &at("command-2")).await.unwrap();
    page.keys(Key::Enter).await.unwrap();
    there(&page, "[data-testid='tab-search'][aria-selected='true']").await;
    page.palette("dockerfile config").await.unwrap();
    page.click("command").await.unwrap();
    there(&page, "[data-testid='part-dockerfile'][aria-selected='true']").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_palette_does_what_it_lists() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    page.save_into(folder.path()).await.unwrap();
    for (words, css) in [
        ("raw manifest", "[data-testid='part-manifest'][aria-selected='true']"),
        ("raw config", "[data-testid='part-config'][aria-selected='true']"),
        ("do it yourself", "[data-testid='part-redo'][aria-selected='true']"),
        ("requests log", "[data-testid='part-log'][aria-selected='true']"),
        ("search in contents", "[data-testid='search-text']:focus"),
        ("open all folders", "[data-testid='tree-row'][data-path='etc/passwd']"),
        ("go to a path", "[data-testid='jump-input']:focus"),
        ("go to the layers", "[data-testid='all-layers']:focus"),
        ("go to the details", ".detail-pane:focus"),
    ] {
        page.run_command(words).await.unwrap();
        there(&page, css).await;
    }
    page.run_command("close all folders").await.unwrap();
    page.wait("they are closed", "return !document.querySelector(\"[data-path='etc/passwd']\")").await.unwrap();
    page.run_command("save root file system").await.unwrap();
    let tar = page.saved(&folder.path().join("rootfs.tar")).await.unwrap();
    assert!(tar.len() > 1024, "{} bytes", tar.len());
    // What was opened before is offered beside an open image too.
    page.palette("opened before").await.unwrap();
    there(&page, "[data-testid='command']").await;
    page.close().await.unwrap();
}

#[tokio::test]
async fn enlarged_content_has_the_keyboard_for_itself() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = opened(&lagvis).await;
    page.click_css("[data-testid='layer-row'][data-index='2']").await.unwrap();
    page.run_command("/etc/passwd").await.unwrap();
    there(&page, "[data-testid='file-content'][data-mode='text']").await;
    page.click("content-enlarge").await.unwrap();
    there(&page, ".content.large[role='dialog']").await;
    for _ in 0..12 {
        page.keys(Key::Tab).await.unwrap();
        let inside =
            "const e = document.activeElement; return e == document.body || e.closest('.content.large') != null";
        assert_eq!(page.script(inside).await.unwrap(), true, "Tab leads behind it");
    }
    page.script("document.activeElement.blur()").await.unwrap();
    page.keys("]").await.unwrap();
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is small again", "return !document.querySelector('.content.large, [inert]')").await.unwrap();
    assert_eq!(page.script(LAYER).await.unwrap(), "2", "keys went through it");
    page.close().await.unwrap();
}

#[tokio::test]
async fn the_tour_goes_back_and_ends_when_it_is_told() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let lagvis = Lagvis::serve(&[]).unwrap();
    let page = Page::open(&lagvis.url).await.unwrap();
    let stop = |n: u32| format!("[data-testid='tour'][data-stop='{n}']");
    let gone = "return !document.querySelector(\"[data-testid='tour']\") && !document.documentElement.dataset.tour";
    page.click_css(".learn summary").await.unwrap();
    page.click("tour-button").await.unwrap();
    there(&page, &stop(0)).await;
    page.click("tour-next").await.unwrap();
    there(&page, &stop(1)).await;
    page.click("tour-back").await.unwrap();
    there(&page, &stop(0)).await;
    assert!(page.all("tour-back", "testid").await.unwrap().is_empty(), "nothing is before the first");
    page.click("tour-end").await.unwrap();
    page.wait("it is over", gone).await.unwrap();

    page.run_command("take the tour").await.unwrap();
    there(&page, &stop(0)).await;
    focus(&page, "[data-testid='tour-next']").await;
    page.keys(Key::Escape).await.unwrap();
    page.wait("it is over", gone).await.unwrap();
    assert_eq!(page.script("return document.documentElement.dataset.phase").await.unwrap(), "open");
    page.close().await.unwrap();
}
