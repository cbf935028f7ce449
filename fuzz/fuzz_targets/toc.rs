//! Tables of contents: whatever the blob says of itself, there is a table or a reason, by ranges and read whole.
#![no_main]

use lagvis::{
    image::{Digest, TocRef},
    layer::{LayerReader, TocReader, TocStep},
    opened::{LayerSpec, Place},
};
use libfuzzer_sys::fuzz_target;

/// Reads a blob by ranges, then whole.
fn read(toc: TocRef, blob: &[u8]) {
    let mut reader = TocReader::new(toc.clone(), blob.len() as u64).expect("it can be used");
    while let TocStep::Read { offset, length } = reader.poll() {
        let start = usize::try_from(offset).expect("inside the blob");
        let bytes = blob[start..start + usize::try_from(length).expect("inside the blob")].to_vec();
        if reader.provide(bytes).is_err() {
            break;
        }
    }
    let spec = LayerSpec { toc: Some(toc), ..LayerSpec::bare("layer", Place::Blob) };
    let mut reader = LayerReader::new(0, spec);
    reader.push(blob);
    _ = reader.finish();
}

fuzz_target!(|data: &[u8]| {
    // The blob as it is, with whatever digest.
    read(TocRef::EStargz { digest: Digest::of(data) }, data);
    // As the packed table of zstd:chunked, with the digest that it has: its entries are read, and held against no tar.
    let length = data.len() as u64;
    read(TocRef::ZstdChunked { offset: 0, length, unpacked: 1 << 20, digest: Digest::of(data) }, data);
    // The same as JSON that is not packed, in a blob of one raw block.
    let Some(packed) = raw_frame(data) else { return };
    let (length, digest) = (packed.len() as u64, Digest::of(&packed));
    read(TocRef::ZstdChunked { offset: 0, length, unpacked: 1 << 20, digest }, &packed);
});

/// A zstd frame of one raw block (RFC 8878, section 3.1.1).
fn raw_frame(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length < 1 << 17)?;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend(length.to_le_bytes());
    frame.extend(&(length << 3 | 1).to_le_bytes()[..3]);
    frame.extend(bytes);
    Some(frame)
}
