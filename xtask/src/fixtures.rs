//! `cargo xtask fixtures`: writes the generated images, and the large one built by real tools.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use lagvis_fixtures::{Extreme, Packing, edge, multi, multi_archive, sample, sample_archive};

use crate::{debian, shell};

#[derive(clap::Args)]
pub struct Arguments {
    /// Also build the 1 GB image (root, debootstrap, buildah and skopeo are needed; a few minutes, 5 GB of disk)
    #[arg(long)]
    large: bool,
    /// Also write the extreme images: a bomb, a million entries, a deep path, a sparse file, 3 GB (beside the large one)
    #[arg(long)]
    extreme: bool,
    /// Build the large image even if it is there
    #[arg(long)]
    fresh: bool,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let assets = shell::root().join("www/assets/sample.tar");
    write(&assets, &sample_archive()?)?;
    let folder = match env::var_os("LAGVIS_FIXTURES") {
        Some(folder) => PathBuf::from(folder),
        None => shell::root().join("fixtures"),
    };
    fs::create_dir_all(&folder)?;
    for (name, bytes) in [
        ("sample.docker.tar", sample().docker_archive(Packing::Plain)?),
        ("sample.docker-old.tar", sample().docker_archive_old()?),
        ("sample.oci-gzip.tar", sample().oci_archive(Packing::Gzip)?),
        ("sample.oci-zstd.tar", sample().oci_archive(Packing::Zstd)?),
        ("edge.docker.tar", edge().docker_archive(Packing::Plain)?),
        ("edge.oci-members.tar", edge().oci_archive(Packing::GzipMembers)?),
        ("multi.oci.tar", multi_archive(&multi(), Packing::Gzip)?),
    ] {
        write(&folder.join(name), &bytes)?;
    }
    if arguments.large {
        large(arguments.fresh)?;
    }
    if arguments.extreme {
        for image in Extreme::ALL {
            extreme(image)?;
        }
    }
    Ok(())
}

/// Writes an extreme image.
pub fn extreme(image: Extreme) -> Result<PathBuf> {
    let folder = folder()?;
    fs::create_dir_all(&folder)?;
    let path = folder.join(image.name());
    image.write(&path).with_context(|| format!("could not write {}", path.display()))?;
    println!("{:>12} bytes  {}", path.metadata()?.len(), path.display());
    Ok(path)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))?;
    println!("{:>9} bytes  {}", bytes.len(), path.display());
    Ok(())
}

/// The test of the large image.
pub const LARGE_TEST: &str = "a_large_image_by_other_means";

/// Holds the waste of the large image, an OCI archive, against other means.
pub fn large_test(archive: &Path) -> Command {
    let mut command = shell::cargo();
    command.args(["test", "--package", "lagvis-tests", "--test", "layers", LARGE_TEST, "--", "--nocapture"]);
    command.env("LAGVIS_LARGE", archive);
    command
}

/// The large image in both shapes.
pub struct Large {
    pub docker: PathBuf,
    pub oci: PathBuf,
}

/// Where large images are, or are to be: outside the clone, since they take minutes and gigabytes.
fn folder() -> Result<PathBuf> {
    match env::var_os("LAGVIS_FIXTURES") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(shell::cache()?.join("fixtures")),
    }
}

/// Where the large image is, or is to be.
pub fn large_files() -> Result<Large> {
    let folder = folder()?;
    Ok(Large { docker: folder.join("demo.docker.tar"), oci: folder.join("demo.oci.tar") })
}

/// Builds the large image unless it is there.
pub fn large(fresh: bool) -> Result<Large> {
    let files = large_files()?;
    if !fresh && files.docker.is_file() && files.oci.is_file() {
        println!("the large image is there: {}", files.docker.display());
        return Ok(files);
    }
    let tools = [("debootstrap", "debootstrap"), ("buildah", "buildah"), ("skopeo", "skopeo")];
    debian::install(&tools, "the large image is built by real tools");
    if let Some((tool, _)) = tools.iter().find(|(tool, _)| shell::find(tool).is_none()) {
        bail!("{tool} is needed");
    }
    let folder = files.docker.parent().context("a file has a folder")?;
    fs::create_dir_all(folder)?;
    shell::run(shell::command("bash").arg("tests/fixtures/large.sh").arg(folder))?;
    Ok(files)
}
