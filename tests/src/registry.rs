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
        let mut service =
            Service::start(Command::new(program).arg("serve").arg(config).stdout(Stdio::null()).stderr(Stdio::null()))?;
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
