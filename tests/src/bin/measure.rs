//! Opens one file on the page and prints: milliseconds to the complete tree, milliseconds to the last check, and MB of
//! peak memory of the tab's process above that of an empty tab. Used by `cargo xtask bench`.
//! `measure FILE pulled` pushes the OCI archive into a registry of its own and pulls it from there.

use std::{fs, io::Write as _, path::Path};

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
    let base = peak()?;
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
    let memory = peak()? - base;
    writeln!(std::io::stdout(), "{tree:.0} {verified:.0} {memory:.0}")?;
    page.close().await
}

/// Peak resident memory of the largest renderer process, in MB (VmHWM of proc(5)).
fn peak() -> Result<f64> {
    let mut largest: f64 = 0.0;
    for process in fs::read_dir("/proc")? {
        let folder = process?.path();
        let command = fs::read_to_string(folder.join("cmdline")).unwrap_or_default();
        if !command.contains("--type=renderer") {
            continue;
        }
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: f64 = peak.and_then(|p| p.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0.0);
        largest = largest.max(kilobytes / 1000.0);
    }
    Ok(largest)
}
