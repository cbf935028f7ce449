//! Index, manifest and config as JSON, and any document as it is described to be read.
#![no_main]

use lagvis::{
    assemble::layers_of,
    document::indented,
    image::{Config, Digest, Index, Manifest, chain_ids, parse_json, steps},
    opened::Place,
    registry::item_of,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = parse_json::<Index>(data);
    for is_manifest in [true, false] {
        let item = item_of(Digest::of(b""), "", is_manifest, data);
        let _ = indented(item.text.as_deref().unwrap_or_default(), 100);
    }
    let layers = parse_json::<Manifest>(data).map(|manifest| manifest.layers).unwrap_or_default();
    if let Ok(config) = parse_json::<Config>(data) {
        let _ = chain_ids(&config.rootfs.diff_ids);
        let _ = steps(&config.history, config.rootfs.diff_ids.len());
        let _ = (config.platform(), layers_of(&layers, &config, |_| Place::Blob));
    }
});
