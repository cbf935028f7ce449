//! Files that are being written.

use lagvis::image::Digest;
use wasm_bindgen::JsValue;

use super::{LOCK, PART, SCRATCH, What, name_of};
use crate::browser::{
    locks,
    opfs::{Folder, Writer},
};

/// A file being written. Only workers can. Its name is held for as long as the worker lives.
pub struct BlobWriter {
    folder: Folder,
    writer: Writer,
    name: String,
}

impl BlobWriter {
    /// A new file for a blob. Fails where the browser has no such storage.
    pub async fn create() -> Result<Self, JsValue> {
        Self::named(PART).await
    }

    /// A new file that is of use to this worker alone.
    pub async fn scratch() -> Result<Self, JsValue> {
        Self::named(SCRATCH).await
    }

    async fn named(prefix: &str) -> Result<Self, JsValue> {
        let name = format!("{prefix}{:.0}", js_sys::Math::random() * 1e15);
        locks::hold(&name).await?;
        let folder = Folder::open().await?;
        Ok(Self { writer: folder.create(&name).await?, folder, name })
    }

    /// Its name, by which it can be removed ([`forget`]).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<(), JsValue> {
        self.writer.write(bytes)
    }

    /// Keeps the file as a blob whose bytes are verified. One that is there already stays: a tab may have it open.
    pub async fn keep(self, digest: &Digest) -> Result<(), JsValue> {
        let name = name_of(digest, What::Blob);
        let _alone = locks::alone(LOCK).await?;
        if self.folder.file(&name).await.is_ok() {
            self.writer.discard().await;
            return Ok(());
        }
        self.writer.rename(&name).await
    }

    /// Ends writing, and gives the file to read.
    pub async fn into_file(self) -> Result<web_sys::File, JsValue> {
        self.writer.into_file().await
    }

    /// Removes the file: its bytes are not what they should be, or they are not all.
    pub async fn discard(self) {
        self.writer.discard().await;
    }
}

/// Removes a scratch file by its name, if it is there.
pub async fn forget(name: &str) {
    if let Ok(folder) = Folder::open().await {
        folder.remove(name).await;
    }
}
