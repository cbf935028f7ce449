//! Index, manifest and config as JSON.
#![no_main]

use lagvis::{
    assemble::layers_of,
    image::{Config, Index, Manifest, chain_ids, parse_json, steps},
    opened::Place,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = parse_json::<Index>(data);
    let layers = parse_json::<Manifest>(data).map(|manifest| manifest.layers).unwrap_or_default();
    if let Ok(config) = parse_json::<Config>(data) {
        let _ = chain_ids(&config.rootfs.diff_ids);
        let _ = steps(&config.history, config.rootfs.diff_ids.len());
        let _ = (config.platform(), layers_of(&layers, &config, |_| Place::Blob));
    }
});
