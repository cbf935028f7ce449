//! Files that the person chose, read in place by slices.

use js_sys::{ArrayBuffer, Uint8Array};
use lagvis::problem::{Problem, ProblemKind};

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::stream::ByteStream;

/// A slice of a file on its way.
pub struct Slice {
    future: JsFuture,
    name: String,
    offset: u64,
    length: u64,
}

/// When it was written: milliseconds since 1970.
pub fn modified(file: &web_sys::File) -> u64 {
    to_u64(file.last_modified())
}

/// Bytes of a file.
pub fn size(file: &web_sys::File) -> u64 {
    to_u64(file.size())
}

/// A whole number that JavaScript has as a double.
pub fn to_u64(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are whole, positive, below 2^53"
    )]
    {
        number.max(0.0) as u64
    }
}

#[expect(clippy::cast_precision_loss, reason = "offsets are below the file's size, which JavaScript gave as a double")]
fn to_f64(number: u64) -> f64 {
    number as f64
}

/// Begins to read `length` bytes at `offset`. The browser reads while the worker does other things.
pub fn read(file: &web_sys::File, offset: u64, length: u64) -> Result<Slice, Problem> {
    let name = file.name();
    let blob = file
        .slice_with_f64_and_f64(to_f64(offset), to_f64(offset.saturating_add(length)))
        .map_err(|error| failed(&name, offset, &error))?;
    Ok(Slice { future: JsFuture::from(blob.array_buffer()), name, offset, length })
}

/// A part of a file, unread.
pub fn slice(file: &web_sys::File, offset: u64, length: u64) -> Result<web_sys::Blob, Problem> {
    file.slice_with_f64_and_f64(to_f64(offset), to_f64(offset.saturating_add(length)))
        .map_err(|error| failed(&file.name(), offset, &error))
}

/// Streams `length` bytes from `offset`.
pub fn stream(file: &web_sys::File, offset: u64, length: u64) -> Result<FileStream, Problem> {
    let name = file.name();
    let end = to_f64(offset.saturating_add(length));
    let stream = file
        .slice_with_f64_and_f64(to_f64(offset), end)
        .and_then(|blob| ByteStream::new(&blob.stream()))
        .map_err(|error| failed(&name, offset, &error))?;
    Ok(FileStream { stream, name, offset, left: length })
}

/// A range of a file on its way.
pub struct FileStream {
    stream: ByteStream,
    name: String,
    offset: u64,
    left: u64,
}

impl FileStream {
    /// Stops reading.
    pub fn cancel(&self) {
        self.stream.cancel();
    }

    /// The next bytes; none when all of the range came.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Problem> {
        let next = self.stream.next().await.map_err(|error| failed(&self.name, self.offset, &error))?;
        let came = next.as_ref().map_or(0, |bytes| u64::from(bytes.length()));
        if next.is_none() && self.left > 0 {
            let detail = format!("the file ended {} bytes early", self.left);
            return Err(Problem::new(ProblemKind::FileChanged, place(&self.name, self.offset), detail));
        }
        self.offset += came;
        self.left = self.left.saturating_sub(came);
        Ok(next)
    }
}

impl Slice {
    /// The bytes, still on the JavaScript side. A file that changed since it was chosen cannot be read any more.
    pub async fn bytes(self) -> Result<Uint8Array, Problem> {
        let buffer = self.future.await.map_err(|error| failed(&self.name, self.offset, &error))?;
        let bytes = Uint8Array::new(&buffer.unchecked_into::<ArrayBuffer>());
        if u64::from(bytes.length()) != self.length {
            let detail = format!("{} bytes were to be read, {} came", self.length, bytes.length());
            return Err(Problem::new(ProblemKind::FileChanged, place(&self.name, self.offset), detail));
        }
        Ok(bytes)
    }
}

fn place(name: &str, offset: u64) -> String {
    format!("{name}, byte {offset}")
}

fn failed(name: &str, offset: u64, error: &wasm_bindgen::JsValue) -> Problem {
    let text = describe(error);
    // Browsers report a file that is not as it was when it was chosen as NotReadableError (or NotFoundError).
    let changed = text.contains("NotReadable") || text.contains("NotFound");
    let kind = if changed { ProblemKind::FileChanged } else { ProblemKind::ReadFailed };
    Problem::new(kind, place(name, offset), text)
}

/// Name and message of a JavaScript error.
pub fn describe(error: &wasm_bindgen::JsValue) -> String {
    if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        return format!("{}: {}", String::from(error.name()), String::from(error.message()));
    }
    let get = |key: &str| {
        js_sys::Reflect::get(error, &wasm_bindgen::JsValue::from_str(key)).ok().and_then(|value| value.as_string())
    };
    match (get("name"), get("message")) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        _ => format!("{error:?}"),
    }
}
