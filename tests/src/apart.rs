//! A network apart, for one thread and what it starts: a registry at a public address, and behind it what registries like
//! to send others to: this machine, a cloud's metadata service, hosts of the network within. Whoever connects is counted.

use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context as _, Result};

use crate::{nginx::Nginx, tools, workdir::Workdir};

/// Programs that it needs, beside the rights of root.
pub const NEEDS: [&str; 4] = ["ip", "mount", "nginx", "openssl"];

/// A registry that everybody knows, here at an address of this test: public, and nobody's in this network.
pub const REGISTRY: &str = "ghcr.io";
/// Where it may send for blobs.
pub const CDN: &str = "cdn.example";

const PUBLIC: [(&str, &str); 2] = [("11.0.0.1", REGISTRY), ("11.0.0.2", CDN)];
/// Addresses that nobody is to be sent to, each with a name that resolves to it.
pub const FORBIDDEN: [(&str, &str); 6] = [
    ("169.254.169.254", "metadata.example"),
    ("10.0.0.1", "ten.example"),
    ("192.168.0.1", "home.example"),
    ("fd00:ec2::254", "six.example"),
    ("127.0.0.1", "here.example"),
    ("::1", "here6.example"),
];
const PORTS: [u16; 2] = [80, 443];

/// The network.
pub struct Apart {
    folder: Workdir,
    connections: Arc<AtomicUsize>,
}

/// Whether this process may make one. Else the test is to end as skipped.
pub fn can() -> Result<bool> {
    if !tools::have(&NEEDS)? {
        return Ok(false);
    }
    if TcpListener::bind("[::1]:0").is_err() {
        return tools::skip("IPv6");
    }
    match thread::spawn(unshare).join() {
        Ok(Ok(())) => Ok(true),
        _ => tools::skip("the rights to make a network namespace"),
    }
}

fn unshare() -> Result<()> {
    use nix::sched::{CloneFlags, unshare};
    Ok(unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS)?)
}

/// Runs a test in a network of its own.
pub fn run(test: impl FnOnce(&Apart) + Send + 'static) {
    let ran = thread::spawn(move || test(&Apart::enter().unwrap())).join();
    if let Err(panic) = ran {
        std::panic::resume_unwind(panic);
    }
}

impl Apart {
    fn enter() -> Result<Self> {
        unshare()?;
        let folder = Workdir::new()?;
        let names = PUBLIC.iter().chain(&FORBIDDEN).map(|(address, name)| format!("{address} {name}\n"));
        // A name with two addresses, of which one is within.
        let two = format!("{} two.example\n{} two.example\n", PUBLIC[1].0, FORBIDDEN[0].0);
        let hosts = folder.write("hosts", format!("127.0.0.1 localhost\n{}{two}", names.collect::<String>()))?;
        let run = |line: &str| tools::output(Command::new("sh").args(["-c", line]));
        run("mount --make-rprivate / && ip link set lo up")?;
        run(&format!("mount --bind {} /etc/hosts", hosts.display()))?;
        for (address, _) in PUBLIC.iter().chain(&FORBIDDEN).filter(|(address, _)| !is_loopback(address)) {
            run(&format!("ip addr add {address}/{} dev lo nodad", if address.contains(':') { 128 } else { 32 }))
                .or_else(|_| run(&format!("ip addr add {address}/32 dev lo")))?;
        }
        let connections = Arc::new(AtomicUsize::new(0));
        for (address, _) in FORBIDDEN {
            for port in PORTS {
                let listener = TcpListener::bind(SocketAddr::new(address.parse::<IpAddr>()?, port))?;
                let count = connections.clone();
                thread::spawn(move || listener.incoming().for_each(|_| _ = count.fetch_add(1, Ordering::SeqCst)));
            }
        }
        Ok(Self { folder, connections })
    }

    /// Connections that were made to forbidden addresses.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Connects to each of them: whoever goes there is counted.
    pub fn connect_to_all(&self) -> Result<usize> {
        for (_, name) in FORBIDDEN {
            for port in PORTS {
                TcpStream::connect((name, port)).with_context(|| format!("{name}:{port}"))?;
            }
        }
        Ok(FORBIDDEN.len() * PORTS.len())
    }

    /// The certificate of the registry, for `SSL_CERT_FILE`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// nginx as the public registry, over https, before something that listens in plain.
    pub fn publish(&self, plain: &str) -> Result<Nginx> {
        let (key, certificate) = (self.folder.path().join("key.pem"), self.certificate());
        if !fs::exists(&key)? {
            let names = format!("subjectAltName=DNS:{REGISTRY},DNS:{CDN},DNS:two.example");
            tools::output(
                Command::new("openssl")
                    .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
                    .args(["-subj", "/CN=apart", "-days", "2", "-addext", &names])
                    .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
                    .arg(&key)
                    .arg("-out")
                    .arg(&certificate),
            )?;
        }
        let listen: String = PUBLIC.iter().map(|(address, _)| format!("listen {address}:443 ssl;\n")).collect();
        let (key, certificate) = (key.display(), certificate.display());
        let server = format!(
            "server {{\n{listen}ssl_certificate {certificate};\nssl_certificate_key {key};\n\
             location / {{ proxy_pass http://{plain}; proxy_redirect off; }}\n}}"
        );
        Nginx::start(&server, "")
    }
}

fn is_loopback(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
