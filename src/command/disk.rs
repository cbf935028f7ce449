//! Where a layer's files lie on a Docker host.

use crate::image::Digest;

/// Lists a layer's files where the overlay2 driver keeps them. The folder's name is the cache-id, which Docker draws at
/// random when it unpacks the layer and notes under the ChainID; the root is asked for, since it can be moved.
pub fn overlay2(chain_id: &Digest) -> String {
    let (algorithm, encoded) = (chain_id.algorithm_name(), chain_id.encoded());
    format!(
        "root=$(docker info --format '{{{{.DockerRootDir}}}}') && ls -lA \"$root/overlay2/$(cat \
         \"$root/image/overlay2/layerdb/{algorithm}/{encoded}/cache-id\")/diff\""
    )
}

/// Lists a layer's files where containerd keeps them, for Docker with containerd's image store. A snapshot's key is the
/// ChainID, but its folder has a plain number, which only the way to mount another upon it tells: there the first
/// `lowerdir` is the layer's. That other is removed again; `prepare` guards it against the garbage collector till then,
/// as `view` does not.
pub fn containerd(chain_id: &Digest) -> String {
    format!(
        "ls -lA \"$(ctr -n moby snapshots prepare --target /mnt lagvis {chain_id} | sed 's/.*lowerdir=//; s/[:, \
         ].*//')\"; ctr -n moby snapshots rm lagvis"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_go_by_the_chain_id() {
        let chain_id = Digest::of(b"chain");
        let command = overlay2(&chain_id);
        assert!(command.contains("--format '{{.DockerRootDir}}'"), "{command}");
        assert!(command.contains(&format!("layerdb/sha256/{}/cache-id", chain_id.encoded())), "{command}");
        assert!(containerd(&chain_id).contains(&format!(" lagvis {chain_id} ")));
    }
}
