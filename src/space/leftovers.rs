//! What builds leave behind and nothing needs: package lists, download caches, logs of the installation.
//!
//! Only what is clearly removable: the tool makes it again, or nobody reads it. Compiled Python (`*.pyc`) is not here,
//! since without it programs start slower; nor are documentation and locales, since somebody may want them.

use crate::{layer::ROOT, tree::Tree};

/// A place where something is left behind.
#[derive(Clone, Copy, Debug)]
pub struct Leftover {
    /// Path from the root: a folder with all that is in it, or a file. `*` stands for any part of one name.
    pub path: &'static str,
    /// What it is.
    pub name: &'static str,
    /// How to be rid of it, as a part of a sentence that begins with "In this step, ".
    pub remedy: &'static str,
}

const fn leftover(path: &'static str, name: &'static str, remedy: &'static str) -> Leftover {
    Leftover { path, name, remedy }
}

const APT_CLEAN: &str = "run apt-get clean at the end of the same RUN";
const DNF_CLEAN: &str = "run dnf clean all (or yum clean all) at the end of the same RUN";
const PIP: &str = "use pip install --no-cache-dir";
const NPM: &str = "run npm cache clean --force at the end of the same RUN";
const YARN: &str = "run yarn cache clean at the end of the same RUN";
const GO: &str = "give the Go caches a cache mount (RUN --mount=type=cache), or build in another stage";
const CARGO: &str = "give Cargo's registry a cache mount (RUN --mount=type=cache), or build in another stage";
const COMPOSER: &str = "run composer clear-cache at the end of the same RUN";
const LOGS: &str = "remove the logs of the installation at the end of the same RUN";
const OLD: &str = "remove the packager's -old copies at the end of the same RUN";
const TEMPORARY: &str = "remove the temporary files at the end of the same RUN";

/// All of them.
pub const LEFTOVERS: &[Leftover] = &[
    leftover("var/lib/apt/lists", "apt package lists", "remove /var/lib/apt/lists/* at the end of the same RUN"),
    leftover("var/cache/apt", "apt archives and caches", APT_CLEAN),
    leftover("var/cache/apk", "apk cache", "use apk add --no-cache"),
    leftover("etc/apk/cache", "apk cache", "use apk add --no-cache"),
    leftover("var/cache/dnf", "dnf cache", DNF_CLEAN),
    leftover("var/cache/libdnf5", "dnf cache", DNF_CLEAN),
    leftover("var/cache/yum", "yum cache", DNF_CLEAN),
    leftover("var/cache/zypp", "zypper cache", "run zypper clean --all at the end of the same RUN"),
    leftover("var/cache/pacman/pkg", "pacman cache", "run pacman -Scc --noconfirm at the end of the same RUN"),
    leftover("root/.cache/pip", "pip cache", PIP),
    leftover("home/*/.cache/pip", "pip cache", PIP),
    leftover("root/.npm/_cacache", "npm cache", NPM),
    leftover("root/.npm/_logs", "npm logs", NPM),
    leftover("home/*/.npm/_cacache", "npm cache", NPM),
    leftover("home/*/.npm/_logs", "npm logs", NPM),
    leftover("usr/local/share/.cache/yarn", "yarn cache", YARN),
    leftover("root/.cache/yarn", "yarn cache", YARN),
    leftover("home/*/.cache/yarn", "yarn cache", YARN),
    leftover("root/.cache/go-build", "Go build cache", GO),
    leftover("home/*/.cache/go-build", "Go build cache", GO),
    leftover("go/pkg/mod/cache", "Go module cache", GO),
    leftover("root/go/pkg/mod/cache", "Go module cache", GO),
    leftover("usr/local/cargo/registry", "Cargo registry", CARGO),
    leftover("root/.cargo/registry", "Cargo registry", CARGO),
    leftover("root/.composer/cache", "Composer cache", COMPOSER),
    leftover("root/.cache/composer", "Composer cache", COMPOSER),
    leftover("var/log/apt", "logs of the installation", LOGS),
    leftover("var/log/dpkg.log", "logs of the installation", LOGS),
    leftover("var/log/alternatives.log", "logs of the installation", LOGS),
    leftover("var/log/bootstrap.log", "logs of the installation", LOGS),
    leftover("var/log/dnf*.log", "logs of the installation", LOGS),
    leftover("var/log/yum.log", "logs of the installation", LOGS),
    leftover("var/cache/debconf/*-old", "backup copies of the package database", OLD),
    leftover("var/lib/dpkg/*-old", "backup copies of the package database", OLD),
    leftover(
        "var/cache/ldconfig",
        "ldconfig's cache of its own",
        "remove /var/cache/ldconfig at the end of the same RUN",
    ),
    leftover("tmp", "temporary files", TEMPORARY),
    leftover("var/tmp", "temporary files", TEMPORARY),
];

/// For each node, one more than the index of the leftover that it is part of; 0 for none.
pub(super) fn marks(tree: &Tree) -> Vec<u8> {
    let mut marks = vec![0_u8; tree.len() as usize];
    for (leftover, mark) in LEFTOVERS.iter().zip(1..) {
        for node in places(tree, leftover.path) {
            if let Some(slot) = marks.get_mut(node as usize) {
                *slot = mark;
            }
        }
    }
    // A parent's number is smaller than its children's.
    for node in 1..tree.len() {
        let above = marks.get(tree.parent(node) as usize).copied().unwrap_or_default();
        if let Some(slot) = marks.get_mut(node as usize).filter(|slot| **slot == 0) {
            *slot = above;
        }
    }
    marks
}

fn places(tree: &Tree, path: &str) -> Vec<u32> {
    path.split('/').fold(vec![ROOT], |folders, part| match part.split_once('*') {
        None => folders.iter().filter_map(|folder| tree.child(*folder, part.as_bytes())).collect(),
        Some((start, end)) => {
            let fits = |name: &[u8]| {
                name.len() >= start.len() + end.len()
                    && name.starts_with(start.as_bytes())
                    && name.ends_with(end.as_bytes())
            };
            folders.iter().flat_map(|folder| tree.children(*folder)).filter(|node| fits(tree.name(*node))).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::LEFTOVERS;

    #[test]
    fn paths_are_plain_and_marks_fit_a_byte() {
        assert!(LEFTOVERS.len() < 255);
        for leftover in LEFTOVERS {
            assert!(leftover.path.split('/').all(|part| !part.is_empty() && part.matches('*').count() < 2));
        }
    }
}
