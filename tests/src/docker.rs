//! Real Docker on a socket and folders of its own: what it makes of an image is the truth that ours is held against.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{service::Service, tools, workdir::Workdir};

/// Programs that it needs.
pub const NEEDS: [&str; 3] = ["dockerd", "docker", "skopeo"];

/// What `docker export` adds by itself.
pub(crate) const ADDED: [&str; 12] = [
    ".dockerenv",
    "dev",
    "dev/console",
    "dev/pts",
    "dev/shm",
    "etc",
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/mtab",
    "proc",
    "sys",
];

/// A running dockerd.
pub struct Docker {
    _service: Service,
    folder: Workdir,
}

/// One entry of a tree, as far as tools must agree on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// file, dir, symlink, char, block, fifo; hard links count as files.
    pub kind: String,
    /// Bytes.
    pub size: u64,
    /// mode & 0o7777.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u64, u64),
    /// Seconds; folders left out, since a child's change sets them.
    pub mtime: Option<u64>,
    /// Target of a symbolic link.
    pub link: Option<String>,
}

/// A tree by path.
pub type Entries = BTreeMap<String, Entry>;

impl Docker {
    /// Starts dockerd, which needs root, with its storage in plain folders.
    pub fn start() -> Result<Self> {
        Self::start_with("vfs")
    }

    /// Starts dockerd with this storage driver.
    pub fn start_with(driver: &str) -> Result<Self> {
        Self::start_as(driver, &[])
    }

    /// The same with more arguments.
    pub fn start_as(driver: &str, arguments: &[&str]) -> Result<Self> {
        let folder = Workdir::new()?;
        let dockerd = tools::find("dockerd").context("dockerd")?;
        let path = |name: &str| folder.path().join(name);
        let mut command = Command::new(dockerd);
        command
            .args(["--iptables=false", "--bridge=none", "--storage-driver", driver, "--host"])
            .arg(format!("unix://{}", path("docker.sock").display()))
            .arg("--data-root")
            .arg(path("data"))
            .arg("--exec-root")
            .arg(path("exec"))
            .arg("--pidfile")
            .arg(path("docker.pid"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut service = Service::start(&mut command)?;
        let socket = path("docker.sock");
        service.wait_until(|| docker(&socket).arg("version").output().is_ok_and(|output| output.status.success()))?;
        Ok(Self { _service: service, folder })
    }

    fn docker(&self) -> Command {
        let mut command = docker(&self.folder.path().join("docker.sock"));
        // What is logged in at is this test's own.
        command.env("DOCKER_CONFIG", self.folder.path().join("config"));
        command
    }

    /// The value of `DOCKER_HOST` for programs that are to use it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("docker.sock").display())
    }

    /// Runs a docker command to its end; its output.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        Ok(String::from_utf8(tools::output(self.docker().args(arguments))?)?)
    }

    /// Loads a docker-archive.
    pub fn load(&self, archive: &Path) -> Result<()> {
        tools::output(self.docker().args(["load", "--quiet", "--input"]).arg(archive)).map(|_| ())
    }

    /// The tree of a container made of an image that was loaded.
    pub fn export(&self, image: &str) -> Result<Entries> {
        let mut entries = Entries::new();
        self.export_with(image, |tar| {
            entries = entries_of(tar)?;
            Ok(())
        })?;
        Ok(entries)
    }

    /// The tar of a container made of an image that was loaded.
    pub fn export_with(&self, image: &str, take: impl FnOnce(std::process::ChildStdout) -> Result<()>) -> Result<()> {
        let id = tools::output(self.docker().args(["create", image, "/none"]))?;
        let id = String::from_utf8(id)?.trim().to_owned();
        let mut child = self.docker().args(["export", &id]).stdout(Stdio::piped()).spawn()?;
        take(child.stdout.take().context("its output is piped")?)?;
        if !child.wait()?.success() {
            bail!("docker export failed");
        }
        Ok(())
    }
}

fn docker(socket: &Path) -> Command {
    let mut command = Command::new("docker");
    command.arg("--host").arg(format!("unix://{}", socket.display()));
    command
}

/// Reads a tar of a root file system.
pub fn entries_of(tar: impl std::io::Read) -> Result<Entries> {
    let mut entries = Entries::new();
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let header = entry.header().clone();
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_matches('/').to_owned();
        let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
        let kind = header.entry_type();
        let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
        let mut size = entry.size();
        if kind.is_hard_link() {
            // The size of the file that it names, which came before.
            let target = link.clone().unwrap_or_default();
            size = entries.get(target.trim_matches('/')).map_or(0, |entry| entry.size);
        }
        std::io::copy(&mut entry.by_ref(), &mut std::io::sink())?;
        let name = match kind {
            kind if kind.is_dir() => "dir",
            kind if kind.is_symlink() => "symlink",
            kind if kind.is_character_special() => "char",
            kind if kind.is_block_special() => "block",
            kind if kind.is_fifo() => "fifo",
            _ => "file",
        };
        let facts = Entry {
            kind: name.into(),
            size: if name == "file" { size } else { 0 },
            mode: header.mode()? & 0o7777,
            owner: (header.uid()?, header.gid()?),
            mtime: (name == "file").then(|| header.mtime()).transpose()?,
            link: link.filter(|_| kind.is_symlink()),
        };
        entries.insert(path, facts);
    }
    without_added(&mut entries);
    Ok(entries)
}

/// Contents of the files of a tar, hard links too.
pub fn contents_of(tar: impl std::io::Read) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for entry in tar::Archive::new(tar).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut content = Vec::new();
        match entry.header().entry_type() {
            kind if kind.is_hard_link() => {
                let target =
                    String::from_utf8_lossy(&entry.link_name_bytes().context("a link has a target")?).into_owned();
                content = contents.get(&target).cloned().unwrap_or_default();
            }
            kind if kind.is_file() => _ = entry.read_to_end(&mut content)?,
            _ => continue,
        }
        contents.insert(path, content);
    }
    contents.retain(|path, _| !ADDED.contains(&path.as_str()));
    Ok(contents)
}

/// Takes out what `docker export` adds by itself.
pub fn without_added(entries: &mut Entries) {
    entries.retain(|path, _| !path.is_empty() && !ADDED.contains(&path.as_str()));
}

/// The same of `lagvis inspect --files`.
pub fn entries_of_listing(listing: &[u8]) -> Result<Entries> {
    let mut entries = Entries::new();
    for line in listing.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let line: lagvis::tree::FileLine = serde_json::from_slice(line)?;
        let is_file = matches!(line.kind.as_str(), "file" | "hardlink");
        let entry = Entry {
            kind: if is_file { "file".into() } else { line.kind.clone() },
            size: line.size,
            // Links have no rights of their own: the kernel reports 0777, tars hold what they like.
            mode: if line.kind == "symlink" { 0o777 } else { line.mode },
            owner: (line.uid.into(), line.gid.into()),
            mtime: if is_file { u64::try_from(line.mtime).ok() } else { None },
            link: line.link.filter(|_| line.kind == "symlink"),
        };
        entries.insert(line.path, entry);
    }
    without_added(&mut entries);
    Ok(entries)
}
