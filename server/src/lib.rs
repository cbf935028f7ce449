//! The `lagvis` command. `serve` is the static site and the registry proxy, `inspect` the engine on the command line.

mod address;
pub mod cli;
pub mod inspect;
mod pace;
pub mod proxy;
pub mod serve;
mod site;
mod units;
