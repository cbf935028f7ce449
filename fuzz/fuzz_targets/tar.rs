//! The tar parser and the layer table: what comes out does not depend on how the bytes are cut.
#![no_main]

use lagvis_fuzz::{read_layer, split, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (cuts, bytes) = split(data);
    let whole = read_layer(bytes, &[]);
    let cut = read_layer(bytes, cuts);
    assert_eq!(whole.state, cut.state);
    assert_eq!(whole.facts, cut.facts);
    assert_eq!(whole.problem, cut.problem);
    assert_eq!(whole.warnings, cut.warnings);
    assert_eq!(table(whole).map(|table| table.into_bytes()), table(cut).map(|table| table.into_bytes()));
});
