//! Files that the person dropped, chose or asked for: all ways end in one [`Chosen`].

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

/// What is to be opened.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Base name of the file or folder.
    pub name: String,
    /// The files.
    pub files: Vec<File>,
    /// For a folder: each file's path inside it.
    pub paths: Option<Vec<String>>,
}

/// More files than an image's folder ever has; a home directory dropped by mistake is refused early.
const FILES: usize = 20_000;

impl Chosen {
    fn file(file: File) -> Self {
        Self { name: file.name(), files: vec![file], paths: None }
    }

    /// What a file field holds: one file, or with `webkitdirectory` a folder's files.
    pub fn from_list(list: &FileList) -> Option<Self> {
        let files: Vec<File> = (0..list.length()).filter_map(|index| list.get(index)).collect();
        let paths: Vec<String> = files.iter().map(relative_path).collect();
        let (folder, _) = paths.first()?.split_once('/').unwrap_or_default();
        if folder.is_empty() {
            return files.into_iter().next().map(Self::file);
        }
        let inside = |path: &String| path.split_once('/').map_or_else(|| path.clone(), |(_, rest)| rest.to_owned());
        Some(Self { name: folder.to_owned(), paths: Some(paths.iter().map(inside).collect()), files })
    }

    /// The file `name` that lies beside the page.
    pub async fn from_site(name: &str) -> Result<Self, String> {
        let response = gloo_net::http::Request::get(name).send().await.map_err(|error| error.to_string())?;
        if !response.ok() {
            return Err(format!("the site answered {} {}", response.status(), response.status_text()));
        }
        let bytes = response.binary().await.map_err(|error| error.to_string())?;
        let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
        let file =
            File::new_with_u8_array_sequence(&parts, name).map_err(|error| crate::browser::file::describe(&error))?;
        Ok(Self::file(file))
    }
}

/// Dropped things, taken out of the event while it lasts.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    file: Option<File>,
}

impl Dropped {
    /// Takes what was dropped.
    pub fn take(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let entry = |index| items.get(index)?.webkit_get_as_entry().ok().flatten();
        let entries = (0..items.length()).filter_map(entry).collect();
        Self { entries, file: transfer.files().and_then(|files| files.get(0)) }
    }

    /// Lists what was dropped: a file as it is, a folder with everything in it.
    pub async fn chosen(self) -> Result<Option<Chosen>, String> {
        let folder = self.entries.iter().find(|entry| entry.is_directory());
        let Some(folder) = folder else { return Ok(self.file.map(Chosen::file)) };
        let (mut files, mut paths) = (Vec::new(), Vec::new());
        let mut pending: Vec<(String, FileSystemEntry)> = vec![(String::new(), folder.clone())];
        while let Some((path, entry)) = pending.pop() {
            if entry.is_directory() {
                for child in children(entry.unchecked_ref()).await.map_err(|error| describe(&error))? {
                    let separator = if path.is_empty() { "" } else { "/" };
                    pending.push((format!("{path}{separator}{}", child.name()), child));
                }
            } else {
                files.push(file_of(entry.unchecked_ref()).await.map_err(|error| describe(&error))?);
                paths.push(path);
            }
            if files.len() > FILES {
                return Err(format!("the folder holds more than {FILES} files"));
            }
        }
        Ok(Some(Chosen { name: folder.name(), files, paths: Some(paths) }))
    }
}

fn describe(error: &JsValue) -> String {
    crate::browser::file::describe(error)
}

/// `webkitRelativePath`, which web-sys does not have; empty for a file that was not chosen with its folder.
fn relative_path(file: &File) -> String {
    Reflect::get(file, &JsValue::from_str("webkitRelativePath"))
        .ok()
        .and_then(|path| path.as_string())
        .unwrap_or_default()
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(&resolve, &reject);
    });
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Everything in a folder; browsers hand it out by the hundred, until an empty batch.
async fn children(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut all = Vec::new();
    loop {
        let promise = Promise::new(&mut |resolve, reject| {
            if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
                _ = reject.call1(&JsValue::NULL, &error);
            }
        });
        let batch: Array = JsFuture::from(promise).await?.unchecked_into();
        if batch.length() == 0 {
            return Ok(all);
        }
        all.extend(batch.iter().map(|entry| entry.unchecked_into::<FileSystemEntry>()));
    }
}
