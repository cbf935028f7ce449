//! A chainID computed again (image-spec config.md, "Layer ChainID").

use crate::image::Digest;

/// Hashes what a layer's chainID is of: the chainID of the layer below, a space, and the layer's diffID. The base
/// layer's is its diffID, for which nothing is to be hashed. It prints the chainID's digits.
pub fn chain_id(below: &Digest, diff_id: &Digest) -> String {
    format!("printf '%s %s' {below} {diff_id} | sha256sum")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_values_stand_in_it_in_their_order() {
        let (below, diff_id) = (Digest::of(b"below"), Digest::of(b"layer"));
        assert_eq!(chain_id(&below, &diff_id), format!("printf '%s %s' {below} {diff_id} | sha256sum"));
    }
}
