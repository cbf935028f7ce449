//! Pictures, for the browser's own decoder: bytes under a URL of this page, of a raster type and never of any other.

use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, Url};

/// A picture's URL. It ends with the value.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture(String);

impl Picture {
    /// For bytes of a media type of [`lagvis::file::Kind::picture`].
    pub fn new(bytes: &[u8], media_type: &'static str) -> Option<Self> {
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let bytes = Array::of1(&Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence_and_options(&bytes, &options).ok()?;
        Url::create_object_url_with_blob(&blob).ok().map(Self)
    }

    /// The URL.
    pub fn url(&self) -> String {
        self.0.clone()
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        _ = Url::revoke_object_url(&self.0);
    }
}
