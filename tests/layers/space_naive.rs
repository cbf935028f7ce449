//! Waste once more, by other means: file by file with the `tar` crate, a map of paths, and SHA-256 for contents. It
//! knows only what usual images have (no AUFS, no loops of links), and no leftovers but by plain prefixes.

use std::{
    collections::{BTreeMap, HashMap},
    io::Read,
};

use lagvis::image::Digest;

/// What is at a path.
#[derive(Clone)]
enum There {
    Dir,
    Link(String),
    /// The copy whose content it is, and what attributes it has now.
    File(usize, Meta),
    Other,
}

type Meta = (u32, u64, u64, u64, Vec<(String, Vec<u8>)>);

/// A file that a layer ships.
struct Copy {
    layer: usize,
    size: u64,
    content: String,
    why: Option<&'static str>,
    ended: Option<&'static str>,
}

/// The image so far.
#[derive(Default)]
pub struct Naive {
    there: BTreeMap<String, There>,
    copies: Vec<Copy>,
    layers: usize,
}

impl Naive {
    /// Applies a layer's tar.
    pub fn layer(&mut self, mut tar: impl Read) {
        let mut bytes = Vec::new();
        let mut archive = tar::Archive::new(&mut tar);
        let mut entries = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            bytes.clear();
            entry.read_to_end(&mut bytes).unwrap();
            let xattrs = entry.pax_extensions().unwrap().into_iter().flatten().flatten();
            let xattrs = xattrs.filter(|x| x.key_bytes().starts_with(b"SCHILY.xattr."));
            let xattrs = xattrs.map(|x| (x.key().unwrap().to_owned(), x.value_bytes().to_vec())).collect();
            let header = entry.header();
            let meta = (
                header.mode().unwrap() & 0o7777,
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap(),
                xattrs,
            );
            let path = String::from_utf8(entry.path_bytes().to_vec()).unwrap();
            let link =
                entry.link_name_bytes().map(|link| String::from_utf8(link.to_vec()).unwrap()).unwrap_or_default();
            entries.push((
                plain(&path),
                header.entry_type(),
                meta,
                link,
                bytes.len() as u64,
                Digest::of(&bytes).to_string(),
            ));
        }
        let removed = self.remove(&entries.iter().map(|entry| entry.0.as_str()).collect::<Vec<_>>());
        let mut came = Vec::new();
        for (path, kind, meta, link, size, content) in entries {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name.starts_with(".wh.") || path.is_empty() {
                continue;
            }
            let path = join(&self.real(folder), name);
            let before = self.there.get(&path).or_else(|| removed.get(&path)).cloned();
            let now = if kind.is_dir() {
                There::Dir
            } else if kind.is_symlink() {
                There::Link(link)
            } else if kind.is_hard_link() {
                let link = plain(&link);
                let (folder, name) = link.rsplit_once('/').unwrap_or(("", &link));
                self.there[&join(&self.real(folder), name)].clone()
            } else if kind.is_file() {
                self.file(before.as_ref(), meta, size, content)
            } else {
                There::Other
            };
            if !matches!((&before, &now), (Some(There::File(a, _)), There::File(b, _)) if self.copies[*a].content == self.copies[*b].content)
            {
                self.end(before.as_ref(), "overwritten");
            }
            came.push(path.clone());
            self.there.insert(path, now);
        }
        for (path, there) in &removed {
            if !came.contains(path) {
                self.end(Some(there), "deleted");
            }
        }
        self.layers += 1;
    }

    /// Ships a file: a copy of its own, or for nothing the one that is there.
    fn file(&mut self, before: Option<&There>, meta: Meta, size: u64, content: String) -> There {
        let again = match before {
            Some(There::File(copy, old)) if self.copies[*copy].content == content => Some((*copy, *old == meta)),
            _ => None,
        };
        let why = again.map(|(_, same)| if same { "repeated" } else { "metadata-only" });
        self.copies.push(Copy { layer: self.layers, size, content, why, ended: None });
        There::File(again.map_or(self.copies.len() - 1, |(copy, _)| copy), meta)
    }

    fn end(&mut self, there: Option<&There>, why: &'static str) {
        if let Some(There::File(copy, _)) = there {
            self.copies[*copy].ended = Some(why);
        }
    }

    /// Takes away what the layer deletes.
    fn remove(&mut self, paths: &[&str]) -> BTreeMap<String, There> {
        let mut removed = BTreeMap::new();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let folder = self.real(folder);
            let Some(name) = name.strip_prefix(".wh.") else { continue };
            let (itself, below) = match name {
                ".wh..opq" => (None, format!("{folder}/")),
                name => (Some(join(&folder, name)), format!("{}/", join(&folder, name))),
            };
            let gone = |path: &String| Some(path) == itself.as_ref() || path.starts_with(&below);
            let names: Vec<String> = self.there.keys().filter(|path| gone(path)).cloned().collect();
            removed.extend(names.into_iter().filter_map(|path| self.there.remove_entry(&path)));
        }
        removed
    }

    /// A folder's path without symbolic links on the way.
    fn real(&self, folder: &str) -> String {
        let mut real = String::new();
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            let next = join(&real, part);
            real = match self.there.get(&next) {
                Some(There::Link(link)) if link.starts_with('/') => self.real(link),
                Some(There::Link(link)) => self.real(&climb(&format!("{real}/{link}"))),
                _ => next,
            };
        }
        real
    }

    /// Bytes of each kind.
    pub fn waste(&self, leftovers: &[&str]) -> BTreeMap<&'static str, u64> {
        let mut names: HashMap<usize, Vec<&str>> = HashMap::new();
        for (path, there) in &self.there {
            if let There::File(copy, _) = there {
                names.entry(*copy).or_default().push(path);
            }
        }
        let is_leftover = |path: &&str| leftovers.iter().any(|prefix| path.starts_with(prefix));
        let mut first: HashMap<&str, usize> = HashMap::new();
        let mut waste = BTreeMap::new();
        for (index, copy) in self.copies.iter().enumerate().filter(|(_, copy)| copy.size > 0) {
            let why = match (copy.why, names.get(&index)) {
                (Some(why), _) => Some(why),
                (None, None) => Some(copy.ended.unwrap_or("overwritten")),
                (None, Some(names)) if names.iter().all(is_leftover) => Some("leftover"),
                (None, Some(_)) => first.insert(&copy.content, copy.layer).map(|_| "duplicate"),
            };
            if let Some(why) = why {
                *waste.entry(why).or_default() += copy.size;
            }
        }
        waste
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn plain(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
}

fn climb(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
