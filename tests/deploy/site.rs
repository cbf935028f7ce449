//! The page as static files on nginx, under a subpath, packed, under the strict policy.

use lagvis_tests::{
    browser::{NEEDS as BROWSER, Page},
    http,
    nginx::{BROTLI, NEEDS, Nginx},
    service::Lagvis,
    tools,
};

fn nginx(changes: &[(&str, &str)]) -> Nginx {
    let site = tools::site().unwrap();
    let folder = format!("{}/", site.display());
    let own = ("/srv/www/lagvis/", folder.as_str());
    let server = crate::recipe("nginx/lagvis-site.conf", &[&[own], changes].concat());
    Nginx::start("", &format!("{server}\nlocation = /violations {{ return 204; }}")).unwrap()
}

#[test]
fn files_come_packed_under_a_subpath_with_the_policy_of_lagvis_serve() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&[BROTLI]).unwrap() {
        return;
    }
    let nginx = nginx(&[]);
    let moved = http::get(&format!("{}/lagvis", nginx.url), &[]).unwrap();
    assert_eq!((moved.status, moved.header("location")), (301, "/lagvis/"));
    let page = http::get(&format!("{}/lagvis/", nginx.url), &[]).unwrap();
    assert_eq!(page.status, 200);
    let own = http::get(&Lagvis::serve(&[]).unwrap().url, &[]).unwrap();
    for name in
        ["content-security-policy", "x-content-type-options", "referrer-policy", "cache-control", "content-type"]
    {
        assert_eq!(page.header(name).replace("; charset=utf-8", ""), own.header(name), "{name}");
    }
    let program = std::fs::read_dir(tools::site().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    let program = program.map(|name| name.into_string().unwrap()).find(|name| name.ends_with(".wasm")).unwrap();
    let url = format!("{}/lagvis/{program}", nginx.url);
    let plain = http::get(&url, &[]).unwrap();
    assert_eq!((plain.header("content-type"), plain.header("content-encoding")), ("application/wasm", ""));
    for packing in ["br", "gzip"] {
        let packed = http::get(&url, &[("accept-encoding", packing)]).unwrap();
        assert_eq!((packed.status, packed.header("content-encoding")), (200, packing));
        assert_eq!(packed.header("content-type"), "application/wasm");
        assert!(packed.body.len() * 2 < plain.body.len(), "{packing}: {} bytes", packed.body.len());
    }
    let again = http::get(&url, &[("if-none-match", plain.header("etag"))]).unwrap();
    assert_eq!(again.status, 304);
}

/// Violations are told on the console, and to an address of nginx, which hears of those in workers too.
#[tokio::test]
async fn the_page_breaks_no_line_of_the_strict_policy() {
    if !tools::have(&NEEDS).unwrap() || !tools::have(&BROWSER).unwrap() {
        return;
    }
    let nginx = nginx(&[("frame-ancestors 'none'", "frame-ancestors 'none'; report-uri /violations")]);
    let page = Page::open(&format!("{}/lagvis/", nginx.url)).await.unwrap();
    page.click("sample-button").await.unwrap();
    assert_eq!(page.verdict().await.unwrap(), "verified");
    page.wait("rows", "return document.querySelector(\"[data-testid='tree-row']\") != null").await.unwrap();
    let console = page.console().await.unwrap();
    assert!(console.is_empty(), "{console:?}");
    assert_eq!(nginx.logged("/violations").unwrap(), Vec::<String>::new());

    // That both ways tell of a violation shows by one.
    page.script("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">'); return true")
        .await
        .unwrap();
    let console = page.console().await.unwrap();
    assert!(console.iter().any(|line| line.contains("Content Security Policy")), "{console:?}");
    let begin = std::time::Instant::now();
    while nginx.logged("/violations").unwrap().is_empty() {
        assert!(begin.elapsed().as_secs() < 30, "no report came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    page.close().await.unwrap();
}
