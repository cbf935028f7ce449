//! A file that is put together in pieces, to be saved by the page. The browser keeps it, on disk when it is large.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url};

/// Pieces are handed to the browser when they come to this.
const PIECE: usize = 4 << 20;

/// A file in pieces.
#[derive(Default)]
pub struct Parts {
    given: Array,
    piece: Vec<u8>,
}

impl Parts {
    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.give();
        }
    }

    fn give(&mut self) {
        let bytes = Array::of1(&Uint8Array::from(self.piece.as_slice()));
        if let Ok(blob) = Blob::new_with_u8_array_sequence(&bytes) {
            self.given.push(&blob);
        }
        self.piece.clear();
    }

    /// The whole, under a URL that lives until it is revoked. It is never shown: its type is that of plain bytes.
    pub fn url(mut self) -> Result<String, JsValue> {
        self.give();
        url(&self.given)
    }
}

/// What lies in a file or in a part of one, under a URL that lives until it is revoked.
pub fn url_of(blob: &Blob) -> Result<String, JsValue> {
    url(&Array::of1(blob))
}

fn url(parts: &Array) -> Result<String, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let whole = Blob::new_with_blob_sequence_and_options(parts, &options)?;
    Url::create_object_url_with_blob(&whole)
}

/// Ends a URL. What is being read from it goes on.
pub fn revoke(url: &str) {
    _ = Url::revoke_object_url(url);
}
