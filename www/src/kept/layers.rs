//! Layers that were verified: their blobs and their records.

use lagvis::{
    image::Digest,
    kept::{Kind, LayerRecord},
    opened::{LayerSpec, Place},
    session::LayerResult,
};
use wasm_bindgen::JsValue;

use super::{PART, Store, What, hold_name, name_of};
use crate::browser::{clock, file, locks, opfs::Folder};

/// A layer of an image that is kept here.
pub struct Recalled {
    /// What reading it came to; none where it has to be read again.
    pub result: Option<LayerResult>,
    /// Its blob.
    pub blob: web_sys::File,
}

/// The blob of a digest, which was verified when it was kept.
pub async fn blob(digest: &Digest) -> Result<web_sys::File, JsValue> {
    Folder::open().await?.file(&name_of(digest, What::Blob)).await
}

/// Holds the layers of an image against being removed, and gives those that are here.
pub async fn recall_layers(specs: &[LayerSpec], image: &str) -> Result<Vec<(u32, Recalled)>, JsValue> {
    let mut store = Store::open().await?;
    let mut recalled = Vec::new();
    for (spec, index) in specs.iter().zip(0..) {
        let (Place::Blob, Some(digest)) = (&spec.place, &spec.digest) else { continue };
        locks::hold(&hold_name(digest)).await?;
        let Ok(blob) = store.folder.file(&name_of(digest, What::Blob)).await else { continue };
        let record = store.folder.read(&name_of(digest, What::Record)).await.ok();
        let bytes = file::size(&blob) + record.as_ref().map_or(0, |record| record.len() as u64);
        let record = record.and_then(|record| LayerRecord::from_bytes(record).ok());
        let whole = record.filter(|record| record.blob_bytes() == file::size(&blob));
        store.ledger.touch(digest.clone(), Kind::Layer, bytes, image, clock::today());
        recalled.push((index, Recalled { result: whole.and_then(|record| record.result(index, spec)), blob }));
    }
    store.close().await?;
    Ok(recalled)
}

/// Keeps what reading a layer came to, if its blob is kept.
pub async fn keep_layer(spec: &LayerSpec, result: &LayerResult, image: &str) -> Result<(), JsValue> {
    let Some(record) = LayerRecord::of(spec, result) else { return Ok(()) };
    let mut store = Store::open().await?;
    let digest = record.digest().clone();
    let blob = store.folder.file(&name_of(&digest, What::Blob)).await?;
    let name = name_of(&digest, What::Record);
    let part = store.folder.create(&format!("{PART}{name}")).await?;
    let mut bytes = file::size(&blob);
    let written = record.write(&mut |piece| {
        bytes += piece.len() as u64;
        part.write(piece)
    });
    if let Err(error) = written {
        part.discard().await;
        return Err(error);
    }
    store.folder.remove(&name).await;
    part.rename(&name).await?;
    store.ledger.touch(digest, Kind::Layer, bytes, image, clock::today());
    store.close().await
}
