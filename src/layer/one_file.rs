//! For tests: the smallest layer that has content.

/// A tar of `file`, which holds `bytes`.
pub(crate) fn tar() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    builder.append_data(&mut header, "file", b"bytes".as_slice()).unwrap();
    builder.into_inner().unwrap()
}
