//! The pull as a state machine without I/O: it says which request it needs, takes the response, says what next.
//!
//! Order: index → platform → manifest → config. Each document is hashed against the digest that names it before a
//! byte of it is used (distribution-spec, "Pulling manifests"). Each request goes through an [`Exchange`], which
//! meets challenges with what an [`Access`] holds, waits and tries again; each layer's blob through a [`Transfer`], which
//! goes on where it broke off.
//!
//! Depends on `image`, `verify`, `opened`, `assemble`, `problem` and `limits`.

mod access;
mod answer;
mod challenge;
mod exchange;
mod host;
mod pace;
mod part;
mod pull;
mod quota;
mod repository;
mod retry_after;
#[cfg(test)]
mod tests;
mod transfer;
mod tries;
mod via;
mod warning;

pub use crate::protocol::{Access, Login, Quota, WaitReason, Waiting};
pub use challenge::{Challenge, token_of};
pub use exchange::{Exchange, Next};
pub use host::{TOKEN_SERVERS, is_local, is_loopback, is_private_way, is_token_server_of};
pub use pace::Pace;
pub use part::{part_of, part_request};
pub use pull::{Pull, Step};
pub use repository::{
    FindReferrers, FollowTag, ReadItem, Tags, fallback_tag, is_digest_tag, item_of, kind_of_artifact, sort_tags,
};
pub use transfer::{Transfer, TransferStep};
pub use tries::Moment;
pub use via::{HttpRequest, HttpResponse, Method, Transport, Via};
pub use warning::warnings;
