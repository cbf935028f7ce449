//! An archive or folder opened by the engine alone, with every layer read: for what neither command nor page prints.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use lagvis::{
    archive::{Archive, Step},
    layer::LayerReader,
    opened::Place,
    protocol::{ImageSummary, TreeInfo},
    session::{ImageState, LayerResult},
};

/// The first image of a file or folder.
pub struct Opened {
    /// What the page shows of it.
    pub summary: ImageSummary,
    /// Each layer's compression.
    pub packing: Vec<Option<String>>,
    /// What its layers changed.
    pub tree: TreeInfo,
}

impl Opened {
    /// Opens it. Everything is read into memory: for small ones.
    pub fn of(path: &Path) -> Result<Self> {
        let name = path.file_name().context("it has a name")?.to_str().context("which is text")?;
        let (mut archive, files) = if path.is_dir() {
            let files = files(path)?;
            let sizes: Vec<_> = files.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect();
            (Archive::folder(name, &sizes)?, files.into_iter().map(|(_, bytes)| bytes).collect())
        } else {
            let bytes = fs::read(path)?;
            (Archive::tar(name, bytes.len() as u64), vec![bytes])
        };
        let range = |file: u32, offset: u64, length: u64| -> Result<&[u8]> {
            let (start, end) = (usize::try_from(offset)?, usize::try_from(offset + length)?);
            files.get(file as usize).and_then(|bytes: &Vec<u8>| bytes.get(start..end)).context("it is in the file")
        };
        while let Step::Read(request) = archive.poll() {
            archive.provide(range(request.file, request.offset, request.length)?)?;
        }
        let mut state = ImageState::new(archive.images().first().context("it holds an image")?.clone());
        for index in state.to_read() {
            let spec = state.image().layers.get(index as usize).context("a layer")?.clone();
            if let Place::File { file, offset, length } = spec.place {
                let mut reader = LayerReader::new(index, spec);
                reader.push(range(file, offset, length)?);
                state.set(index, LayerResult::from(reader.finish()));
            }
        }
        let packing = state.layers().iter().map(|layer| layer.facts.as_ref().map(|facts| facts.compression.clone()));
        Ok(Self {
            packing: packing.collect(),
            tree: state.tree_info(&state.tree()),
            summary: state.summary(archive.kind().context("a kind")?, name, None),
        })
    }
}

/// Every file of a folder, by its relative path.
fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut found, mut pending) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(below) = pending.pop() {
        for entry in fs::read_dir(below)? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_str().context("its name is text")?.to_owned();
                found.push((name, fs::read(&path)?));
            }
        }
    }
    Ok(found)
}
