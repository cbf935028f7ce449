//! What the page asks of an image's repository, and what it is told. Tags and referrers are the registry's word; what
//! is named by a digest was checked against it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    image::{Descriptor, Digest, Platform},
    problem::Problem,
};

/// A question to the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Its tags. Answered by [`Told::Tags`], more than once when they are many.
    Tags,
    /// What refers to a manifest. Answered by [`Told::Referrers`].
    Referrers(Digest),
    /// What a digest names, to be read. Answered by [`Told::Item`].
    Item {
        /// The digest.
        digest: Digest,
        /// What names it, where that is known: its size is held against it.
        named: Option<Box<Descriptor>>,
    },
    /// Layers and sizes of a manifest. Answered by [`Told::Sizes`].
    Sizes(Box<Descriptor>),
    /// Where a tag leads now, seen from what it led to once. Answered by [`Told::Tag`].
    Tag {
        /// The tag.
        tag: String,
        /// The digest that a link pins.
        pinned: Digest,
    },
    /// Two images of the repository, layer by layer. Answered by [`Told::Compared`].
    Compare(Pair),
}

/// Two images of one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Digest of the one before.
    pub old: Digest,
    /// Tag or digest of the other.
    pub new: String,
    /// The platform to compare, where there are several.
    pub platform: Option<Platform>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// Tags as far as they came.
    Tags(TagList),
    /// What refers to a manifest.
    Referrers {
        /// The manifest.
        subject: Digest,
        /// What was found, also when it came to a problem.
        found: Referrers,
    },
    /// What a digest names.
    Item {
        /// The digest.
        digest: Digest,
        /// What it names, verified.
        outcome: Result<Box<Item>, Problem>,
    },
    /// Layers and sizes of a manifest.
    Sizes {
        /// The manifest.
        digest: Digest,
        /// They are from the verified manifest.
        outcome: Result<Sizes, Problem>,
    },
    /// Where a tag leads now.
    Tag {
        /// The tag.
        tag: String,
        /// As told by the registry.
        outcome: Result<TagNow, Problem>,
    },
    /// Two images, compared.
    Compared {
        /// What was asked for.
        pair: Pair,
        /// The comparison, of verified documents.
        outcome: Result<Box<ImageDifference>, Problem>,
    },
}

/// Tags of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagList {
    /// In order: what people look for first comes first.
    pub tags: Vec<String>,
    /// All that there are.
    pub complete: bool,
    /// Names in the list that are no tags, left out.
    pub left_out: u64,
    /// Why there are not all.
    pub problem: Option<Problem>,
}

/// What refers to a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referrers {
    /// Each digest once.
    pub list: Vec<Referrer>,
    /// The registry has the referrers API; else they come from tags alone.
    pub by_api: bool,
    /// The registry left some out though it was not asked to (`OCI-Filters-Applied`).
    pub filtered: Option<String>,
    /// Why there may be more.
    pub problem: Option<Problem>,
}

/// Something that refers to a manifest, as told by the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referrer {
    /// Its digest.
    pub digest: Digest,
    /// Media type of its manifest.
    pub media_type: String,
    /// Bytes of its manifest, where that was told.
    pub size: Option<u64>,
    /// What it is.
    pub artifact_type: Option<String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// How it was found.
    pub source: ReferrerSource,
}

/// How a referrer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferrerSource {
    /// By the referrers API.
    Api,
    /// By the tag `<algorithm>-<hex>` of registries without it.
    Tag,
    /// By cosign's tag that ends in `.sig`.
    CosignSignature,
    /// By cosign's tag that ends in `.att`.
    CosignAttestation,
    /// By cosign's tag that ends in `.sbom`.
    CosignSbom,
}

/// A document or blob, verified against its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its digest.
    pub digest: Digest,
    /// Its media type: its own word, else that of what names it, else the registry's.
    pub media_type: String,
    /// Index or manifest; else a blob.
    pub is_manifest: bool,
    /// Bytes.
    pub size: u64,
    /// What it is, in words ("Helm chart").
    pub what: String,
    /// Facts that it states of itself.
    pub facts: Vec<(String, String)>,
    /// What it names, with the field that does.
    pub names: Vec<(String, Descriptor)>,
    /// Annotations of it as a whole.
    pub annotations: BTreeMap<String, String>,
    /// What it speaks of, for a statement.
    pub subjects: Vec<Digest>,
    /// Its text; none where it is no text.
    pub text: Option<String>,
    /// What a signed envelope holds. The signature is not checked.
    pub payload: Option<Payload>,
}

/// What a signed envelope holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Its type, as the envelope states it.
    pub kind: String,
    /// How many signatures there are.
    pub signatures: u64,
    /// Its text.
    pub text: String,
}

/// Layers and sizes of a manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Layers.
    pub layers: u64,
    /// Bytes of these as transported.
    pub bytes: u64,
}

/// Where a tag leads now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TagNow {
    /// To what is pinned.
    Same,
    /// To this index, which lists what is pinned.
    Within(Digest),
    /// Elsewhere.
    Moved(Digest),
    /// Nowhere: there is no such tag any more.
    Gone,
}

/// Two images compared by their documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageDifference {
    /// The one before.
    pub old: ImageFacts,
    /// The other.
    pub new: ImageFacts,
    /// Layers, base first, those of both in one order.
    pub layers: Vec<LayerPair>,
    /// What differs in the config beside layers and history.
    pub config: Vec<Changed>,
    /// More differences of the config, not listed.
    pub more: u64,
}

/// One of two compared images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// Digest of what was asked for: the index, where there is one.
    pub root: Option<Digest>,
    /// Digest of the manifest.
    pub manifest: Option<Digest>,
    /// Image ID.
    pub image_id: Option<Digest>,
    /// Platform.
    pub platform: Option<Platform>,
    /// RFC 3339, as the config has it.
    pub created: Option<String>,
    /// Bytes of the layers as transported.
    pub bytes: u64,
}

/// A layer of one or both of two images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerPair {
    /// What became of it.
    pub fate: Fate,
    /// As it was.
    pub old: Option<LayerSide>,
    /// As it is.
    pub new: Option<LayerSide>,
}

/// What became of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fate {
    /// In both, the same blob.
    Shared,
    /// In both, the same tar packed in another way.
    Repacked,
    /// Another layer by the same instruction.
    Changed,
    /// In the new one only.
    Added,
    /// In the old one only.
    Removed,
}

/// A layer of one of two images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSide {
    /// Its index, base 0.
    pub index: u32,
    /// Its blob.
    pub digest: Option<Digest>,
    /// Bytes of the blob.
    pub size: u64,
    /// The instruction that made it.
    pub created_by: Option<String>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Its path, for example `config.Env PATH`.
    pub field: String,
    /// Before, as JSON; none when it was not there.
    pub old: Option<String>,
    /// Now, as JSON.
    pub new: Option<String>,
}
