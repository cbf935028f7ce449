//! The engine's own tests on wasm32: `cargo xtask test` builds them as libtest does, and here the module runs in a
//! worker of headless Chromium, served by `lagvis serve` under the policy of the real page.
//!
//! On this target libtest has no arguments, no output and one thread, and a test that fails traps. So `worker.js`
//! notes which tests are called, and they must be those that the native build lists.

use std::{collections::BTreeSet, env, fmt::Write as _, fs, path::PathBuf, process::Command};

use lagvis_tests::{
    browser::{NEEDS, Page},
    service::Lagvis,
    tools,
    workdir::Workdir,
};
use serde_json::Value;

#[tokio::test]
async fn the_engine_holds_on_wasm32() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let site = Workdir::new().unwrap();
    site.write("index.html", "<!doctype html><title>The engine's tests</title>").unwrap();
    site.write("worker.js", include_str!("worker.js")).unwrap();
    fs::copy(built("LAGVIS_WASM_TESTS"), site.path().join("tests.wasm")).unwrap();
    let lagvis = Lagvis::serve_site(site.path(), &[]).unwrap();
    let page = Page::blank().await.unwrap();
    page.visit(&lagvis.url).await.unwrap();
    page.script(
        "const worker = new Worker('worker.js'); worker.onmessage = event => { window.outcome = event.data; }; \
         worker.onerror = event => { window.outcome = { ran: [], message: event.message || 'no worker' }; }",
    )
    .await
    .unwrap();
    let outcome = page.wait("the tests end", "return window.outcome").await.unwrap();
    page.close().await.unwrap();

    let ran: BTreeSet<String> = texts(&outcome["ran"]).filter_map(test_of).collect();
    assert!(outcome["code"] == 0, "{}", failure(&outcome));
    let listed = listed();
    let (left, foreign): (Vec<_>, Vec<_>) = (listed.difference(&ran).collect(), ran.difference(&listed).collect());
    assert!(left.is_empty() && foreign.is_empty(), "not run: {left:?}, run but not listed natively: {foreign:?}");
    assert!(!ran.is_empty(), "the engine has tests");
    eprintln!("{} tests of the engine ran on wasm32", ran.len());
}

/// What `cargo xtask test` built.
fn built(variable: &str) -> PathBuf {
    env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} names no file: run the tests by cargo xtask test"))
        .into()
}

/// The tests of the native build.
fn listed() -> BTreeSet<String> {
    let output =
        tools::output(Command::new(built("LAGVIS_NATIVE_TESTS")).args(["--list", "--format", "terse"])).unwrap();
    let text = String::from_utf8(output).unwrap();
    text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// The test that a symbol of libtest's table calls: `<lagvis::a::tests::b::{closure#0} as …FnOnce<()>>::call_once`.
fn test_of(symbol: &str) -> Option<String> {
    let name = plain(symbol);
    let (path, _) = name.strip_prefix("<lagvis::")?.split_once("::{closure#0} as ")?;
    Some(path.to_owned())
}

/// What is known of a test that failed.
fn failure(outcome: &Value) -> String {
    let last = texts(&outcome["ran"]).last().and_then(test_of).unwrap_or_else(|| "no test".to_owned());
    let mut text = format!("exit code {}, last called: {last}", outcome["code"]);
    for field in ["message", "panic"] {
        _ = write!(text, "\n{}", outcome[field].as_str().unwrap_or_default());
    }
    for frame in outcome["stack"].as_str().unwrap_or_default().lines().skip(1) {
        // `at tests.wasm.SYMBOL (where)`
        let symbol = frame.trim().trim_start_matches("at ").split(' ').next().unwrap_or_default();
        let symbol = symbol.find("_R").or_else(|| symbol.find("_ZN")).map_or(symbol, |start| &symbol[start..]);
        _ = write!(text, "\n    {}", plain(symbol));
    }
    text
}

/// A symbol as one would write it.
fn plain(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

fn texts(list: &Value) -> impl DoubleEndedIterator<Item = &str> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}
