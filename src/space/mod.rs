//! Where an image's bytes are, and which of them are waste.
//!
//! Bytes are those of files' content, unpacked; headers and padding of the tars are nobody's. What is waste, and how
//! kinds that overlap are told apart, stands in [`waste`]; dive's figures beside ours in [`dive`].
//!
//! Depends on `tree`, `layer`, `image`, `limits` and `protocol`.

mod advice;
pub mod dive;
mod first;
mod largest;
mod leftovers;
mod pieces;
mod squarify;
mod treemap;
mod twice;
pub mod waste;

pub use leftovers::{LEFTOVERS, Leftover};
pub use squarify::squarify;
pub use treemap::Space;

use crate::{
    protocol::{SpaceReport, SpaceSpec},
    tree::Tree,
};

impl Space {
    /// The largest as of this space's layer, and the image's waste above the base image's layers.
    pub fn report(&self, tree: &Tree, base: u32) -> SpaceReport {
        SpaceReport {
            spec: SpaceSpec { base, upto: self.asked() },
            files: self.largest_files(tree),
            folders: self.largest_folders(tree),
            waste: waste::waste(tree, base),
            dive: dive::score(tree),
        }
    }
}
