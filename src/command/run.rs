//! An image's settings as arguments of `docker run`, to be changed and used with this image or another.

use super::quote;
use crate::{dockerfile::health_options, image::ContainerConfig};

/// The command that says in words what the config says: a container of it runs as one without any arguments would.
/// Build instructions (ONBUILD, SHELL) have no such argument.
pub fn docker_run(run: &ContainerConfig, image: &str) -> String {
    let mut parts = vec!["docker run".to_owned()];
    let mut option = |name: &str, value: &str| parts.push(format!("--{name} {}", quote(value)));
    let texts = [("user", &run.user), ("workdir", &run.working_dir), ("stop-signal", &run.stop_signal)];
    for (name, value) in texts.into_iter().filter(|(_, value)| !value.is_empty()) {
        option(name, value);
    }
    // Without a value Docker would take the variable from where it is run.
    for variable in run.env.iter().filter(|variable| variable.contains('=')) {
        option("env", variable);
    }
    for port in run.exposed_ports.keys() {
        option("expose", port);
    }
    for volume in run.volumes.keys() {
        option("volume", volume);
    }
    for (name, value) in &run.labels {
        option("label", &format!("{name}={value}"));
    }
    if let Some(check) = &run.healthcheck {
        match check.test.split_first() {
            Some((kind, _)) if kind == "NONE" => parts.push("--no-healthcheck".to_owned()),
            Some((kind, [command])) if kind == "CMD-SHELL" => option("health-cmd", command),
            Some((kind, words)) if kind == "CMD" => {
                // There is no exec form here: the shell runs the same words.
                option("health-cmd", &words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
        for (name, value) in health_options(check) {
            parts.push(format!("--health-{name} {}", quote(&value)));
        }
    }
    // It takes one word; what follows the image comes after it.
    if let Some(program) = run.entrypoint.first() {
        parts.push(format!("--entrypoint {}", quote(program)));
    }
    let words = run.entrypoint.iter().skip(1).chain(&run.cmd);
    parts.push([image.to_owned()].iter().chain(words).map(|word| quote(word)).collect::<Vec<_>>().join(" "));
    parts.join(" \\\n  ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::image::Healthcheck;

    #[test]
    fn settings_become_arguments() {
        let run = ContainerConfig {
            user: "app".into(),
            env: vec!["A=it's $HOME".into(), "NOTHING".into()],
            entrypoint: vec!["/x".into(), "-v".into()],
            cmd: vec!["a b".into()],
            exposed_ports: BTreeMap::from([("80/tcp".into(), serde_json::json!({}))]),
            healthcheck: Some(Healthcheck {
                test: vec!["CMD".into(), "wget".into(), "-q x".into()],
                timeout: 3_000_000_000,
                ..Healthcheck::default()
            }),
            ..ContainerConfig::default()
        };
        let expected = [
            "docker run",
            "--user app",
            r"--env 'A=it'\''s $HOME'",
            "--expose 80/tcp",
            r"--health-cmd 'wget '\''-q x'\'''",
            "--health-timeout 3s",
            "--entrypoint /x",
            "demo:1 -v 'a b'",
        ];
        assert_eq!(docker_run(&run, "demo:1"), expected.join(" \\\n  "));
        assert_eq!(docker_run(&ContainerConfig::default(), "x"), "docker run \\\n  x");
    }
}
