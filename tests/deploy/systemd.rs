//! The systemd unit: read by systemd itself, and shut in as it says.

use std::process::Command;

use lagvis_tests::{tools, workdir::Workdir};

const NEEDS: [&str; 1] = ["systemd-analyze"];

#[test]
fn systemd_takes_the_unit_and_finds_it_well_shut_in() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let folder = Workdir::new().unwrap();
    let program = tools::lagvis().unwrap();
    let unit = crate::recipe("systemd/lagvis.service", &[("/usr/local/bin/lagvis", program.to_str().unwrap())]);
    let file = folder.write("lagvis.service", unit).unwrap();
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stderr);
    assert!(verify.status.success() && !said.contains("lagvis.service"), "{said}");
    // Tenths: 2.0 of 10, where 10 is what a service without any sandbox has.
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=true", "--no-pager", "--threshold=20"]).arg(&file);
    tools::output(&mut security).unwrap();
}

/// The variables of the unit are those of the command.
#[test]
fn the_units_settings_are_known_to_the_command() {
    let unit = crate::recipe("systemd/lagvis.service", &[]);
    let help = tools::output(Command::new(tools::lagvis().unwrap()).args(["serve", "--help"])).unwrap();
    let help = String::from_utf8(help).unwrap();
    let settings = unit.lines().filter_map(|line| line.strip_prefix("Environment=")).flat_map(|line| line.split(' '));
    let names: Vec<&str> = settings.filter_map(|setting| setting.split('=').next()).collect();
    assert!(names.len() >= 4);
    for name in names {
        assert!(help.contains(&format!("{name}=")), "{name}");
    }
}
