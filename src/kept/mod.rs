//! What stays on a device from one image to the next: a layer's record, and the ledger of all that is kept.
//!
//! A layer that was verified is kept as its blob, under its digest, and as a [`LayerRecord`]: what reading the blob came
//! to. With both the layer need not be fetched nor read again. The [`Ledger`] says what is kept, since when it was not
//! used, and what has to go when room is short. Where the bytes lie is the page's business.
//!
//! Depends on `image`, `layer`, `opened`, `protocol`, `session` and `verify`; performs no I/O and knows no clock.

mod ledger;
mod record;

pub use ledger::{Kept, Kind, Ledger};
pub use record::{LayerRecord, RecordError};
