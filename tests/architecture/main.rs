//! The dependency graph inside the engine, and the map's promise to name every kind of problem.

use std::fs;

use lagvis_tests::tools::root;

/// Each module with the modules that it may use. What is not listed here may use nothing of the engine.
const MAY_USE: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("pattern", &["limits"]),
    ("image", &["limits"]),
    ("codec", &["limits"]),
    ("problem", &["limits"]),
    ("verify", &["image"]),
    ("opened", &["image", "verify", "problem"]),
    ("assemble", &["image", "opened", "problem", "limits"]),
    ("text", &[]),
    ("file", &["codec", "image", "limits", "text"]),
    ("protocol", &["file", "image", "verify", "opened", "pattern", "problem", "text"]),
    ("layer", &["image", "codec", "verify", "opened", "problem", "limits", "protocol"]),
    ("archive", &["image", "codec", "verify", "opened", "problem", "limits", "assemble"]),
    ("registry", &["image", "codec", "verify", "opened", "problem", "limits", "assemble", "protocol"]),
    ("tree", &["layer", "image", "opened", "pattern", "protocol", "limits"]),
    ("space", &["tree", "layer", "image", "limits", "protocol"]),
    ("share", &["image", "pattern", "problem", "protocol", "limits"]),
    ("session", &["assemble", "image", "layer", "limits", "opened", "problem", "protocol", "tree", "verify"]),
    ("dockerfile", &["image"]),
    ("document", &["image"]),
    ("command", &["image", "dockerfile", "opened", "protocol", "registry", "verify"]),
    ("kept", &["image", "layer", "opened", "problem", "protocol", "session", "verify"]),
    ("export", &["codec", "layer", "protocol", "session", "tree"]),
    ("diff", &["limits", "protocol"]),
    ("drift", &["diff", "image", "limits", "opened", "protocol", "verify"]),
    ("search", &["image", "layer", "limits", "protocol", "session", "tree"]),
    ("receipt", &["image", "opened", "problem", "session", "tree", "verify"]),
];

fn sources(path: &std::path::Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

/// The engine modules that a source names by `crate::`.
fn used(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            let mut name = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if depth == 0 && start && (c.is_alphanumeric() || c == '_') => name.push(c),
                    _ if depth == 0 && start && !name.is_empty() => {
                        names.push(std::mem::take(&mut name));
                        start = false;
                    }
                    _ => {}
                }
            }
            names.extend((!name.is_empty()).then_some(name));
        } else {
            names.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

#[test]
fn modules_use_only_what_is_below_them() {
    let engine = root().join("src");
    for (path, text) in sources(&engine) {
        let below = path.strip_prefix(&format!("{}/", engine.display())).unwrap();
        let module = below.split('/').next().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} is new"));
        for name in used(&text).iter().filter(|name| MAY_USE.iter().any(|(known, _)| known == name)) {
            assert!(name == module || allowed.contains(&name.as_str()), "{path} may not use {name}");
        }
    }
}

#[test]
fn the_map_names_every_kind_of_problem() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for kind in lagvis::problem::ProblemKind::ALL {
        assert!(map.contains(&format!("`{}`", kind.name())), "ARCHITECTURE.md does not name {}", kind.name());
    }
}

#[test]
fn every_licence_is_one_that_goes_with_ours() {
    const GOOD: [&str; 12] = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "CC0-1.0",
        "Unlicense",
        "BSL-1.0",
        "0BSD",
        "CDLA-Permissive-2.0",
    ];
    let output = std::process::Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        let choices = licence.replace(['(', ')'], "").replace('/', " OR ");
        let alternative_is_good = |choice: &str| {
            choice.split(" AND ").all(|part| GOOD.contains(&part.trim().trim_end_matches(" WITH LLVM-exception")))
        };
        assert!(choices.split(" OR ").any(alternative_is_good), "{}: {licence}", package["name"]);
    }
}
