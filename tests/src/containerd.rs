//! Real containerd on a socket and folders of its own.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::{service::Service, tools, workdir::Workdir};

/// Programs that it needs.
pub const NEEDS: [&str; 2] = ["containerd", "ctr"];

/// A running containerd.
pub struct Containerd {
    _service: Service,
    folder: Workdir,
}

impl Containerd {
    /// Starts containerd, which needs root.
    pub fn start() -> Result<Self> {
        let folder = Workdir::new()?;
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "version = 2\nroot = {:?}\nstate = {:?}\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\naddress = {:?}\n",
            path("root"),
            path("state"),
            path("containerd.sock")
        );
        let config = folder.write("config.toml", config)?;
        let program = tools::find("containerd").context("containerd")?;
        let mut service = Service::start(
            Command::new(program).arg("--config").arg(config).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        let address = path("containerd.sock");
        service.wait_until(|| {
            let mut version = Command::new("ctr");
            version.arg("version").env("CONTAINERD_ADDRESS", &address).output().is_ok_and(|o| o.status.success())
        })?;
        Ok(Self { _service: service, folder })
    }

    /// The value of `CONTAINERD_ADDRESS` for programs that are to use it.
    pub fn address(&self) -> String {
        self.folder.path().join("containerd.sock").display().to_string()
    }

    /// Runs a ctr command to its end; its output.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut ctr = Command::new("ctr");
        let output = tools::output(ctr.args(arguments).env("CONTAINERD_ADDRESS", self.address()))?;
        Ok(String::from_utf8(output)?)
    }
}
