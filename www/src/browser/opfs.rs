//! The origin private file system: one folder of it.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::file::to_u64;

const FOLDER: &str = "lagvis";

/// The folder in which everything of this page lies.
#[derive(Clone, Debug)]
pub struct Folder(web_sys::FileSystemDirectoryHandle);

/// Bytes that the browser grants this origin, and that it uses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// All that it may use.
    pub quota: u64,
    /// What it uses.
    pub usage: u64,
}

fn storage() -> Result<web_sys::StorageManager, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    Reflect::get(&navigator, &"storage".into())?.dyn_into()
}

/// How much room there is.
pub async fn estimate() -> Result<Estimate, JsValue> {
    let estimate: JsValue = JsFuture::from(storage()?.estimate()?).await?;
    let number = |key: &str| {
        let value = Reflect::get(&estimate, &key.into()).ok().and_then(|value| value.as_f64()).unwrap_or_default();
        to_u64(value)
    };
    Ok(Estimate { quota: number("quota"), usage: number("usage") })
}

impl Folder {
    /// Opens it. Fails where the browser has no such storage.
    pub async fn open() -> Result<Self, JsValue> {
        let root: web_sys::FileSystemDirectoryHandle = JsFuture::from(storage()?.get_directory()).await?.dyn_into()?;
        let options = web_sys::FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        Ok(Self(JsFuture::from(root.get_directory_handle_with_options(FOLDER, &options)).await?.dyn_into()?))
    }

    /// Names of all files.
    pub async fn names(&self) -> Result<Vec<String>, JsValue> {
        let keys: Function = Reflect::get(&self.0, &"keys".into())?.dyn_into()?;
        let keys = keys.call0(&self.0)?;
        let next: Function = Reflect::get(&keys, &"next".into())?.dyn_into()?;
        let mut names = Vec::new();
        loop {
            let item = JsFuture::from(Promise::from(next.call0(&keys)?)).await?;
            if Reflect::get(&item, &"done".into())?.is_truthy() {
                return Ok(names);
            }
            names.extend(Reflect::get(&item, &"value".into())?.as_string());
        }
    }

    /// A file, to read.
    pub async fn file(&self, name: &str) -> Result<web_sys::File, JsValue> {
        let file: web_sys::FileSystemFileHandle = JsFuture::from(self.0.get_file_handle(name)).await?.dyn_into()?;
        JsFuture::from(file.get_file()).await?.dyn_into()
    }

    /// The bytes of a file, read into our own memory at once. Only workers can; none where another is writing it.
    pub async fn read(&self, name: &str) -> Result<Vec<u8>, JsValue> {
        let file: web_sys::FileSystemFileHandle = JsFuture::from(self.0.get_file_handle(name)).await?.dyn_into()?;
        let access = access(&file).await?;
        let read = (|| {
            let length = usize::try_from(to_u64(access.get_size()?)).map_err(|_| "it is too long")?;
            let mut bytes = vec![0; length];
            let read = to_u64(access.read_with_u8_array(&mut bytes)?);
            (read == length as u64).then_some(bytes).ok_or_else(|| JsValue::from("it was cut"))
        })();
        access.close();
        read
    }

    /// A new file, to write. Only workers can.
    pub async fn create(&self, name: &str) -> Result<Writer, JsValue> {
        let options = web_sys::FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: web_sys::FileSystemFileHandle =
            JsFuture::from(self.0.get_file_handle_with_options(name, &options)).await?.dyn_into()?;
        let access = access(&file).await?;
        Ok(Writer { folder: self.clone(), file, access, name: name.to_owned() })
    }

    /// Removes a file; one that is not there is no error.
    pub async fn remove(&self, name: &str) {
        _ = JsFuture::from(self.0.remove_entry(name)).await;
    }
}

async fn access(file: &web_sys::FileSystemFileHandle) -> Result<web_sys::FileSystemSyncAccessHandle, JsValue> {
    JsFuture::from(file.create_sync_access_handle()).await?.dyn_into()
}

/// A file being written.
pub struct Writer {
    folder: Folder,
    file: web_sys::FileSystemFileHandle,
    access: web_sys::FileSystemSyncAccessHandle,
    name: String,
}

impl Writer {
    /// Appends bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<(), JsValue> {
        let written = self.access.write_with_u8_array(bytes)?;
        if to_u64(written) == bytes.len() as u64 { Ok(()) } else { Err("not all of it could be written".into()) }
    }

    /// Ends writing and gives the file another name, in place of a file that has it.
    pub async fn rename(self, name: &str) -> Result<(), JsValue> {
        self.access.flush()?;
        self.access.close();
        let rename: Function = Reflect::get(&self.file, &"move".into())?.dyn_into()?;
        JsFuture::from(Promise::from(rename.call1(&self.file, &name.into())?)).await.map(|_| ())
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
        self.folder.remove(&self.name).await;
    }
}
