//! What a tar can have, as real programs write it.
