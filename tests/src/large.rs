//! An image of one large layer that does not shrink, written as an OCI layout while it is made: it is never in memory.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
};

use anyhow::{Context as _, Result};
use lagvis::image::{Digest, Hasher};
use lagvis_fixtures::Random;
use serde_json::{Value, json};

use crate::workdir::Workdir;

/// The layout.
pub struct Large {
    /// Where it lies.
    pub folder: Workdir,
    /// Digest of the layer.
    pub layer: String,
    /// Its bytes.
    pub size: u64,
}

impl Large {
    /// Writes an image whose only layer has one file of `megabytes` of random bytes, as a plain tar.
    pub fn write(megabytes: u64, seed: u64) -> Result<Self> {
        let folder = Workdir::new()?;
        let blobs = folder.path().join("blobs/sha256");
        std::fs::create_dir_all(&blobs)?;
        let part = blobs.join("part");
        let (layer, size) = layer(File::create(&part)?, megabytes, seed)?;
        std::fs::rename(&part, blobs.join(layer.encoded()))?;
        let put = |value: &Value| -> Result<Value> {
            let bytes = serde_json::to_vec(value)?;
            let digest = Digest::of(&bytes);
            std::fs::write(blobs.join(digest.encoded()), &bytes)?;
            Ok(json!({"digest": digest.to_string(), "size": bytes.len()}))
        };
        let typed = |mut descriptor: Value, kind: &str| {
            descriptor["mediaType"] = kind.into();
            descriptor
        };
        let config = put(&json!({"os": "linux", "architecture": "amd64", "config": {},
            "rootfs": {"type": "layers", "diff_ids": [layer.to_string()]}}))?;
        let of_layer = json!({"digest": layer.to_string(), "size": size});
        let manifest = put(&json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": typed(config, "application/vnd.oci.image.config.v1+json"),
            "layers": [typed(of_layer, "application/vnd.oci.image.layer.v1.tar")]}))?;
        let index =
            json!({"schemaVersion": 2, "manifests": [typed(manifest, "application/vnd.oci.image.manifest.v1+json")]});
        folder.write("index.json", serde_json::to_vec(&index)?)?;
        folder.write("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        Ok(Self { folder, layer: layer.to_string(), size })
    }
}

fn layer(file: File, megabytes: u64, seed: u64) -> Result<(Digest, u64)> {
    let mut out = Hashed { file: BufWriter::with_capacity(1 << 20, file), hasher: Hasher::sha256(), bytes: 0 };
    let size = megabytes * 1_000_000;
    let mut header = tar::Header::new_ustar();
    header.set_path("random.bin")?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    out.write(header.as_bytes())?;
    let mut random = Random::new(seed);
    let mut block = vec![0; 64 << 10];
    let mut left = size;
    while left > 0 {
        random.fill(&mut block);
        let now = usize::try_from(left.min(block.len() as u64))?;
        out.write(block.get(..now).context("a part of the block")?)?;
        left -= now as u64;
    }
    let padding = usize::try_from(size.next_multiple_of(512) - size)?;
    out.write(&vec![0; padding + 1024])?;
    out.file.flush()?;
    Ok((out.hasher.finish(), out.bytes))
}

struct Hashed {
    file: BufWriter<File>,
    hasher: Hasher,
    bytes: u64,
}

impl Hashed {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(self.file.write_all(bytes)?)
    }
}
