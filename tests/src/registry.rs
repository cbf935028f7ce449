//! Debian's docker-registry (distribution), with images pushed by skopeo.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};
use lagvis::image::Digest;

use crate::{
    http,
    service::{Service, free_port},
    token_server::{PERSON, TokenServer},
    tools,
    workdir::Workdir,
};

/// Programs that it needs.
pub const NEEDS: [&str; 2] = ["docker-registry", "skopeo"];

/// A password file that lets the person of [`PERSON`] in, and nobody else.
pub const PERSON_ONLY: &str = "anna:$2y$05$DM6s8JJo7VDQMlhkIRycheqPe4TGISBQhvOskAQTu1PykdDhc2Mv2\n";

/// What a page needs to see of a registry's headers.
pub const EXPOSED: &str = "Docker-Content-Digest, WWW-Authenticate, Content-Range, Content-Length, Retry-After";

/// Where its access log goes.
const LOG: &str = "access.log";

/// A request that a registry answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Status.
    pub status: u16,
    /// Bytes of the body.
    pub bytes: u64,
}

/// A running registry.
pub struct Registry {
    _service: Service,
    folder: Workdir,
    /// Host and port.
    pub host: String,
}

impl Registry {
    /// Starts an empty registry; with a password file where access is to be refused.
    pub fn start(htpasswd: Option<&str>) -> Result<Self> {
        let folder = Workdir::new()?;
        let auth = match htpasswd {
            Some(text) => password(&folder, text)?,
            None => String::new(),
        };
        Self::start_in(folder, &auth)
    }

    /// Starts an empty registry that pages may read: its own headers say so.
    pub fn start_for_pages() -> Result<Self> {
        // Below `http`, where the configuration ends.
        let allow: [(&str, &str); 4] = [
            ("Allow-Origin", "*"),
            ("Allow-Methods", "GET, HEAD, OPTIONS"),
            ("Allow-Headers", "Authorization, Accept, Range"),
            ("Expose-Headers", EXPOSED),
        ];
        let headers = allow.map(|(name, value)| format!("    Access-Control-{name}: ['{value}']\n")).concat();
        Self::start_in(Workdir::new()?, &format!("  headers:\n{headers}"))
    }

    /// Starts an empty registry that takes the tokens of a token server.
    pub fn start_with_tokens(server: &TokenServer) -> Result<Self> {
        Self::start_in(Workdir::new()?, &server.configuration())
    }

    /// Another registry with the same images, which lets in nobody but the person of [`PERSON`], by password.
    pub fn beside_with_password(&self) -> Result<Self> {
        let folder = Workdir::new()?;
        let auth = password(&folder, PERSON_ONLY)?;
        Self::start_on(folder, &self.folder.path().join("data"), &auth)
    }

    /// The same, which takes the tokens of a token server.
    pub fn beside_with_tokens(&self, server: &TokenServer) -> Result<Self> {
        Self::start_on(Workdir::new()?, &self.folder.path().join("data"), &server.configuration())
    }

    fn start_in(folder: Workdir, auth: &str) -> Result<Self> {
        let data = folder.path().join("data");
        Self::start_on(folder, &data, auth)
    }

    fn start_on(folder: Workdir, data: &Path, auth: &str) -> Result<Self> {
        let port = free_port()?;
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n{auth}",
            data.display()
        );
        let config = folder.write("config.yml", config)?;
        let program = tools::find("docker-registry").unwrap_or_else(|| "docker-registry".into());
        let log = fs::File::create(folder.path().join(LOG))?;
        let mut service =
            Service::start(Command::new(program).arg("serve").arg(config).stdout(log).stderr(Stdio::null()))?;
        service.wait_for_port(port)?;
        Ok(Self { _service: service, folder, host: format!("127.0.0.1:{port}") })
    }

    /// Pushes an archive (`oci-archive:…` or `docker-archive:…`) under a name; every image of an index.
    pub fn push(&self, archive: &str, name: &str) -> Result<()> {
        self.push_by(&[], archive, name)
    }

    /// The same, by the person of [`PERSON`].
    pub fn push_as_person(&self, archive: &str, name: &str) -> Result<()> {
        self.push_by(&["--dest-creds", &format!("{}:{}", PERSON.0, PERSON.1)], archive, name)
    }

    fn push_by(&self, who: &[&str], archive: &str, name: &str) -> Result<()> {
        let target = format!("docker://{}/{name}", self.host);
        let mut command = Command::new("skopeo");
        command.args(["copy", "--all", "--quiet", "--preserve-digests", "--dest-tls-verify=false"]);
        tools::output(command.args(who).args([archive, &target]))?;
        Ok(())
    }

    /// Puts a blob into a repository; its digest.
    pub fn put_blob(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let digest = Digest::of(bytes).to_string();
        let begun = http::send("POST", &format!("http://{}/v2/{name}/blobs/uploads/", self.host), &[], b"")?;
        let target = begun.header("location").to_owned();
        let target = if target.starts_with('/') { format!("http://{}{target}", self.host) } else { target };
        let mark = if target.contains('?') { '&' } else { '?' };
        let kind = [("content-type", "application/octet-stream")];
        let done = http::send("PUT", &format!("{target}{mark}digest={digest}"), &kind, bytes)?;
        ensure!(done.status == 201, "the registry took no blob: {}", done.text());
        Ok(digest)
    }

    /// Puts a manifest under a tag; its digest.
    pub fn put_manifest(&self, name: &str, tag: &str, kind: &str, bytes: &[u8]) -> Result<String> {
        let url = format!("http://{}/v2/{name}/manifests/{tag}", self.host);
        let done = http::send("PUT", &url, &[("content-type", kind)], bytes)?;
        ensure!(done.status == 201, "the registry took no manifest: {}", done.text());
        Ok(Digest::of(bytes).to_string())
    }

    /// The requests that it answered so far, in order: its own access log.
    pub fn answered(&self) -> Result<Vec<Answered>> {
        let log = fs::read_to_string(self.folder.path().join(LOG))?;
        Ok(log.lines().filter_map(answered).collect())
    }

    /// The file that holds a blob, to be altered.
    pub fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        let short = hex.get(..2).unwrap_or_default();
        let below = Path::new("data/docker/registry/v2/blobs/sha256").join(short).join(hex).join("data");
        self.folder.path().join(below)
    }

    /// Flips a bit in the middle of a blob on the registry's disk. A manifest stays readable: only a digit changes.
    pub fn alter(&self, digest: &str) -> Result<()> {
        let path = self.blob(digest);
        let mut bytes = fs::read(&path)?;
        let middle = bytes.len() / 2;
        let at = bytes.iter().skip(middle).position(u8::is_ascii_digit).map_or(middle, |offset| middle + offset);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        fs::write(path, bytes)?;
        Ok(())
    }
}

/// The configuration for a password file.
fn password(folder: &Workdir, text: &str) -> Result<String> {
    let path = folder.write("htpasswd", text)?;
    Ok(format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", path.display()))
}

/// A line of the combined log format: `host - - [time] "GET /v2/ HTTP/1.1" 200 2 "" "agent"`.
fn answered(line: &str) -> Option<Answered> {
    let mut parts = line.split('"').skip(1);
    let (request, result) = (parts.next()?, parts.next()?);
    let (mut request, mut result) = (request.split(' '), result.split_whitespace());
    Some(Answered {
        method: request.next()?.to_owned(),
        path: request.next()?.to_owned(),
        status: result.next()?.parse().ok()?,
        bytes: result.next()?.parse().ok()?,
    })
}
