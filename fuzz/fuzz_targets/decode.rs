//! gzip and zstd: what comes out does not depend on how the bytes are cut, and damage is an error.
#![no_main]

use lagvis::codec::{Compression, DecodeError, Decoder};
use lagvis_fuzz::{pieces, split};
use libfuzzer_sys::fuzz_target;

/// Bytes kept to be compared; a bomb is counted on.
const KEPT: usize = 1 << 20;

fn decode(compression: Compression, bytes: &[u8], cuts: &[u8]) -> (Vec<u8>, u64, Option<String>) {
    let mut decoder = Decoder::new(compression);
    let (mut out, mut count) = (Vec::new(), 0);
    let mut sink = |plain: &[u8]| -> Result<(), DecodeError> {
        count += plain.len() as u64;
        out.extend_from_slice(&plain[..plain.len().min(KEPT.saturating_sub(out.len()))]);
        Ok(())
    };
    let mut failure = None;
    pieces(bytes, cuts, |piece| {
        if failure.is_none() {
            failure = decoder.push(piece, &mut sink).err();
        }
    });
    if failure.is_none() {
        failure = decoder.finish(&mut sink).err();
    }
    (out, count, failure.map(|error| error.to_string()))
}

fuzz_target!(|data: &[u8]| {
    let (cuts, bytes) = split(data);
    for compression in [Compression::Gzip, Compression::Zstd] {
        let (whole, count, failure) = decode(compression, bytes, &[]);
        let (cut, cut_count, cut_failure) = decode(compression, bytes, cuts);
        assert_eq!(failure.is_some(), cut_failure.is_some(), "{failure:?}, {cut_failure:?}");
        if failure.is_none() {
            assert!(whole == cut && count == cut_count);
        }
    }
});
