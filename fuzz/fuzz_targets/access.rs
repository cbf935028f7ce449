//! Random access: a file's bytes out of the blob are those of the unpacked tar, wherever the blob is entered.
#![no_main]

use lagvis::{
    codec::{Compression, DecodeError, Decoder},
    layer::{ContentError, ContentReader, ContentStep, LayerTable, RowKind},
};
use lagvis_fuzz::{read_layer, split};
use libfuzzer_sys::fuzz_target;

/// Bytes that the blob may unpack to here; a bomb is of no interest.
const UNPACKED: usize = 4 << 20;

fn unpack(compression: Compression, blob: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut decoder = Decoder::new(compression);
    let mut sink = |plain: &[u8]| -> Result<(), DecodeError> {
        out.extend_from_slice(&plain[..plain.len().min(UNPACKED.saturating_sub(out.len()))]);
        Ok(())
    };
    decoder.push(blob, &mut sink).ok()?;
    decoder.finish(&mut sink).ok()?;
    (out.len() < UNPACKED).then_some(out)
}

fuzz_target!(|data: &[u8]| {
    let (cuts, blob) = split(data);
    let outcome = read_layer(blob, cuts);
    let (Some(parts), Some(access)) = (outcome.table, outcome.access) else { return };
    let table: LayerTable = parts.join().expect("it was built here");
    let Some(tar) = unpack(access.compression(), blob) else { return };
    for row in (0..table.rows()).filter(|row| table.kind(*row) == RowKind::File).take(8) {
        let entry = table.entry(row);
        // Sparse files have their holes elsewhere than in the tar.
        if table.sparse(row).is_some() || entry.size > UNPACKED as u64 {
            continue;
        }
        let start = usize::try_from(entry.offset).expect("inside the tar");
        let expected = &tar[start..start + usize::try_from(entry.size).expect("inside the tar")];
        let mut content = Vec::new();
        let mut reader = ContentReader::new(&access, &table, row, None).expect("a file has content");
        while let ContentStep::Read { offset, length } = reader.poll() {
            let offset = usize::try_from(offset).expect("inside the blob");
            let piece = &blob[offset..offset + usize::try_from(length).expect("inside the blob")];
            let mut sink = |bytes: &[u8]| -> Result<(), ContentError> {
                content.extend_from_slice(bytes);
                Ok(())
            };
            reader.provide(piece, &mut sink).expect("it was unpacked before");
        }
        assert!(content == expected, "row {row}");
    }
});
