//! Commands for people to paste: what is shown here, redone with the usual tools. All are for a POSIX shell, and names
//! out of images are quoted.
//!
//! Depends on `image`, `dockerfile` (its durations), `opened`, `protocol` and `verify`.

mod chain;
mod disk;
mod inspect;
mod quote;
mod redo;
mod run;

pub use chain::chain_id;
pub use disk::{containerd, overlay2};
pub use inspect::image_id;
pub use quote::quote;
pub use redo::{Redo, redo};
pub use run::docker_run;
