//! Blobs in the origin private file system. They are written while they stream, under a temporary name, and get their
//! digest's name once they are verified: what is opened later is what was verified.

use js_sys::{Function, Promise, Reflect};
use lagvis::image::Digest;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::locks;

const FOLDER: &str = "lagvis-blobs";
/// Beginning of the names of scratch files.
const SCRATCH: &str = "scratch.";

/// A file being written. Only workers can.
pub struct BlobFile {
    folder: web_sys::FileSystemDirectoryHandle,
    file: web_sys::FileSystemFileHandle,
    access: web_sys::FileSystemSyncAccessHandle,
    name: String,
}

async fn folder() -> Result<web_sys::FileSystemDirectoryHandle, JsValue> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().dyn_into()?;
    let storage = Reflect::get(&scope.navigator(), &"storage".into())?;
    let storage: web_sys::StorageManager = storage.dyn_into()?;
    let root: web_sys::FileSystemDirectoryHandle = JsFuture::from(storage.get_directory()).await?.dyn_into()?;
    let options = web_sys::FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_directory_handle_with_options(FOLDER, &options)).await?.dyn_into()
}

fn name_of(digest: &Digest) -> String {
    format!("{}-{}", digest.algorithm_name(), digest.encoded())
}

impl BlobFile {
    /// Opens a new file for a blob. Fails where the browser has no such storage.
    pub async fn create(digest: &Digest) -> Result<Self, JsValue> {
        Self::named(format!("{}.{:.0}.part", name_of(digest), js_sys::Math::random() * 1e12)).await
    }

    /// Opens a new file that is of use to this worker alone, and for as long as it lives.
    pub async fn scratch() -> Result<Self, JsValue> {
        let name = format!("{SCRATCH}{:.0}", js_sys::Math::random() * 1e15);
        locks::hold(&name)?;
        Self::named(name).await
    }

    async fn named(name: String) -> Result<Self, JsValue> {
        let folder = folder().await?;
        let options = web_sys::FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: web_sys::FileSystemFileHandle =
            JsFuture::from(folder.get_file_handle_with_options(&name, &options)).await?.dyn_into()?;
        let access = JsFuture::from(file.create_sync_access_handle()).await?.dyn_into()?;
        Ok(Self { folder, file, access, name })
    }

    /// Appends bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<(), JsValue> {
        self.access.write_with_u8_array(bytes).map(|_| ())
    }

    /// Gives the file its digest's name: its bytes are verified.
    pub async fn keep(self, digest: &Digest) -> Result<(), JsValue> {
        self.access.flush()?;
        self.access.close();
        let rename: Function = Reflect::get(&self.file, &"move".into())?.dyn_into()?;
        JsFuture::from(Promise::from(rename.call1(&self.file, &name_of(digest).into())?)).await.map(|_| ())
    }

    /// Ends writing, and gives the file to read.
    pub async fn into_file(self) -> Result<web_sys::File, JsValue> {
        self.access.flush()?;
        self.access.close();
        JsFuture::from(self.file.get_file()).await?.dyn_into()
    }

    /// Removes the file: its bytes are not what they should be, or they are not all.
    pub async fn discard(self) {
        self.access.close();
        _ = JsFuture::from(self.folder.remove_entry(&self.name)).await;
    }
}

/// The blob of a digest, which was verified when it was kept.
pub async fn open(digest: &Digest) -> Result<web_sys::File, JsValue> {
    let file: web_sys::FileSystemFileHandle =
        JsFuture::from(folder().await?.get_file_handle(&name_of(digest))).await?.dyn_into()?;
    JsFuture::from(file.get_file()).await?.dyn_into()
}

/// Removes every blob but those that `keep` names, and scratch files whose worker is gone.
pub async fn sweep(keep: &[Digest]) -> Result<(), JsValue> {
    let keep: Vec<String> = keep.iter().map(name_of).collect();
    remove(|name| !name.starts_with(SCRATCH) && !keep.iter().any(|kept| kept == name)).await
}

/// Removes scratch files whose worker is gone.
pub async fn sweep_scratch() -> Result<(), JsValue> {
    remove(|_| false).await
}

/// Removes the files that are not wanted, and scratch files whose worker is gone.
async fn remove(unwanted: impl Fn(&str) -> bool) -> Result<(), JsValue> {
    let folder = folder().await?;
    let keys: Function = Reflect::get(&folder, &"keys".into())?.dyn_into()?;
    let keys = keys.call0(&folder)?;
    let next: Function = Reflect::get(&keys, &"next".into())?.dyn_into()?;
    let mut names = Vec::new();
    loop {
        let item = JsFuture::from(Promise::from(next.call0(&keys)?)).await?;
        if Reflect::get(&item, &"done".into())?.is_truthy() {
            break;
        }
        names.extend(Reflect::get(&item, &"value".into())?.as_string());
    }
    let held = locks::held().await.unwrap_or_default();
    let left = |name: &String| name.starts_with(SCRATCH) && !held.contains(name);
    for name in names.iter().filter(|name| left(name) || unwanted(name)) {
        _ = JsFuture::from(folder.remove_entry(name)).await;
    }
    Ok(())
}
