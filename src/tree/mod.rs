//! All layer tables → one store of path → versions over layers.
//!
//! A node is a path. A version is what one layer made of it: an entry, or its absence. The tree as of layer `n` is, for
//! each node, its last version of a layer ≤ `n`; there is no tree per layer. Views, changes and sums are queries.
//!
//! Depends on `layer`, `image`, `opened`, `pattern`, `protocol` and `limits`.

mod capability;
mod changes;
mod detail;
mod files;
mod follow;
#[cfg(test)]
mod follow_tests;
mod growing;
mod hardlink;
mod merge;
mod names;
mod order;
mod resolve;
mod store;
mod sums;
mod tables;
#[cfg(test)]
mod tests;
mod versions;
mod view;
mod warn;

pub use files::FileLine;
pub use follow::NoFile;
pub use store::{Tree, Version};
pub(crate) use sums::Sums;
pub use view::{NodeSet, View};
