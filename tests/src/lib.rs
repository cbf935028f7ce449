//! What the tests share: the built command and site, a real registry, real Docker, a real browser.

pub mod answers;
pub mod axe;
pub mod browser;
pub mod catalogue;
pub mod containerd;
pub mod described;
pub mod docker;
pub mod exported;
pub mod gate;
pub mod held;
pub mod hostile;
pub mod http;
pub mod large;
pub mod link;
pub mod memory;
pub mod nginx;
pub mod opened;
pub mod pushed;
pub mod queries;
pub mod registry;
pub mod service;
pub mod token_server;
pub mod tools;
pub mod trace;
pub mod umoci;
pub mod workdir;
