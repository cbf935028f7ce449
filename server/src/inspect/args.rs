//! Arguments of `lagvis inspect`.

use clap::Args;
use lagvis::image::Platform;

/// Arguments of `lagvis inspect`.
#[derive(Args, Clone, Debug)]
pub struct InspectArgs {
    /// Print the receipt: what was verified, as JSON
    #[arg(long)]
    pub json: bool,
    /// Print the merged tree, one JSON object a line
    #[arg(long)]
    pub files: bool,
    /// Print the bytes of this file of the merged image; a path as --files writes it, links in it are followed
    #[arg(long, value_name = "PATH", conflicts_with_all = ["json", "files"])]
    pub cat: Option<String>,
    /// Take the file as of this layer, counted from 0
    #[arg(long, value_name = "N", requires = "cat")]
    pub layer: Option<u32>,
    /// Image of an archive with several, by number (from 0), name or image ID
    #[arg(long, value_name = "N|NAME")]
    pub image: Option<String>,
    /// Platform, for example linux/arm64
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_parser = platform)]
    pub platform: Option<Platform>,
    /// Pull through this proxy instead of directly
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Reach the registry over plain http
    #[arg(long)]
    pub plain_http: bool,
    /// An archive, a folder with an OCI layout, a reference, or - for a pipe
    #[arg(value_name = "FILE|DIRECTORY|REFERENCE|-")]
    pub source: String,
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).map_err(|error| error.to_string())
}
