//! Processes that run while a test does: waited for by what they say or answer, ended with their owner.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    net::{TcpListener, TcpStream},
    ops::Range,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::tools;

/// How long a service may take to come up on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running process.
pub struct Service(Child);

impl Service {
    /// Starts a process.
    pub fn start(command: &mut Command) -> Result<Self> {
        Ok(Self(command.spawn().with_context(|| format!("{command:?} does not start"))?))
    }

    /// The process's number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits until a port answers.
    pub fn wait_for_port(&mut self, port: u16) -> Result<()> {
        self.wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    /// Waits until something holds, as long as the process runs.
    pub fn wait_until(&mut self, mut holds: impl FnMut() -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            if let Some(status) = self.0.try_wait()? {
                bail!("the service ended: {status}");
            }
            if Instant::now() > end {
                bail!("the service did not come up within {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // A polite end first: dockerd cleans up behind itself.
        _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end && matches!(self.0.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// A port that nobody uses, and that no other caller of this process is given.
///
/// It lies below the ports that the kernel gives to connections: one of those could be taken by any connection before
/// the service listens, even by the one that asks whether it answers, which then answers itself.
pub fn free_port() -> Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    const PORTS: Range<u16> = 10_000..30_000;
    let count = u32::from(PORTS.end - PORTS.start);
    for _ in PORTS {
        let nth = std::process::id().wrapping_mul(64).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + u16::try_from(nth % count)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from {} to {} is free", PORTS.start, PORTS.end)
}

/// `lagvis serve` with the built site.
pub struct Lagvis {
    service: Service,
    /// Its address, with a slash at the end.
    pub url: String,
}

impl Lagvis {
    /// Serves on a free port, allowing these registries over plain http.
    pub fn serve(plain_http: &[String]) -> Result<Self> {
        Self::serve_site(&tools::site()?, plain_http)
    }

    /// The same with another site.
    pub fn serve_site(site: &Path, plain_http: &[String]) -> Result<Self> {
        let mut command = Command::new(tools::lagvis()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--site"]).arg(site);
        for host in plain_http {
            command.args(["--plain-http", host]);
        }
        Self::start(command)
    }

    /// The proxy alone, with these arguments.
    pub fn proxy(arguments: &[&str]) -> Result<Self> {
        Self::proxy_with(&[], arguments)
    }

    /// The same with variables of the environment.
    pub fn proxy_with(variables: &[(&str, &OsStr)], arguments: &[&str]) -> Result<Self> {
        // No ./dist there.
        let mut command = Command::new(tools::lagvis()?);
        command.envs(variables.iter().copied());
        command.current_dir(std::env::temp_dir()).env("LAGVIS_LISTEN", "127.0.0.1:0").arg("serve").args(arguments);
        Self::start(command)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.service.id()
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches('/')
    }

    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().context("lagvis does not start")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its output is piped")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("Lagvis is at ").with_context(|| format!("it said {line:?}"))?.to_owned();
        Ok(Self { service: Service(child), url })
    }
}
