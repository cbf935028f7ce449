//! The sample image on a real registry, with Lagvis serving it: where most tests of a pull begin.

use std::path::PathBuf;

use anyhow::Result;
use lagvis_fixtures::{Packing, sample};

use crate::{registry::Registry, service::Lagvis, workdir::Workdir};

/// The sample, pushed as `demo/app:1`.
pub struct Pushed {
    /// Where `file` lies.
    pub folder: Workdir,
    /// The OCI archive that was pushed, gzip.
    pub file: PathBuf,
    /// The registry.
    pub registry: Registry,
    /// The command as a server that may ask this registry.
    pub lagvis: Lagvis,
    /// Its reference.
    pub reference: String,
}

impl Pushed {
    /// Starts the registry, pushes the sample, and serves the page.
    pub fn start() -> Result<Self> {
        let folder = Workdir::new()?;
        let file = folder.write("sample.tar", sample().oci_archive(Packing::Gzip)?)?;
        let registry = Registry::start(None)?;
        registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1")?;
        let lagvis = Lagvis::serve(std::slice::from_ref(&registry.host))?;
        let reference = format!("{}/demo/app:1", registry.host);
        Ok(Self { folder, file, registry, lagvis, reference })
    }
}
