//! A repository as its registry tells of it: tags, referrers, where a tag leads now; and what a digest names in it.
//!
//! Each is a state machine without I/O, like the pull: `poll` says which request it needs, `provide` takes the response.
//! Tags and referrers are the registry's word. What is read by digest is checked first.

mod content;
mod item;
mod next_page;
mod referrers;
mod tag_now;
mod tag_order;
mod tags;
#[cfg(test)]
mod tests;
mod words;

pub use content::item_of;
pub use item::ReadItem;
pub use referrers::{FindReferrers, fallback_tag};
pub use tag_now::FollowTag;
pub use tag_order::{is_digest_tag, sort_tags};
pub use tags::Tags;
pub use words::kind_of_artifact;
