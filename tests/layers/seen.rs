//! Layers, merged by the engine and unpacked by umoci.

use std::sync::Arc;

use lagvis::{
    image::Digest,
    layer::LayerReader,
    opened::{LayerSpec, Place, Warning},
    protocol::LayerState,
    tree::{FileLine, Tree},
};
use lagvis_fixtures::{Image, Layer, Packing};
use lagvis_tests::{
    docker::{Entries, entries_of_listing},
    tools,
    umoci::{self, Unpacked},
    workdir::Workdir,
};

/// What the engine makes of a stack.
pub struct Seen {
    pub tree: Tree,
    pub files: Vec<FileLine>,
    warnings: Vec<Warning>,
    layers: Vec<Layer>,
}

/// Merges the layers, base first.
pub fn merge(layers: Vec<Layer>) -> Seen {
    let mut warnings = Vec::new();
    let mut tables = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let tar = layer.tar().unwrap();
        let spec =
            LayerSpec { diff_id: Some(Digest::of(&tar)), ..LayerSpec::bare(format!("layer {index}"), Place::Blob) };
        let mut reader = LayerReader::new(u32::try_from(index).unwrap(), spec);
        reader.push(&tar);
        let outcome = reader.finish();
        assert_eq!(outcome.state, LayerState::Verified, "{:?}", outcome.problem);
        assert!(outcome.problem.is_none(), "{:?}", outcome.problem);
        warnings.extend(outcome.warnings);
        tables.push(outcome.table.map(|parts| Arc::new(parts.join().unwrap())));
    }
    let tree = Tree::build(tables);
    warnings.extend(tree.warnings().iter().cloned());
    Seen { files: tree.files().collect(), tree, warnings, layers }
}

impl Seen {
    /// The tree has these paths, and no others.
    pub fn has(self, paths: &[&str]) -> Self {
        let ours: Vec<&str> = self.files.iter().map(|line| line.path.as_str()).collect();
        assert_eq!(ours, paths);
        self
    }

    pub fn file(&self, path: &str) -> &FileLine {
        self.files.iter().find(|line| line.path == path).unwrap_or_else(|| panic!("{path} is not there"))
    }

    /// A file has so many bytes.
    pub fn size(self, path: &str, size: u64) -> Self {
        assert_eq!(self.file(path).size, size, "{path}");
        self
    }

    /// A path is of this type.
    pub fn kind(self, path: &str, kind: &str) -> Self {
        assert_eq!(self.file(path).kind, kind, "{path}");
        self
    }

    /// There is one warning of that kind, and it names these tools.
    pub fn warns(self, kind: &str, tools: &[&str]) -> Self {
        let found: Vec<&Warning> = self.warnings.iter().filter(|warning| warning.kind == kind).collect();
        assert_eq!(found.len(), 1, "{kind}: {:?}", self.warnings);
        assert!(found[0].path.is_some(), "{kind} has no path");
        let documented = std::fs::read_to_string(tools::root().join("ARCHITECTURE.md")).unwrap();
        assert!(documented.contains(&format!("| `{kind}` |")), "{kind} is not in ARCHITECTURE.md");
        for tool in tools {
            assert!(found[0].text.contains(tool), "{kind} does not name {tool}: {}", found[0].text);
        }
        self
    }

    /// There is no warning at all.
    pub fn silent(self) -> Self {
        assert!(self.warnings.is_empty(), "{:?}", self.warnings);
        self
    }

    /// The tree is what umoci makes of it, entry by entry.
    pub fn agrees_with_umoci(self) -> Self {
        match self.unpacked() {
            None => {}
            Some(Unpacked::Refused(words)) => panic!("umoci refuses it: {words}"),
            Some(Unpacked::Tree(theirs)) => {
                let mut theirs = theirs.entries;
                let mut ours = self.entries();
                if !umoci::is_root().unwrap() {
                    ours.values_mut().chain(theirs.values_mut()).for_each(|entry| entry.owner = (0, 0));
                }
                assert_eq!(ours, theirs);
            }
        }
        self
    }

    /// umoci refuses the stack, with these words.
    pub fn refused_by_umoci(self, words: &str) -> Self {
        match self.unpacked() {
            Some(Unpacked::Tree(theirs)) => panic!("umoci unpacks it: {:?}", theirs.entries),
            Some(Unpacked::Refused(said)) => assert!(said.contains(words), "{said}"),
            None => {}
        }
        self
    }

    pub fn entries(&self) -> Entries {
        let lines: Vec<String> = self.files.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        entries_of_listing(lines.join("\n").as_bytes()).unwrap()
    }

    fn unpacked(&self) -> Option<Unpacked> {
        if !tools::have(&umoci::NEEDS).unwrap() {
            return None;
        }
        let folder = Workdir::new().unwrap();
        let image = self.layers.iter().cloned().fold(Image::new("case:1"), Image::layer);
        let layout = folder.path().join("layout");
        let archive = image.oci_archive(Packing::Gzip).unwrap();
        tar::Archive::new(archive.as_slice()).unpack(&layout).unwrap();
        Some(umoci::unpack(&layout, "1", &folder.path().join("bundle")).unwrap())
    }
}
