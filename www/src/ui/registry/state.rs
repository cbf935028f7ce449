//! What the repository told so far, and what of it is still to be asked.

use std::{collections::BTreeMap, rc::Rc};

use lagvis::{
    image::{Descriptor, Digest, Reference},
    opened::SourceKind,
    problem::Problem,
    protocol::{Ask, ImageDifference, ImageSummary, Item, Pair, Referrers, Sizes, TagList, TagNow, Told},
    registry::item_of,
    share::{Part, Tab},
    verify::{AnchorKind, CheckKind},
};

use crate::ui::phase::{Browsing, Look, Open, Phase};

/// Attestations of one manifest that are read without being asked for: BuildKit makes one.
const ATTESTATIONS: usize = 4;

/// What the repository told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repository {
    /// Its tags, as far as they came.
    pub tags: Option<Rc<TagList>>,
    /// What refers to manifests.
    pub referrers: BTreeMap<Digest, Rc<Referrers>>,
    /// What digests name, verified.
    pub items: BTreeMap<Digest, Rc<Result<Item, Problem>>>,
    /// Layers and sizes of manifests.
    pub sizes: BTreeMap<Digest, Result<Sizes, Problem>>,
    /// Where the image's tag leads now.
    pub tag: Option<(String, Result<TagNow, Problem>)>,
    /// The last comparison.
    pub compared: Option<(Pair, Rc<Result<ImageDifference, Problem>>)>,
}

impl Repository {
    /// Takes an answer.
    pub fn told(&mut self, told: Told) {
        match told {
            Told::Tags(tags) => self.tags = Some(Rc::new(tags)),
            Told::Referrers { subject, found } => _ = self.referrers.insert(subject, Rc::new(found)),
            Told::Item { digest, outcome } => _ = self.items.insert(digest, Rc::new(outcome.map(|item| *item))),
            Told::Sizes { digest, outcome } => _ = self.sizes.insert(digest, outcome),
            Told::Tag { tag, outcome } => self.tag = Some((tag, outcome)),
            Told::Compared { pair, outcome } => self.compared = Some((pair, Rc::new(outcome.map(|item| *item)))),
        }
    }

    /// Takes what is here already, verified.
    pub fn hold(&mut self, item: Item) {
        self.items.insert(item.digest.clone(), Rc::new(Ok(item)));
    }

    /// Takes the documents of a pulled image.
    pub fn hold_documents(&mut self, summary: &ImageSummary) {
        if summary.source != SourceKind::Registry {
            return;
        }
        for document in &summary.documents {
            if let Some(digest) = &document.digest {
                let is_manifest = document.what != CheckKind::Config;
                let label = self.named(digest).map(|named| named.media_type).unwrap_or_default();
                self.hold(item_of(digest.clone(), &label, is_manifest, document.text.as_bytes()));
            }
        }
    }

    /// What a digest names, once it was read.
    pub fn item(&self, digest: &Digest) -> Option<&Item> {
        self.items.get(digest)?.as_ref().as_ref().ok()
    }

    /// The descriptor of a digest in what was read so far.
    pub fn named(&self, digest: &Digest) -> Option<Descriptor> {
        let items = self.items.values().filter_map(|item| item.as_ref().as_ref().ok());
        let mut all = items.flat_map(|item| &item.names).map(|(_, descriptor)| descriptor);
        all.find(|descriptor| descriptor.digest == *digest && !descriptor.media_type.is_empty()).cloned()
    }

    fn ask_item(&self, digest: &Digest) -> Option<Ask> {
        let ask = || Ask::Item { digest: digest.clone(), named: self.named(digest).map(Box::new) };
        (!self.items.contains_key(digest)).then(ask)
    }

    /// Attestations of a manifest in an index that was read.
    pub fn attestations<'a>(&'a self, index: &Digest, of: &'a Digest) -> impl Iterator<Item = &'a Descriptor> {
        let names = self.item(index).map(|index| index.names.as_slice()).unwrap_or_default();
        names.iter().map(|(_, descriptor)| descriptor).filter(move |named| subject(named).as_ref() == Some(of))
    }
}

/// The manifest that a BuildKit attestation is of.
pub fn subject(descriptor: &Descriptor) -> Option<Digest> {
    Digest::parse(descriptor.annotations.get("vnd.docker.reference.digest")?).ok()
}

/// The image's tag and the digest that the link pinned, where there are both.
pub fn pinned_tag(summary: &ImageSummary) -> Option<(String, Digest)> {
    let reference = Reference::parse(summary.pinned.as_deref()?).ok()?;
    let by_link = summary.anchor.kind == AnchorKind::Digest;
    Some((reference.tag().filter(|_| by_link)?.to_owned(), reference.digest()?.clone()))
}

/// Manifests of an image that something may refer to: its index and its own.
pub fn subjects(summary: &ImageSummary) -> Vec<Digest> {
    let mut all: Vec<Digest> = summary.index_digest.iter().chain(&summary.manifest_digest).cloned().collect();
    all.dedup();
    all
}

/// What a comparison with `with` is of.
pub fn pair(open: &Open, with: &str) -> Option<Pair> {
    let summary = &open.summary;
    let old = summary.index_digest.clone().or_else(|| summary.manifest_digest.clone())?;
    Some(Pair { old, new: with.to_owned(), platform: summary.platform.clone() })
}

/// What is to be asked to show what is looked at. Most of it only when it is looked at: a registry may count requests.
pub fn needs(phase: &Phase, look: &Look, told: &Repository) -> Vec<Ask> {
    match phase {
        Phase::Open(open) => needs_of_image(open, look, told),
        Phase::Browsing(Browsing { artifact, .. }) => {
            let item = look.registry.item.as_ref().and_then(|digest| told.ask_item(digest));
            let rest = match artifact {
                Some((_, digest)) => Ask::Referrers(digest.clone()),
                None => Ask::Tags,
            };
            item.into_iter().chain([rest]).collect()
        }
        Phase::Start | Phase::Confirm { .. } | Phase::Opening(_) | Phase::Failed(_) => Vec::new(),
    }
}

fn needs_of_image(open: &Open, look: &Look, told: &Repository) -> Vec<Ask> {
    let summary = &open.summary;
    let mut asks = Vec::new();
    if let Some((tag, pinned)) = pinned_tag(summary) {
        asks.push(Ask::Tag { tag, pinned });
    }
    if look.tab != Tab::Registry || summary.pinned.is_none() {
        return asks;
    }
    if let Some(digest) = &look.registry.item {
        asks.extend(told.ask_item(digest));
        return asks;
    }
    match look.part {
        Part::Tags => asks.push(Ask::Tags),
        Part::Compare => {
            let pair = look.registry.with.as_ref().and_then(|with| pair(open, with));
            asks.extend(pair.map(Ask::Compare));
        }
        _ => {
            asks.extend(subjects(summary).into_iter().map(Ask::Referrers));
            if let (Some(index), Some(manifest)) = (&summary.index_digest, &summary.manifest_digest) {
                asks.extend(
                    told.attestations(index, manifest)
                        .take(ATTESTATIONS)
                        .filter_map(|named| told.ask_item(&named.digest)),
                );
            }
        }
    }
    asks
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
