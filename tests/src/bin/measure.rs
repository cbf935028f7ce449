//! Opens one file on the page and prints: milliseconds to the complete tree, milliseconds to the last check, and MB of
//! peak memory of the tab's process above that of an empty tab. Used by `cargo xtask bench`.
//! `measure FILE pulled` pushes the OCI archive into a registry of its own and pulls it from there.

use std::{io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use lagvis_tests::{browser::Page, registry::Registry, service::Lagvis};

/// Its name in the registry.
const NAME: &str = "demo/large:1";

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().context("a file to open")?;
    let registry = match arguments.next().as_deref() {
        Some("pulled") => Some(Registry::start(None)?),
        _ => None,
    };
    let hosts: Vec<String> = registry.iter().map(|registry| registry.host.clone()).collect();
    if let Some(registry) = &registry {
        registry.push(&format!("oci-archive:{file}"), NAME)?;
    }
    let lagvis = Lagvis::serve(&hosts)?;
    let page = Page::blank().await?;
    let base = page.peak_memory()?;
    page.go(&lagvis.url).await?;
    match hosts.first() {
        Some(host) => page.pull(&format!("{host}/{NAME}")).await?,
        None => page.choose(Path::new(&file)).await?,
    }
    let verdict = page.verdict().await?;
    anyhow::ensure!(verdict == "verified", "the verdict is {verdict}");
    let measure = |name: &str| format!("return performance.getEntriesByName('{name}').pop().duration");
    let tree = page.script(&measure("lagvis:tree")).await?.as_f64().context("lagvis:tree")?;
    let verified = page.script(&measure("lagvis:verified")).await?.as_f64().context("lagvis:verified")?;
    let memory = page.peak_memory()? - base;
    writeln!(std::io::stdout(), "{tree:.0} {verified:.0} {memory:.0}")?;
    page.close().await
}
