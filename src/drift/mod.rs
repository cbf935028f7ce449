//! Two images of one repository, compared by their documents: which layers they share, what became of the others, what
//! differs in the config.
//!
//! Layers are the same where their blobs or their diffIDs are. Both images were verified down to their configs before,
//! so that is proven without a byte of a layer. Depends on `diff`, `image`, `limits`, `opened` and `protocol`.

mod config;

use std::collections::HashMap;

use crate::{
    diff::edit,
    image::Digest,
    opened::{LayerSpec, OpenedImage},
    protocol::{Fate, ImageDifference, ImageFacts, LayerPair, LayerSide},
    verify::CheckKind,
};

/// What differs from one image to another.
pub fn compare(old: &OpenedImage, new: &OpenedImage) -> ImageDifference {
    let (config, more) = config::differences(text(old), text(new));
    ImageDifference { old: facts(old), new: facts(new), layers: layers(&old.layers, &new.layers), config, more }
}

fn text(image: &OpenedImage) -> &str {
    let config = image.documents.iter().find(|document| document.what == CheckKind::Config);
    config.map_or("", |document| document.text.as_str())
}

fn facts(image: &OpenedImage) -> ImageFacts {
    ImageFacts {
        root: image.index_digest.clone().or_else(|| image.manifest_digest.clone()),
        manifest: image.manifest_digest.clone(),
        image_id: image.image_id.clone(),
        platform: image.platform.clone(),
        created: image.config.as_ref().and_then(|config| config.created.clone()),
        bytes: image.layers.iter().filter_map(|layer| layer.size).sum(),
    }
}

/// The layers of both, base first. Between two that stay, those that are gone stand before those that came, and those
/// of one instruction side by side.
fn layers(old: &[LayerSpec], new: &[LayerSpec]) -> Vec<LayerPair> {
    let mut known = HashMap::new();
    let (removed, added) = edit::changes(&numbers(old, &mut known), &numbers(new, &mut known));
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        let (from_a, from_b) = (a, b);
        while removed.get(a) == Some(&true) {
            a += 1;
        }
        while added.get(b) == Some(&true) {
            b += 1;
        }
        replaced(&mut pairs, (old, from_a..a), (new, from_b..b));
        if let (Some(before), Some(after)) = (old.get(a), new.get(b)) {
            let fate = if before.digest == after.digest { Fate::Shared } else { Fate::Repacked };
            pairs.push(LayerPair { fate, old: Some(side(a, before)), new: Some(side(b, after)) });
            (a, b) = (a + 1, b + 1);
        } else if (from_a, from_b) == (a, b) {
            break;
        }
    }
    pairs
}

/// A number for each layer: the same for the same tar.
fn numbers(layers: &[LayerSpec], known: &mut HashMap<Digest, u32>) -> Vec<u32> {
    let mut number = |layer: &LayerSpec| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        let name = layer.diff_id.clone().or_else(|| layer.digest.clone());
        name.map_or(u32::MAX, |name| *known.entry(name).or_insert(next))
    };
    layers.iter().map(&mut number).collect()
}

/// Layers that are gone, and those that came in their place.
fn replaced(
    pairs: &mut Vec<LayerPair>,
    (old, gone): (&[LayerSpec], std::ops::Range<usize>),
    (new, came): (&[LayerSpec], std::ops::Range<usize>),
) {
    let mut next = came.start;
    for index in gone {
        let Some(before) = old.get(index) else { continue };
        let by = before.created_by.as_ref();
        let same = |at: &usize| by.is_some() && new.get(*at).and_then(|layer| layer.created_by.as_ref()) == by;
        let twin = (next..came.end).find(same);
        let Some((at, after)) = twin.and_then(|at| Some((at, new.get(at)?))) else {
            pairs.push(LayerPair { fate: Fate::Removed, old: Some(side(index, before)), new: None });
            continue;
        };
        pairs.extend((next..at).filter_map(|at| came_new(new, at)));
        pairs.push(LayerPair { fate: Fate::Changed, old: Some(side(index, before)), new: Some(side(at, after)) });
        next = at + 1;
    }
    pairs.extend((next..came.end).filter_map(|at| came_new(new, at)));
}

fn came_new(new: &[LayerSpec], at: usize) -> Option<LayerPair> {
    Some(LayerPair { fate: Fate::Added, old: None, new: Some(side(at, new.get(at)?)) })
}

fn side(index: usize, layer: &LayerSpec) -> LayerSide {
    LayerSide {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        digest: layer.digest.clone(),
        size: layer.size.unwrap_or_default(),
        created_by: layer.created_by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opened::Place;

    /// `name=blob/instruction`: the diffID is of the name, the blob's digest of the blob.
    fn stack(layers: &str) -> Vec<LayerSpec> {
        let layer = |text: &str| {
            let (name, rest) = text.split_once('=').unwrap();
            let (blob, by) = rest.split_once('/').unwrap();
            LayerSpec {
                digest: Some(Digest::of(blob.as_bytes())),
                diff_id: Some(Digest::of(name.as_bytes())),
                size: Some(blob.len() as u64),
                created_by: (!by.is_empty()).then(|| by.to_owned()),
                ..LayerSpec::bare(name, Place::Blob)
            }
        };
        layers.split_whitespace().map(layer).collect()
    }

    fn fates(old: &str, new: &str) -> String {
        let index = |side: &Option<LayerSide>| side.as_ref().map_or("-".to_owned(), |side| side.index.to_string());
        let pairs = layers(&stack(old), &stack(new));
        pairs
            .iter()
            .map(|pair| format!("{:?} {} {}", pair.fate, index(&pair.old), index(&pair.new)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn layers_are_told_by_what_they_hold_and_what_made_them() {
        for (old, new, expected) in [
            ("", "", ""),
            ("a=a/FROM", "a=a/FROM", "Shared 0 0"),
            ("a=a/FROM b=b/RUN", "a=a/FROM c=c/RUN", "Shared 0 0, Changed 1 1"),
            ("a=a/FROM", "a=z/FROM", "Repacked 0 0"),
            ("a=a/FROM b=b/RUN", "a=a/FROM x=x/COPY b=b/RUN", "Shared 0 0, Added - 1, Shared 1 2"),
            ("a=a/FROM x=x/COPY b=b/RUN", "a=a/FROM b=b/RUN", "Shared 0 0, Removed 1 -, Shared 2 1"),
            ("a=a/1 b=b/2 c=c/3", "d=d/1 e=e/x f=f/3", "Changed 0 0, Removed 1 -, Added - 1, Changed 2 2"),
            ("a=a/ b=b/", "c=c/", "Removed 0 -, Removed 1 -, Added - 0"),
            ("a=a/", "", "Removed 0 -"),
            ("", "a=a/", "Added - 0"),
            ("e=e/ e=e/", "e=e/ e=e/ e=e/", "Shared 0 0, Shared 1 1, Added - 2"),
        ] {
            assert_eq!(fates(old, new), expected, "{old} → {new}");
        }
    }

    #[test]
    fn each_layer_of_both_is_there_once() {
        use proptest::prelude::*;
        let name = prop::sample::select(vec!["a=a/1", "a=z/1", "b=b/1", "b=b/2", "c=c/3", "d=d/"]);
        let list = || prop::collection::vec(name.clone(), 0..9).prop_map(|names| names.join(" "));
        proptest!(|(old in list(), new in list())| {
            let (old, new) = (stack(&old), stack(&new));
            let pairs = layers(&old, &new);
            let of = |side: fn(&LayerPair) -> &Option<LayerSide>| -> Vec<u32> {
                pairs.iter().filter_map(|pair| side(pair).as_ref()).map(|side| side.index).collect()
            };
            prop_assert_eq!(of(|pair| &pair.old), (0..u32::try_from(old.len()).unwrap()).collect::<Vec<_>>());
            prop_assert_eq!(of(|pair| &pair.new), (0..u32::try_from(new.len()).unwrap()).collect::<Vec<_>>());
        });
    }
}
