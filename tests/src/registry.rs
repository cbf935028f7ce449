//! Debian's docker-registry (distribution), with images pushed by skopeo.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::{
    service::{Service, free_port},
    tools,
    workdir::Workdir,
};

/// Programs that it needs.
pub const NEEDS: [&str; 2] = ["docker-registry", "skopeo"];

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
        let port = free_port()?;
        let auth = match htpasswd {
            Some(text) => {
                let path = folder.write("htpasswd", text)?;
                format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", path.display())
            }
            None => String::new(),
        };
        let data = folder.path().join("data");
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
        let target = format!("docker://{}/{name}", self.host);
        tools::output(Command::new("skopeo").args([
            "copy",
            "--all",
            "--quiet",
            "--preserve-digests",
            "--dest-tls-verify=false",
            archive,
            &target,
        ]))?;
        Ok(())
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
