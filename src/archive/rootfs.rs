//! A root file system, as `docker export` writes it: one pseudo layer, and nothing to check it against.

use super::members::Members;
use crate::opened::{LayerSpec, OpenedImage, Place};

/// Top-level names of which a root file system has at least two.
const USUAL: [&str; 9] = ["bin", "etc", "usr", "lib", "var", "dev", "proc", "sbin", "root"];

/// The pseudo image of a root file system, if the tar looks like one.
pub(super) fn image(members: &Members, size: u64) -> Option<OpenedImage> {
    if USUAL.iter().filter(|name| members.has_top(name)).count() < 2 {
        return None;
    }
    let layer = LayerSpec::bare("the whole file", Place::File { file: 0, offset: 0, length: size });
    let mut image = OpenedImage::unknown(Vec::new());
    (image.absent, image.unverifiable) = (false, true);
    image.layers.push(layer);
    Some(image)
}
