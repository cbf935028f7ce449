//! Programs from Debian's packages, installed where apt is there and the person is root.

use crate::shell;

/// Installs the packages whose program is not there: pairs of program and package. Where that cannot be done, one line
/// says what to install, after `otherwise`.
pub fn install(programs: &[(&str, &str)], otherwise: &str) {
    let missing: Vec<&str> =
        programs.iter().filter(|(program, _)| shell::find(program).is_none()).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return;
    }
    let is_root = shell::command("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if !is_root || shell::find("apt-get").is_none() {
        eprintln!("==> {otherwise}: apt-get install {}", missing.join(" "));
        return;
    }
    eprintln!("==> installing {}", missing.join(" "));
    let apt = |arguments: &[&str]| {
        shell::run(shell::command("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install: Vec<&str> = ["install", "-qqy", "--no-install-recommends"].into_iter().chain(missing).collect();
    if let Err(error) = apt(&["update", "-qq"]).and_then(|()| apt(&install)) {
        eprintln!("==> not everything could be installed: {error}");
    }
}
