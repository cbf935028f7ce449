//! Manifest and config → what is known of each layer. The same for archives and registries.
//!
//! Depends on `image`, `opened` and `problem`.

use crate::{
    image::{Config, Descriptor, Digest, LayerKind, TocRef, chain_ids, layer_kind, steps},
    limits,
    opened::{LayerSpec, Place},
    problem::{Problem, ProblemKind},
};

/// The layers that a manifest lists, with the config's diffIDs, ChainIDs and instructions. `place` says where a
/// layer's bytes are, if they can be read at all.
///
/// Fails when manifest and config do not agree on how many layers there are.
pub fn layers_of(
    descriptors: &[Descriptor],
    config: &Config,
    mut place: impl FnMut(&Descriptor) -> Place,
) -> Result<Vec<LayerSpec>, Problem> {
    let diff_ids = &config.rootfs.diff_ids;
    if descriptors.len() != diff_ids.len() {
        let detail =
            format!("the manifest lists {} layers, the config has {} diffIDs", descriptors.len(), diff_ids.len());
        return Err(Problem::new(ProblemKind::ManifestInvalid, "manifest and config", detail));
    }
    if descriptors.len() > limits::LAYERS {
        let detail = format!("{} layers are more than the {} that are read", descriptors.len(), limits::LAYERS);
        return Err(Problem::new(ProblemKind::LimitExceeded, "manifest", detail));
    }
    let chain = chain_ids(diff_ids);
    let made_by = instructions(config, descriptors.len());
    let layers = descriptors.iter().zip(diff_ids).zip(chain.into_iter().zip(made_by));
    Ok(layers
        .map(|((descriptor, diff_id), (chain_id, created_by))| LayerSpec {
            digest: Some(descriptor.digest.clone()),
            size: Some(descriptor.size),
            diff_id: Some(diff_id.clone()),
            chain_id: Some(chain_id),
            media_type: Some(descriptor.media_type.clone()).filter(|name| !name.is_empty()),
            created_by,
            subject: descriptor.digest.to_string(),
            place: readable(descriptor).map_or_else(|why| Place::Unreadable { why }, |()| place(descriptor)),
            toc: TocRef::of(&descriptor.annotations, descriptor.size),
        })
        .collect())
}

/// The instruction that made each layer, base first; none where the history does not say.
pub fn instructions(config: &Config, layers: usize) -> Vec<Option<String>> {
    let mut made_by: Vec<Option<String>> = vec![None; layers];
    for step in steps(&config.history, layers) {
        if let Some(slot) = step.layer.and_then(|layer| made_by.get_mut(layer)) {
            *slot = Some(step.history.created_by).filter(|by| !by.is_empty());
        }
    }
    made_by
}

fn readable(descriptor: &Descriptor) -> Result<(), String> {
    match layer_kind(&descriptor.media_type) {
        LayerKind::Tar => Ok(()),
        LayerKind::Foreign => Err("it is a foreign layer, which is not kept with the image".into()),
        LayerKind::Encrypted => Err("it is encrypted: its content cannot be read without the key".into()),
        LayerKind::Other => Err(format!("{} is no layer of a file system", descriptor.media_type)),
    }
}

/// Whether any layer's digests are of an algorithm that cannot be checked here.
pub fn names_unknown_algorithm(layers: &[LayerSpec]) -> bool {
    let unknown = |digest: &Digest| digest.hasher().is_none();
    layers.iter().any(|layer| layer.digest.as_ref().is_some_and(unknown) || layer.diff_id.as_ref().is_some_and(unknown))
}
