//! The spec's nouns. Owns the meaning of references, digests, descriptors, index, manifest and config; depends on
//! nothing else in the engine.

mod config;
mod descriptor;
mod digest;
mod escape;
mod identity;
mod index;
mod json;
mod manifest;
mod media_type;
mod pasted;
mod platform;
mod reference;
mod toc_ref;

pub use config::{Config, ContainerConfig, Healthcheck, HistoryStep, Step, steps};
pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use escape::{display_name, escape_path, unescape_path};
pub use identity::chain_ids;
pub use index::{Index, is_attestation};
pub use json::{JsonError, parse as parse_json};
pub use manifest::Manifest;
pub use media_type::{DocumentKind, LayerKind, document_kind, layer_kind};
pub use platform::{Platform, PlatformError};
pub(crate) use reference::is_tag;
pub use reference::{Reference, ReferenceError};
pub use toc_ref::TocRef;
