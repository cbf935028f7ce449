//! Arguments of `lagvis inspect`.

use clap::Args;
use lagvis::{
    image::Platform,
    limits::{self, LayerLimits},
};

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
    /// Write the merged root file system into this tar, beside whatever else is printed
    #[arg(long, value_name = "FILE.tar", conflicts_with = "cat")]
    pub export: Option<std::path::PathBuf>,
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
    /// Log in to the registry as this user
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub user: Option<String>,
    /// Read the password, or an access token, from standard input
    #[arg(long, requires = "user")]
    pub password_stdin: bool,
    /// Seconds without a byte after which a request is sent again
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub patience: u32,
    #[command(flatten)]
    pub limits: LimitArgs,
    /// An archive, a folder with an OCI layout, a reference, or - for a pipe
    #[arg(value_name = "FILE|DIRECTORY|REFERENCE|-")]
    pub source: String,
}

/// Caps of one layer, to be raised for images beyond the usual.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Limits of one layer")]
pub struct LimitArgs {
    /// Bytes once unpacked
    #[arg(long, value_name = "BYTES", default_value_t = limits::LAYER_BYTES)]
    pub max_layer_bytes: u64,
    /// Unpacked bytes for each packed byte, beyond the first 64 MiB
    #[arg(long, value_name = "RATIO", default_value_t = limits::EXPANSION_RATIO)]
    pub max_expansion: u64,
    /// Entries
    #[arg(long, value_name = "COUNT", default_value_t = limits::LAYER_ENTRIES)]
    pub max_entries: u32,
    /// Bytes of one path or link target
    #[arg(long, value_name = "BYTES", default_value_t = limits::PATH_BYTES)]
    pub max_path_bytes: usize,
    /// Folders of one path
    #[arg(long, value_name = "COUNT", default_value_t = limits::PATH_DEPTH)]
    pub max_path_depth: usize,
    /// Bytes of one pax header or long name
    #[arg(long, value_name = "BYTES", default_value_t = limits::PAX_BYTES)]
    pub max_header_bytes: u64,
}

impl From<LimitArgs> for LayerLimits {
    fn from(args: LimitArgs) -> Self {
        Self {
            bytes: args.max_layer_bytes,
            expansion_ratio: args.max_expansion,
            entries: args.max_entries,
            path_bytes: args.max_path_bytes,
            path_depth: args.max_path_depth,
            pax_bytes: args.max_header_bytes,
        }
    }
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).map_err(|error| error.to_string())
}
