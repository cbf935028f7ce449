//! ChainID: the identity of a layer upon all layers below it (image-spec config.md, "Layer ChainID").

use super::{Digest, Hasher};

/// The ChainID of each layer, base first: the base's own diffID, then `sha256(chain(n-1) + " " + diffID(n))`.
pub fn chain_ids(diff_ids: &[Digest]) -> Vec<Digest> {
    let mut chain: Vec<Digest> = Vec::with_capacity(diff_ids.len());
    for diff_id in diff_ids {
        let next = match chain.last() {
            None => diff_id.clone(),
            Some(below) => {
                let mut hasher = Hasher::sha256();
                hasher.update(format!("{below} {diff_id}").as_bytes());
                hasher.finish()
            }
        };
        chain.push(next);
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_is_its_own_chain_and_two_are_hashed_together() {
        let a = Digest::of(b"a");
        let b = Digest::of(b"b");
        let chain = chain_ids(&[a.clone(), b.clone()]);
        assert_eq!(chain.first(), Some(&a));
        assert_eq!(chain.get(1), Some(&Digest::of(format!("{a} {b}").as_bytes())));
        assert_eq!(chain_ids(&[]), []);
    }
}
