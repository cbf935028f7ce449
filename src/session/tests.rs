//! What has content, and how checkpoints are shared out.

use super::*;
use crate::{image::Digest, layer::one_file::tar};

fn image(layers: Vec<LayerSpec>) -> OpenedImage {
    OpenedImage { absent: false, layers, ..OpenedImage::unknown(Vec::new()) }
}

fn spec(diff_id: Option<&[u8]>, length: u64) -> LayerSpec {
    LayerSpec {
        diff_id: diff_id.map(Digest::of),
        ..LayerSpec::bare("layer", Place::File { file: 0, offset: 0, length })
    }
}

#[test]
fn only_verified_layers_have_content() {
    let tar = tar();
    let of = |diff_id: Option<&[u8]>| spec(diff_id, tar.len() as u64);
    let layers = vec![of(Some(&tar)), of(Some(b"other")), of(None)];
    let mut state = ImageState::new(image(layers.clone()));
    let unverified = |layer| Err(ContentError::Unverified { layer });
    let content = |state: &ImageState, layer| state.content((layer, 0), None).map(|_| ());
    assert_eq!(content(&state, 0), unverified(0), "nothing was read yet");
    for (spec, index) in layers.into_iter().zip(0..) {
        let mut reader = LayerReader::new(index, spec);
        reader.push(&tar);
        state.set(index, reader.finish().into());
    }
    assert_eq!(content(&state, 0), Ok(()));
    for layer in [1, 2, 3] {
        assert_eq!(content(&state, layer), unverified(layer), "mismatched, unverifiable, not there");
    }
}

#[test]
fn shares_of_checkpoints_stay_within_the_cap() {
    for sizes in [vec![], vec![0, 0, 0], vec![5], vec![1, u64::MAX, u64::MAX], vec![1 << 30; 100]] {
        let layers: Vec<LayerSpec> = sizes.iter().map(|size| spec(None, *size)).collect();
        let state = ImageState::new(image(layers));
        let shares: Vec<usize> = (0..sizes.len()).map(|n| state.access_share(u32::try_from(n).unwrap())).collect();
        assert!(shares.iter().sum::<usize>() as u64 <= limits::CHECKPOINT_BYTES, "{sizes:?}: {shares:?}");
        assert!(shares.is_empty() || shares.iter().any(|share| *share > 100_000), "{sizes:?}: {shares:?}");
    }
}

#[test]
fn layers_that_two_images_share_are_read_once() {
    let tar = tar();
    let shared = spec(Some(&tar), tar.len() as u64);
    let mut first = ImageState::new(image(vec![shared.clone()]));
    let mut reader = LayerReader::new(0, shared.clone());
    reader.push(&tar);
    first.set(0, LayerResult::from(reader.finish()));

    // The same bytes at the same place, above another layer and by another name; and elsewhere.
    let renamed = LayerSpec { subject: "by another name".into(), ..shared.clone() };
    let elsewhere = LayerSpec { place: Place::File { file: 0, offset: 512, length: 5 }, ..shared };
    let mut second = ImageState::new(image(vec![spec(Some(b"other"), 3), renamed, elsewhere]));
    second.share(&first);
    assert_eq!(second.to_read(), [2, 0]);
    let taken = &second.layers()[1];
    assert_eq!(taken.state, Some(LayerState::Verified));
    assert!(taken.table.is_some() && taken.checks.iter().all(|check| check.subject == "by another name"));
}

#[test]
fn what_a_table_of_contents_shows_is_unchecked_until_the_layer_is_read() {
    let tar = tar();
    let spec = spec(Some(&tar), tar.len() as u64);
    let read = || {
        let mut reader = LayerReader::new(0, spec.clone());
        reader.push(&tar);
        LayerResult::from(reader.finish())
    };
    let table = read().table.unwrap();
    let mut state = ImageState::new(image(vec![spec.clone(), spec.clone()]));
    state.set(1, read());
    state.set_toc(0, table);
    assert!(state.is_by_toc(0) && !state.is_by_toc(1) && state.is_outlined() && !state.is_finished());
    assert_eq!(state.tree().paths(), 1);
    assert_eq!(state.verdict(), Verdict::Unverifiable);
    let checks: Vec<_> = state.checks().iter().map(|check| (check.state, check.why.is_some())).collect();
    assert_eq!(checks, [(CheckState::Unchecked, true), (CheckState::Verified, false)]);
    assert_eq!(state.content((0, 0), None).map(|_| ()), Err(ContentError::Unverified { layer: 0 }));
    state.set(0, read());
    assert!(!state.is_by_toc(0) && state.is_finished());
    assert_eq!(state.verdict(), Verdict::Verified);
}

#[test]
fn outlines_are_given_up_together_and_tables_of_contents_stay() {
    let tar = tar();
    let spec = spec(Some(&tar), tar.len() as u64);
    let table = || {
        let mut reader = LayerReader::new(0, spec.clone());
        reader.push(&tar);
        LayerResult::from(reader.finish()).table
    };
    let mut state = ImageState::new(image(vec![spec.clone(); 3]));
    state.set_toc(0, table().unwrap());
    assert!(state.set_outline(1, table()) && !state.is_outlined());
    assert_eq!(state.tree().paths(), 1);
    // The last has none.
    assert!(!state.set_outline(2, None) && state.is_by_toc(0));
    assert!(state.set_outline(2, table()) && !state.is_outlined());
}
