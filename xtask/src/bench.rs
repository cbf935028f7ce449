//! `cargo xtask bench`: Lagvis in Chromium and on the command line against dive, on the same files in the same run.
//!
//! The page is driven by a test of `lagvis-tests` that prints its figures; peers are timed here. Medians and ratios
//! are printed, beside the budgets of the design. Then come the tree's queries on a million entries, natively and on the
//! page, and the proxy against nginx.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use lagvis_fixtures::Extreme;

use crate::{debian, dive, fixtures, shell, site};

#[derive(clap::Args)]
pub struct Arguments {
    /// An archive to open instead of the large image
    #[arg(long)]
    image: Option<PathBuf>,
    /// Runs of each; the median counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Only the queries of a million entries, and scrolling through them
    #[arg(long)]
    entries: bool,
    /// Only the proxy against nginx
    #[arg(long)]
    proxy: bool,
}

/// What one opening in Chromium took: milliseconds to the tree and to the last check, MB above an empty tab.
struct Browser {
    tree: f64,
    verified: f64,
    memory: f64,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let lagvis = site::build_server("server")?;
    if arguments.proxy {
        return proxy(&lagvis);
    }
    let site = site::build()?;
    if arguments.entries {
        return queries(&lagvis, &site);
    }
    println!("first load, brotli: {} KB (budget 400, aim 300)", site::first_load()? / 1000);
    let files = match &arguments.image {
        Some(file) => vec![file.clone()],
        None => {
            let large = fixtures::large(false)?;
            vec![large.oci, large.docker]
        }
    };
    for file in files {
        measure(&file, arguments.runs, &lagvis, &site)?;
    }
    if arguments.image.is_none() {
        waste()?;
    }
    queries(&lagvis, &site)?;
    proxy(&lagvis)
}

/// The waste of the large image, which must be what other means find.
fn waste() -> Result<()> {
    println!("\nwaste of the large image, by the engine and by other means");
    shell::run(&mut fixtures::large_test(&fixtures::large_files()?.oci))
}

/// The proxy against nginx, before the same registry.
fn proxy(lagvis: &Path) -> Result<()> {
    debian::install(&[("nginx", "nginx"), ("docker-registry", "docker-registry")], "the proxy is not measured");
    println!("\nproxy, 100 MB blobs (budget 0.9 x nginx, memory flat under 100)");
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "lagvis-tests", "--bin", "proxy_bench"]);
    shell::run(command.env("LAGVIS_BIN", lagvis))
}

/// Queries of the tree, built as the page's worker is, and those of the page's worker itself.
fn queries(lagvis: &Path, site: &Path) -> Result<()> {
    let program = |name: &str| {
        let mut command = shell::cargo();
        command.args(["run", "--quiet", "--release", "--package", "lagvis-tests", "--bin", name, "--"]);
        command
    };
    println!("\nqueries of the tree, natively (budget 100 ms, aim 30 ms)");
    shell::run(&mut program("queries"))?;
    println!("\nqueries of the page's worker, in Chromium (budget 100 ms, aim 30 ms)");
    let image = fixtures::extreme(Extreme::Entries)?;
    shell::run(program("page_queries").arg(image).env("LAGVIS_BIN", lagvis).env("LAGVIS_SITE", site))
}

fn measure(file: &Path, runs: usize, lagvis: &Path, site: &Path) -> Result<()> {
    println!("\n{} ({} MB), median of {runs} alternating runs", file.display(), file.metadata()?.len() / 1_000_000);
    let program = dive::install().inspect_err(|error| eprintln!("==> no dive: {error}")).ok();
    let (mut dive, mut inspect, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        if let Some(program) = &program {
            let mut command = shell::command(program);
            command.args(["--source", "docker-archive"]).arg(file).env("CI", "true");
            dive.push(time(&mut command)?);
        }
        inspect.push(time(shell::command(lagvis).args(["inspect", "--json"]).arg(file))?);
        pages.push(page(file, lagvis, site)?);
    }
    let peer = median(dive);
    let row = |name: &str, ms: f64| match peer {
        Some(peer) => println!("{name:<34} {ms:>8.0} ms   {:>5.2} x dive", ms / peer),
        None => println!("{name:<34} {ms:>8.0} ms   (dive is not here)"),
    };
    if let Some(peer) = peer {
        row("dive", peer);
    }
    row("lagvis inspect, all hashes", median(inspect).unwrap_or_default());
    row("page: complete tree", median(pages.iter().map(|p| p.tree).collect()).unwrap_or_default());
    row("page: all verified", median(pages.iter().map(|p| p.verified).collect()).unwrap_or_default());
    let memory = median(pages.iter().map(|p| p.memory).collect()).unwrap_or_default();
    println!("{:<34} {memory:>8.0} MB   above an empty tab (budget 200 + 120 bytes an entry)", "page: peak memory");
    Ok(())
}

/// Wall time in milliseconds; what dive says of efficiency is no failure.
fn time(command: &mut Command) -> Result<f64> {
    let begin = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.with_context(|| format!("{} does not start", shell::line(command)))?;
    Ok(begin.elapsed().as_secs_f64() * 1000.0)
}

fn page(file: &Path, lagvis: &Path, site: &Path) -> Result<Browser> {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "lagvis-tests", "--bin", "measure", "--"]).arg(file);
    let output = command.env("LAGVIS_BIN", lagvis).env("LAGVIS_SITE", site).output()?;
    if !output.status.success() {
        bail!("the page was not measured: {}", String::from_utf8_lossy(&output.stderr));
    }
    let line = String::from_utf8(output.stdout)?;
    let mut numbers = line.split_whitespace().filter_map(|number| number.parse().ok());
    let mut next = || numbers.next().with_context(|| format!("the measurement said {line:?}"));
    Ok(Browser { tree: next()?, verified: next()?, memory: next()? })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    values.get(middle).copied()
}
