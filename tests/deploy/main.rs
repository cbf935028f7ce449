//! The recipes of docs/deploy.md, as the files under deploy/ have them.

mod container;
mod proxy;
mod site;
mod systemd;

use lagvis_tests::tools;

/// A recipe; each of the changes must find what it changes.
fn recipe(path: &str, changes: &[(&str, &str)]) -> String {
    let text = std::fs::read_to_string(tools::root().join("deploy").join(path)).unwrap();
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{path} has no {from:?}");
        text.replace(from, to)
    })
}
