//! What the registry tells of an image and its repository: tags, platforms, referrers, what any digest names, and what
//! became of the image's tag. Links and state are the address's; requests are told by [`state::needs`].

mod compare;
mod image;
mod item;
mod moved;
mod names;
mod page;
mod place;
mod state;
mod tab;
mod tags;

pub use item::link_of;
pub use moved::Moved;
pub use page::Browse;
pub use state::{Repository, needs};
pub use tab::Registry;
