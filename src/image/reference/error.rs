//! Why a text is no reference, with what to do.

use super::{PATH_LENGTH, Reference};
use crate::image::DigestError;

/// Why a text is no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Nothing was given.
    #[error("the reference is empty: type an image, for example busybox or ghcr.io/owner/app:1.2")]
    Empty,
    /// A web address or a command, not a reference.
    #[error("'{given}' is {what}, not a reference: try {offer}")]
    Offer {
        /// As given.
        given: String,
        /// What it is instead.
        what: &'static str,
        /// The reference that is most likely meant.
        offer: String,
    },
    /// 64 hex characters alone.
    #[error("'{0}' is an image ID, which no registry knows: give a name, or name@sha256:…")]
    BareId(String),
    /// The path has upper-case letters.
    #[error("repository name must be lowercase: '{path}', try {offer}")]
    Uppercase {
        /// The path as given.
        path: String,
        /// The same reference with the path in lower case.
        offer: String,
    },
    /// The domain is against the grammar.
    #[error("'{0}' is no registry: it should look like host.example or host.example:5000")]
    Domain(String),
    /// The path is against the grammar.
    #[error("'{0}' is no repository name: lower-case letters and digits, joined by '/', '.', '_', '__' or '-'")]
    Path(String),
    /// The tag is against the grammar.
    #[error("'{0}' is no tag: up to 128 letters, digits, '_', '.' and '-', not beginning with '.' or '-'")]
    Tag(String),
    /// The digest is against the grammar.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The path is longer than 255.
    #[error("the repository name has {0} characters, at most {PATH_LENGTH} are allowed")]
    TooLong(usize),
}

impl ReferenceError {
    /// The reference that is meant, where there is no doubt of it: that of a command or a web address.
    pub fn meant(&self) -> Option<Reference> {
        match self {
            Self::Offer { offer, .. } => Reference::parse(offer).ok(),
            _ => None,
        }
    }

    /// The reference that is most likely meant, where there is one.
    pub fn suggestion(&self) -> Option<String> {
        match self {
            Self::Offer { offer, .. } | Self::Uppercase { offer, .. } => Some(offer.clone()),
            _ => None,
        }
    }
}
