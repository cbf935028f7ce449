//! The pull as a state machine without I/O: it says which request it needs, takes the response, says what next.
//!
//! Order: index → platform → manifest → config. Each document is hashed against the digest that names it before a
//! byte of it is used (distribution-spec, "Pulling manifests"). The layers' blobs are fetched by whoever drives this.
//!
//! Depends on `image`, `verify`, `opened`, `assemble`, `problem` and `limits`.

mod answer;
mod challenge;
mod pull;
mod repository;
#[cfg(test)]
mod tests;
mod via;

pub use challenge::{Challenge, token_of};
pub use pull::{Pull, Step};
pub use repository::{
    FindReferrers, FollowTag, ReadItem, Tags, fallback_tag, is_digest_tag, item_of, kind_of_artifact, sort_tags,
};
pub use via::{HttpRequest, HttpResponse, Method, Transport, Via};
