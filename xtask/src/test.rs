//! `cargo xtask test`: everything that CI runs, a headline a step, a summary at the end.

use std::{env, path::Path, process::Command, time::Instant};

use anyhow::{Result, bail};

use crate::{axe, debian, dive, engine_tests, fixtures, shell, site, tools};

/// Programs of the tests with the Debian packages that they come in.
const PACKAGES: [(&str, &str); 24] = [
    ("c++", "g++"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("docker-registry", "docker-registry"),
    ("skopeo", "skopeo"),
    ("umoci", "umoci"),
    ("buildah", "buildah"),
    ("podman", "podman"),
    ("openssl", "openssl"),
    ("nginx", "nginx"),
    (BROTLI, "libnginx-mod-http-brotli-static"),
    (CERTIFICATES, "ca-certificates"),
    ("systemd-analyze", "systemd"),
    ("bsdtar", "libarchive-tools"),
    ("dockerd", "docker.io"),
    ("docker", "docker.io"),
    ("ctr", "containerd"),
    ("pigz", "pigz"),
    ("zstd", "zstd"),
    ("zip", "zip"),
    ("python3", "python3"),
    ("readelf", "binutils"),
    ("curl", "curl"),
    ("ip", "iproute2"),
];

/// Packages of the engine and the programs; the page is built for wasm32.
const NATIVE: [&str; 4] = ["lagvis", "lagvis-server", "lagvis-fixtures", "xtask"];

/// No programs: found by their whole path.
const BROTLI: &str = "/usr/share/nginx/modules/ngx_http_brotli_static_module.so";
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

struct Run {
    is_ci: bool,
    done: Vec<(String, Outcome)>,
}

enum Outcome {
    Passed,
    Failed,
    Skipped(String),
}

pub fn run() -> Result<()> {
    let mut run = Run { is_ci: env::var("CI").is_ok_and(|ci| ci == "true"), done: Vec::new() };
    let tools = tools::install()?;
    debian::install(&PACKAGES, "some tests will be skipped; to run them");
    run.step("formatting", shell::cargo().args(["fmt", "--all", "--check"]));
    run.step("clippy, native", clippy().args(["--workspace", "--exclude", "lagvis-web", "--all-targets"]).args(DENY));
    run.step("clippy, wasm32", clippy().args(["--package", "lagvis-web", "--target", tools::TARGET]).args(DENY));
    run.fuzz_targets();
    let mut engine = shell::cargo();
    engine.args(["test", "--no-fail-fast"]).args(NATIVE.iter().flat_map(|name| ["--package", name]));
    run.step("engine, server, generator", &mut engine);
    run.step("the page's logic", shell::cargo().args(["test", "--package", "lagvis-web", "--lib"]));
    let site = site::build_with(&tools)?;
    let lagvis = site::build_server("server")?;
    run.attempt("engine on wasm32", || engine_on_wasm32(&lagvis));
    let mut whole = shell::cargo();
    whole.args(["test", "--package", "lagvis-tests", "--no-fail-fast", "--", "--test-threads=2", "--nocapture"]);
    // Steps of their own.
    whole.args(["--skip", ON_WASM32, "--skip", fixtures::LARGE_TEST]);
    whole.env("LAGVIS_BIN", lagvis).env("LAGVIS_SITE", site);
    match axe::install() {
        Ok(script) => _ = whole.env("LAGVIS_AXE", script),
        Err(error) => eprintln!("==> no axe-core: {error}"),
    }
    match dive::path() {
        Ok(path) => _ = whole.env("PATH", path),
        Err(error) => eprintln!("==> no dive: {error}"),
    }
    run.step("command, layers, registry, Docker, browser, deploying, architecture", &mut whole);
    run.large_image();
    let mut docs = shell::cargo();
    docs.args(["doc", "--no-deps", "--lib", "--package", "lagvis", "--package", "lagvis-server"])
        .env("RUSTDOCFLAGS", "-D warnings");
    run.step("documentation", &mut docs);
    run.advisories();
    run.summary()
}

/// The test of `tests/wasm`.
const ON_WASM32: &str = "the_engine_holds_on_wasm32";

/// The engine's own tests once more, on the target that the page is built for.
fn engine_on_wasm32(lagvis: &Path) -> Result<()> {
    let built = engine_tests::build(&NATIVE)?;
    let mut command = shell::cargo();
    command.args(["test", "--package", "lagvis-tests", "--test", "wasm", "--", "--nocapture"]);
    command.env("LAGVIS_BIN", lagvis).env("LAGVIS_WASM_TESTS", built.wasm).env("LAGVIS_NATIVE_TESTS", built.native);
    shell::run(&mut command)
}

const DENY: [&str; 3] = ["--", "-D", "warnings"];

fn clippy() -> Command {
    let mut command = shell::cargo();
    command.arg("clippy");
    command
}

impl Run {
    fn step(&mut self, name: &str, command: &mut Command) {
        self.attempt(name, || shell::run(command));
    }

    fn attempt(&mut self, name: &str, work: impl FnOnce() -> Result<()>) {
        eprintln!("\n==> {name}");
        let begin = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                eprintln!("{error}");
                Outcome::Failed
            }
        };
        self.done.push((format!("{name} ({} s)", begin.elapsed().as_secs()), outcome));
    }

    /// The fuzz targets are a workspace of their own, so nothing else would tell that they no longer build.
    fn fuzz_targets(&mut self) {
        let name = "clippy, fuzz targets";
        if shell::find("c++").is_none() {
            self.done.push((name.to_owned(), Outcome::Skipped("a C++ compiler, for libFuzzer".to_owned())));
            return;
        }
        self.step(name, clippy().args(["--manifest-path", "fuzz/Cargo.toml"]).args(DENY));
    }

    /// The large image takes minutes and gigabytes to build: it is held against other means where it is there.
    fn large_image(&mut self) {
        let name = "waste of the large image";
        match fixtures::large_files().ok().filter(|large| large.oci.is_file()) {
            Some(large) => self.step(name, &mut fixtures::large_test(&large.oci)),
            None => {
                let why =
                    "the large image (cargo xtask fixtures --large); a generated gigabyte was measured".to_owned();
                self.done.push((name.to_owned(), Outcome::Skipped(why)));
            }
        }
    }

    /// Advisories need cargo-deny and its database, which is fetched from the network.
    fn advisories(&mut self) {
        let name = "advisories";
        if shell::find("cargo-deny").is_none() {
            let why = "cargo-deny; licences were checked by the architecture tests".to_owned();
            self.done.push((name.to_owned(), Outcome::Skipped(why)));
            return;
        }
        if shell::cargo().args(["deny", "fetch", "db"]).status().is_ok_and(|status| status.success()) {
            self.step(name, shell::cargo().args(["deny", "check", "advisories", "bans", "sources"]));
        } else {
            let why = "the advisory database, which is not reachable from here".to_owned();
            self.done.push((name.to_owned(), Outcome::Skipped(why)));
        }
    }

    fn summary(&self) -> Result<()> {
        eprintln!("\n==> summary");
        let (mut failed, mut skipped) = (0, 0);
        for (name, outcome) in &self.done {
            match outcome {
                Outcome::Passed => eprintln!("passed   {name}"),
                Outcome::Failed => {
                    failed += 1;
                    eprintln!("FAILED   {name}");
                }
                Outcome::Skipped(needs) => {
                    skipped += 1;
                    eprintln!("skipped  {name}: needs {needs}");
                }
            }
        }
        let ci = if self.is_ci { ", CI: a test whose tool is missing fails" } else { "" };
        println!("{} steps, {failed} failed, {skipped} skipped{ci}", self.done.len());
        if failed > 0 {
            bail!("{failed} steps failed");
        }
        Ok(())
    }
}
