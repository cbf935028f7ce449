//! Archives: members, documents, images, layers; whatever is in the file, there is an answer.
#![no_main]

use lagvis::{
    archive::{Archive, Step},
    layer::LayerReader,
    opened::Place,
    receipt::Receipt,
    session::{ImageState, LayerResult},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut archive = Archive::tar("fuzz.tar", data.len() as u64);
    let mut steps = 0;
    while let Step::Read(request) = archive.poll() {
        steps += 1;
        assert!(steps < 10_000, "it does not come to an end");
        let start = usize::try_from(request.offset).expect("inside the file");
        let end = start + usize::try_from(request.length).expect("inside the file");
        let bytes = data.get(start..end).expect("requests are inside the file");
        if archive.provide(bytes).is_err() {
            return;
        }
    }
    let Some(kind) = archive.kind() else { return };
    for image in archive.images().iter().take(4) {
        let mut state = ImageState::new(image.clone());
        for index in state.to_read().into_iter().take(8) {
            let spec = state.image().layers[index as usize].clone();
            let mut reader = LayerReader::new(index, spec.clone());
            if let Place::File { offset, length, .. } = spec.place {
                let start = usize::try_from(offset).expect("inside the file");
                reader.push(&data[start..start + usize::try_from(length).expect("inside the file")]);
            }
            state.set(index, LayerResult::from(reader.finish()));
        }
        let tree = state.tree();
        let mut receipt = Receipt::new(kind, "fuzz.tar");
        receipt.add(&state, Some(&tree));
        let _ = (receipt.to_json(), tree.files().count());
    }
});
