//! The arguments of `lagvis serve`, each with its unit, its default and its variable of the environment.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use clap::{Args, ValueEnum};
use http::Uri;
use ipnet::IpNet;

use crate::{proxy::origin, units};

const EXAMPLES: &str = "\
Examples:
  lagvis serve --site dist
      The page and its proxy, for oneself, on http://127.0.0.1:8080/
  lagvis serve --plain-http 127.0.0.1:5000 --default-registry 127.0.0.1:5000
      The same, with a registry on this machine as the one that is meant when none is named
  lagvis serve --listen 127.0.0.1:8080 --trusted-proxy 127.0.0.1 --log info --log-format json
      Behind nginx on the same machine: clients are told apart by X-Forwarded-For
  lagvis serve --login-url https://pull.example.org --allow-registry registry.example.org
      Docker, podman and skopeo can log in, and pull private images through it

Every flag can be set by the variable beside it. Durations take ms, s, m or h; sizes B, KB, MB or GB (decimal).
docs/deploy.md has recipes for nginx, systemd and containers.";

/// Arguments of `lagvis serve`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    /// Address and port to listen at; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", env = "LAGVIS_LISTEN")]
    pub listen: SocketAddr,
    /// Folder with the built page; without it ./dist is served if it is there
    #[arg(long, env = "LAGVIS_SITE")]
    pub site: Option<PathBuf>,
    /// How long requests may go on after SIGTERM or Ctrl-C; no new ones are taken
    #[arg(long, value_name = "TIME", default_value = "30s", env = "LAGVIS_SHUTDOWN_GRACE", value_parser = units::duration)]
    pub shutdown_grace: Duration,

    /// Registry that is meant when a request names none
    #[arg(
        long,
        value_name = "HOST[:PORT]",
        default_value = "docker.io",
        env = "LAGVIS_DEFAULT_REGISTRY",
        help_heading = "Registries"
    )]
    pub default_registry: String,
    /// Another registry that may be reached over https, wherever it is; .HOST allows every public host below
    #[arg(
        long = "allow-registry",
        value_name = "HOST[:PORT]",
        env = "LAGVIS_ALLOW_REGISTRY",
        value_delimiter = ',',
        help_heading = "Registries"
    )]
    pub allow_registry: Vec<String>,
    /// A registry that is reached over plain http, wherever it is; allows it too
    #[arg(
        long = "plain-http",
        value_name = "HOST:PORT",
        env = "LAGVIS_PLAIN_HTTP",
        value_delimiter = ',',
        help_heading = "Registries"
    )]
    pub plain_http: Vec<String>,
    /// The host of a registry's token server, where it is not the registry's own; passwords go to no other
    #[arg(long = "token-server", value_name = "REGISTRY=HOST", env = "LAGVIS_TOKEN_SERVER", value_delimiter = ',', value_parser = token_server, help_heading = "Registries")]
    pub token_server: Vec<TokenServer>,

    /// Address range of proxies whose word is taken on whom they forward for, as 127.0.0.1 or 10.0.0.0/8
    #[arg(long = "trusted-proxy", value_name = "CIDR", env = "LAGVIS_TRUSTED_PROXY", value_delimiter = ',', value_parser = network, help_heading = "Clients")]
    pub trusted_proxy: Vec<IpNet>,
    /// The header in which trusted proxies give that word
    #[arg(long, value_enum, default_value_t = Forwarded::XForwardedFor, env = "LAGVIS_FORWARDED", help_heading = "Clients")]
    pub forwarded: Forwarded,
    /// Origin (scheme, host and port) of another site, whose pages may then ask for the registries named here; * is all.
    /// Pages of this proxy's own site and of servers on this machine always may, and all may ask for public registries.
    /// This proxy's own name belongs here, too, if it has a dot and no trusted proxy stands in front
    #[arg(long = "allow-origin", value_name = "ORIGIN", env = "LAGVIS_ALLOW_ORIGIN", value_delimiter = ',', value_parser = origin, help_heading = "Clients")]
    pub allow_origin: Vec<String>,
    /// Lets docker, podman and skopeo log in; the address at which they reach this proxy
    #[arg(long, value_name = "URL", env = "LAGVIS_LOGIN_URL", value_parser = login_url, help_heading = "Clients")]
    pub login_url: Option<String>,
    /// Takes passwords over plain http from other machines too, where anybody on the way can read them
    #[arg(long, env = "LAGVIS_HTTP_PASSWORDS", help_heading = "Clients")]
    pub http_passwords: bool,

    /// Requests a second of one client (an IPv4 address or an IPv6 /64) to the proxy, on average; 0 is without limit.
    /// This and the other limits of a client are not for those on this machine that forward for nobody
    #[arg(long, value_name = "NUMBER", default_value_t = 100, env = "LAGVIS_RATE", help_heading = "Limits")]
    pub rate: u32,
    /// Requests of one client that may come at once before the rate counts
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, env = "LAGVIS_BURST", help_heading = "Limits")]
    pub burst: u32,
    /// Requests of one client that are answered at the same time; 0 is without limit
    #[arg(long, value_name = "NUMBER", default_value_t = 64, env = "LAGVIS_CLIENT_REQUESTS", help_heading = "Limits")]
    pub client_requests: u32,
    /// Requests that are answered at the same time; 0 is without limit
    #[arg(long, value_name = "NUMBER", default_value_t = 1_024, env = "LAGVIS_REQUESTS", help_heading = "Limits")]
    pub requests: u32,
    /// Connections that are open at the same time; more wait to be accepted
    #[arg(long, value_name = "NUMBER", default_value_t = 2_048, env = "LAGVIS_CONNECTIONS", help_heading = "Limits", value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: u32,
    /// Connections of one client that are open at the same time, but for trusted proxies; 0 is without limit
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 256,
        env = "LAGVIS_CLIENT_CONNECTIONS",
        help_heading = "Limits"
    )]
    pub client_connections: u32,

    /// How long a request's headers may take, and a connection be kept without one
    #[arg(long, value_name = "TIME", default_value = "30s", env = "LAGVIS_HEADER_TIMEOUT", value_parser = units::duration, help_heading = "Patience")]
    pub header_timeout: Duration,
    /// How long a registry may take to be connected to
    #[arg(long, value_name = "TIME", default_value = "10s", env = "LAGVIS_CONNECT_TIMEOUT", value_parser = units::duration, help_heading = "Patience")]
    pub connect_timeout: Duration,
    /// How long a registry or a client may be waited for, in all, within any 16 KB of a body
    #[arg(long, value_name = "TIME", default_value = "30s", env = "LAGVIS_STALL_TIMEOUT", value_parser = units::duration, help_heading = "Patience")]
    pub stall_timeout: Duration,
    /// How long a manifest, a list or a token may take, with all redirects
    #[arg(long, value_name = "TIME", default_value = "60s", env = "LAGVIS_DOCUMENT_TIMEOUT", value_parser = units::duration, help_heading = "Patience")]
    pub document_timeout: Duration,

    /// Bytes of verified manifests that are kept in memory; 0 keeps none
    #[arg(long, value_name = "SIZE", default_value = "64MB", env = "LAGVIS_CACHE_BYTES", value_parser = units::bytes, help_heading = "Cache")]
    pub cache_bytes: u64,
    /// How long a manifest is kept before its registry is asked again whether it gives it
    #[arg(long, value_name = "TIME", default_value = "1h", env = "LAGVIS_CACHE_TIME", value_parser = units::duration, help_heading = "Cache")]
    pub cache_time: Duration,

    /// What to log: error, warn, info (a line for each request) or debug; also by module, as lagvis_server=debug
    #[arg(long, default_value = "warn", env = "LAGVIS_LOG", help_heading = "Log")]
    pub log: String,
    /// How to log, to stderr
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = "LAGVIS_LOG_FORMAT", help_heading = "Log")]
    pub log_format: LogFormat,
}

/// Where a registry's tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenServer {
    /// The registry, as requests name it.
    pub registry: String,
    /// The only host that may be its token server.
    pub host: String,
}

/// The header that tells whom a proxy forwards for. Only one is believed: a proxy that writes the one passes on what
/// a client says in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forwarded {
    /// X-Forwarded-For and X-Forwarded-Proto, as nginx, Apache and most others have them.
    XForwardedFor,
    /// Forwarded (RFC 7239).
    Forwarded,
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn token_server(text: &str) -> Result<TokenServer, String> {
    let (registry, host) = text.split_once('=').ok_or("REGISTRY=HOST is wanted")?;
    Ok(TokenServer { registry: registry.trim().to_ascii_lowercase(), host: host.trim().to_ascii_lowercase() })
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.trim().parse::<IpAddr>().map(IpNet::from);
    text.trim().parse().or_else(|_| address()).map_err(|_| "an address or a range as 10.0.0.0/8 is wanted".to_owned())
}

/// A base address without a slash at its end.
fn login_url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none();
    // It is quoted in a header.
    let is_plain = !text.contains(['"', '\\', '@']);
    if is_web && is_plain {
        Ok(text.to_owned())
    } else {
        Err("an address as https://pull.example.org is wanted".to_owned())
    }
}

#[cfg(test)]
impl ServeArgs {
    /// The arguments as the command line would give them.
    pub(crate) fn of(arguments: &[&str]) -> Self {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            args: ServeArgs,
        }
        let words = ["lagvis"].into_iter().chain(arguments.iter().copied());
        <Only as clap::Parser>::parse_from(words).args
    }
}
