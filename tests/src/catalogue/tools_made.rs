//! The sample image as real tools save it.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
};

use anyhow::Result;
use lagvis_fixtures::{Packing, SAMPLE_NAME, sample};

use super::{Case, verified};
use crate::{docker::Docker, workdir::Workdir};

/// Programs that make the inputs.
pub const NEEDS: [&str; 6] = ["dockerd", "docker", "skopeo", "gzip", "pigz", "zstd"];

pub(super) fn cases(folder: &Workdir) -> Result<Vec<Case>> {
    let at = |name: &str| folder.path().join(name);
    let source = folder.write("source.tar", sample().docker_archive(Packing::Plain)?)?;
    let mut cases = Vec::new();

    let from = format!("docker-archive:{}", source.display());
    let skopeo = |arguments: &[&str], to: String| -> Result<()> {
        let copied = Command::new("skopeo").args(["copy", "--quiet"]).args(arguments).args([&from, &to]).output()?;
        anyhow::ensure!(copied.status.success(), "skopeo: {}", String::from_utf8_lossy(&copied.stderr));
        Ok(())
    };
    skopeo(&[], format!("docker-archive:{}:{SAMPLE_NAME}", at("skopeo.docker.tar").display()))?;
    cases.push(verified("skopeo docker-archive", at("skopeo.docker.tar"), "docker-archive"));
    skopeo(&[], format!("oci-archive:{}:{SAMPLE_NAME}", at("skopeo.oci.tar").display()))?;
    cases.push(verified("skopeo OCI archive", at("skopeo.oci.tar"), "oci-archive"));
    skopeo(&["--dest-compress-format=zstd"], format!("oci:{}:{SAMPLE_NAME}", at("layout").display()))?;
    cases.push(verified("skopeo OCI layout, a folder", at("layout"), "oci-layout"));
    fs::write(at("layout").join("notes.txt"), "unknown files are ignored")?;

    by_docker(folder, &source, &mut cases)?;

    for (name, program, arguments) in [
        ("gzip around a docker-archive", "gzip", &["-1", "-c"][..]),
        ("pigz around a docker-archive", "pigz", &["-c", "-b", "128"]),
        ("zstd around a docker-archive", "zstd", &["-q", "-c"]),
    ] {
        let path = at(&format!("source.{program}"));
        through(program, arguments, &source, &path)?;
        cases.push(verified(name, path, "docker-archive"));
    }
    let oci = at("skopeo.oci.tar");
    through("gzip", &["-c"], &oci, &at("oci.tar.gz"))?;
    cases.push(verified("gzip around an OCI archive", at("oci.tar.gz"), "oci-archive"));
    through("gzip", &["-c"], &at("export.tar"), &at("export.tar.gz"))?;
    cases.push(root_file_system("gzip around docker export", at("export.tar.gz")));
    Ok(cases)
}

fn root_file_system(name: &'static str, path: PathBuf) -> Case {
    Case { name, path, kind: "rootfs", exit: 1, verdicts: &["unverifiable"], says: &[] }
}

fn by_docker(folder: &Workdir, source: &std::path::Path, cases: &mut Vec<Case>) -> Result<()> {
    let at = |name: &str| folder.path().join(name);
    let docker = Docker::start()?;
    docker.run(&["load", "--quiet", "--input", &source.display().to_string()])?;
    let saved = at("docker.tar").display().to_string();
    docker.run(&["save", "--output", &saved, SAMPLE_NAME])?;
    cases.push(verified("docker save", saved.into(), "docker-archive"));

    let id = docker.run(&["create", SAMPLE_NAME, "/none"])?;
    let exported = at("export.tar").display().to_string();
    docker.run(&["export", "--output", &exported, id.trim()])?;
    cases.push(root_file_system("docker export", exported.into()));

    docker.run(&["commit", "--change", "LABEL second=1", id.trim(), "second:1"])?;
    let two = at("two.tar").display().to_string();
    docker.run(&["save", "--output", &two, SAMPLE_NAME, "second:1"])?;
    let verdicts = &["verified", "verified"];
    let name = "docker save of two images that share layers";
    cases.push(Case { name, path: two.into(), kind: "docker-archive", exit: 0, verdicts, says: &[] });
    Ok(())
}

/// Runs `program` over a file into another.
fn through(program: &str, arguments: &[&str], from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    let status = Command::new(program).args(arguments).stdin(File::open(from)?).stdout(File::create(to)?).status()?;
    anyhow::ensure!(status.success(), "{program}: {status}");
    Ok(())
}
