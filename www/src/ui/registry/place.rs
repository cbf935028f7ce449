//! Where the links of these views lead: to the same image or repository, seen in another way.

use lagvis::{
    image::{Descriptor, Digest, DocumentKind, LayerKind, Reference, document_kind, layer_kind},
    limits,
    share::{LayerChoice, Link, Part, RegistryLook, Tab},
};

use yew::prelude::*;

use super::state::Repository;
use crate::ui::{
    address::href,
    driver::Driver,
    phase::{Browsing, Look, Open},
};

/// What is looked at, and what is known of it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The image, where one is open.
    pub open: Option<&'a Open>,
    /// How it is seen.
    pub look: &'a Look,
    /// What the repository told.
    pub told: &'a Repository,
    /// The reference or the repository's name.
    pub name: &'a str,
    browsing: Option<&'a Browsing>,
}

impl<'a> Place<'a> {
    /// An open image.
    pub fn of_image(open: &'a Open, look: &'a Look, told: &'a Repository) -> Self {
        let name = open.summary.pinned.as_deref().unwrap_or_default();
        Self { open: Some(open), look, told, name, browsing: None }
    }

    /// A repository without an image.
    pub fn of_repository(browsing: &'a Browsing, look: &'a Look, told: &'a Repository) -> Self {
        Self { open: None, look, told, name: &browsing.name, browsing: Some(browsing) }
    }

    /// The registry's host, whose word tags and referrers are.
    pub fn host(&self) -> String {
        Reference::parse(self.name).map(|reference| reference.domain().to_owned()).unwrap_or_default()
    }

    /// The link to this image or repository, seen in another way.
    pub fn link(&self, look: &Look) -> Link {
        let home = self.open.map(Open::link).or_else(|| self.browsing.map(Browsing::link));
        Link { look: look.clone(), ..home.unwrap_or_default() }
    }

    /// The address of a view of the registry.
    pub fn at(&self, part: Part, registry: RegistryLook) -> String {
        href(&self.link(&Look { tab: Tab::Registry, part, registry, ..self.look.clone() }))
    }

    /// The address of what a digest names.
    pub fn item(&self, digest: &Digest) -> Link {
        let registry = RegistryLook { item: Some(digest.clone()), ..self.look.registry.clone() };
        self.link(&Look { tab: Tab::Registry, registry, ..self.look.clone() })
    }

    /// The address of the comparison with a tag or digest.
    pub fn compare(&self, with: &str) -> String {
        self.at(Part::Compare, RegistryLook { item: None, with: Some(with.to_owned()), ..self.look.registry.clone() })
    }

    /// The reference of an image of the repository, by tag or digest.
    pub fn reference(&self, tag_or_digest: &str) -> Option<String> {
        reference(self.name, tag_or_digest)
    }

    /// The address of an image of the repository, by tag or digest.
    pub fn image(&self, tag_or_digest: &str) -> Option<String> {
        self.reference(tag_or_digest).map(|reference| image_href(&reference))
    }

    /// The address of what a digest names, and words for it: a layer of the image, or what can be read. None for what
    /// is no document.
    pub fn named(&self, digest: &Digest) -> Option<(Link, String)> {
        let layers = self.open.map(|open| open.summary.layers.as_slice()).unwrap_or_default();
        let is = |other: &Option<Digest>| other.as_ref() == Some(digest);
        let layer = layers.iter().position(|layer| is(&layer.digest) || is(&layer.diff_id));
        if let Some(layer) = layer.and_then(|layer| u32::try_from(layer).ok()) {
            let look = Look { layer: LayerChoice::One(layer), path: None, ..self.look.clone() };
            return Some((self.link(&look), format!("Layer {layer}")));
        }
        if let Some(item) = self.told.item(digest) {
            return Some((self.item(digest), item.media_type.clone()));
        }
        match self.told.named(digest) {
            Some(named) if !is_readable(&named) => None,
            Some(named) => Some((self.item(digest), named.media_type)),
            None => Some((self.item(digest), "Look for it in this repository".to_owned())),
        }
    }
}

/// The reference of an image in the repository that `name` is of, by tag or digest.
pub fn reference(name: &str, tag_or_digest: &str) -> Option<String> {
    Some(Reference::parse(name).ok()?.with(tag_or_digest).ok()?.familiar())
}

/// The address of an image.
pub fn image_href(reference: &str) -> String {
    href(&Link { reference: Some(reference.to_owned()), ..Link::default() })
}

/// A click on a link to an image by its tag asks the registry anew, also when that tag's image is open; a click for
/// another window is left to the browser.
pub fn opens(reference: String, driver: &Driver) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |event: MouseEvent| {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
            event.prevent_default();
            driver.open_reference(&reference, None, Look::default());
        }
    })
}

/// Whether a document is to be expected, of a size that is read.
fn is_readable(named: &Descriptor) -> bool {
    let is_manifest = document_kind(&named.media_type) != DocumentKind::Other;
    let most = if is_manifest { limits::METADATA_BYTES as u64 } else { limits::ITEM_BYTES };
    named.size <= most && layer_kind(&named.media_type) == LayerKind::Other
}
