//! How a registry is reached, what lets one in, and what is waited for. Data only: what follows from it is in
//! `registry`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::image::Reference;

/// The way to the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    /// A proxy: the base URL under which its `v2/` lies. It sets Accept and gets tokens itself.
    Proxy {
        /// Base URL, with a slash at its end or without.
        base: String,
    },
    /// The registry itself.
    Direct {
        /// Plain http, for registries on one's own machine.
        plain_http: bool,
    },
}

/// Name and password (or token) of a person for a registry. They are held in memory and sent; nothing shows them,
/// writes them down or links to them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

/// What a registry takes as proof.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pass {
    /// A token of its token server.
    Bearer(String),
    /// Name and password in each request.
    Basic,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass")
    }
}

/// What opens one repository: the way, and what lets one in. Made by `registry::Access`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    pub(crate) via: Via,
    pub(crate) reference: Reference,
    pub(crate) login: Option<Login>,
    pub(crate) pass: Option<Pass>,
}

/// How a registry is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Through whom.
    pub via: Via,
    /// As whom.
    pub login: Option<Login>,
    /// Seconds of silence that are borne.
    pub patience: u32,
}

/// What a registry says of the pulls that it still allows (Docker Hub's `RateLimit-Remaining` and so on).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Pulls allowed in a window.
    pub limit: Option<u64>,
    /// Pulls left in it.
    pub remaining: Option<u64>,
    /// Seconds of the window.
    pub window: Option<u64>,
    /// Whom it counts: an address or an account.
    pub source: Option<String>,
}

/// Why something is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WaitReason {
    /// The registry or the proxy asked for it.
    Asked,
    /// The connection broke, or the other side failed.
    Broken,
}

/// A wait before a request is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Why.
    pub reason: WaitReason,
    /// When it is over: milliseconds since 1970.
    pub until: u64,
    /// What happened, for people: "registry.example asks to wait".
    pub text: String,
    /// What is left of the quota, where that was told.
    pub quota: Option<Quota>,
}
