//! Image config and its history (image-spec config.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Digest, Platform,
    json::{lenient, null_default},
};

/// The image config. Its bytes' digest is the image ID.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Config {
    /// RFC 3339 time of creation, as written.
    #[serde(default)]
    pub created: Option<String>,
    /// Who made it.
    #[serde(default)]
    pub author: Option<String>,
    /// GOOS value.
    #[serde(default, deserialize_with = "null_default")]
    pub os: String,
    /// GOARCH value.
    #[serde(default, deserialize_with = "null_default")]
    pub architecture: String,
    /// CPU variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// How a container is run.
    #[serde(default, deserialize_with = "null_default")]
    pub config: ContainerConfig,
    /// The layers' diffIDs.
    #[serde(default, deserialize_with = "null_default")]
    pub rootfs: RootFs,
    /// Build steps, oldest first. May be absent.
    #[serde(default, deserialize_with = "null_default")]
    pub history: Vec<HistoryStep>,
}

/// `rootfs` of the config.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RootFs {
    /// Digests of the uncompressed layer tars, base first.
    #[serde(default, deserialize_with = "null_default")]
    pub diff_ids: Vec<Digest>,
}

/// One build step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryStep {
    /// RFC 3339 time, as written.
    #[serde(default)]
    pub created: Option<String>,
    /// The instruction.
    #[serde(default, deserialize_with = "null_default")]
    pub created_by: String,
    /// Free text.
    #[serde(default, deserialize_with = "null_default")]
    pub comment: String,
    /// True when the step made no layer.
    #[serde(default, deserialize_with = "null_default")]
    pub empty_layer: bool,
}

/// `config` of the config: what a container of this image runs with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerConfig {
    /// User name or uid.
    #[serde(deserialize_with = "null_default")]
    pub user: String,
    /// `NAME=value`.
    #[serde(deserialize_with = "null_default")]
    pub env: Vec<String>,
    /// Program and first arguments.
    #[serde(deserialize_with = "null_default")]
    pub entrypoint: Vec<String>,
    /// Default arguments.
    #[serde(deserialize_with = "null_default")]
    pub cmd: Vec<String>,
    /// Working directory.
    #[serde(deserialize_with = "null_default")]
    pub working_dir: String,
    /// Labels.
    #[serde(deserialize_with = "null_default")]
    pub labels: BTreeMap<String, String>,
    /// Ports, `80/tcp`, as keys.
    #[serde(deserialize_with = "null_default")]
    pub exposed_ports: BTreeMap<String, serde_json::Value>,
    /// Volumes as keys.
    #[serde(deserialize_with = "null_default")]
    pub volumes: BTreeMap<String, serde_json::Value>,
    /// Signal that stops the container.
    #[serde(deserialize_with = "null_default")]
    pub stop_signal: String,
    /// How Docker asks whether the container is well. Not in the OCI spec; Docker's extension.
    #[serde(deserialize_with = "lenient")]
    pub healthcheck: Option<Healthcheck>,
    /// Shell of the shell form; Docker's extension. Empty for the default.
    #[serde(deserialize_with = "lenient")]
    pub shell: Vec<String>,
    /// Instructions that run when an image is built upon this one; Docker's extension.
    #[serde(deserialize_with = "lenient")]
    pub on_build: Vec<String>,
}

/// Docker's health check. Durations are nanoseconds; zero means the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Healthcheck {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", command]`; empty inherits.
    #[serde(deserialize_with = "null_default")]
    pub test: Vec<String>,
    /// Between two checks.
    #[serde(deserialize_with = "null_default")]
    pub interval: u64,
    /// For one check.
    #[serde(deserialize_with = "null_default")]
    pub timeout: u64,
    /// Before failures count.
    #[serde(deserialize_with = "null_default")]
    pub start_period: u64,
    /// Between two checks while it starts.
    #[serde(deserialize_with = "null_default")]
    pub start_interval: u64,
    /// Failures that make it unwell.
    #[serde(deserialize_with = "null_default")]
    pub retries: u64,
}

impl Config {
    /// The platform that the config states; none when it states neither os nor architecture.
    pub fn platform(&self) -> Option<Platform> {
        if self.os.is_empty() && self.architecture.is_empty() {
            return None;
        }
        Some(Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone().filter(|v| !v.is_empty()),
            os_version: None,
        })
    }
}

/// A history step with the layer that it made, if it made one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Index of the layer, base 0; none for an empty step.
    pub layer: Option<usize>,
    /// The step; blank when the history has none for the layer.
    pub history: HistoryStep,
}

/// Pairs history with `layers` layers: each step that is not empty made the next layer. A history that is missing or
/// too short leaves the remaining layers without an instruction; steps beyond the last layer count as empty.
pub fn steps(history: &[HistoryStep], layers: usize) -> Vec<Step> {
    let mut next = 0;
    let mut steps: Vec<Step> = history
        .iter()
        .map(|step| {
            let layer = (!step.empty_layer && next < layers).then_some(next);
            next += usize::from(layer.is_some());
            Step { layer, history: step.clone() }
        })
        .collect();
    steps.extend((next..layers).map(|layer| Step { layer: Some(layer), history: HistoryStep::default() }));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(by: &str, empty: bool) -> HistoryStep {
        HistoryStep { created_by: by.into(), empty_layer: empty, ..HistoryStep::default() }
    }

    #[test]
    fn history_is_paired_with_layers() {
        let layers = |history: &[HistoryStep], n| steps(history, n).iter().map(|s| s.layer).collect::<Vec<_>>();
        assert_eq!(layers(&[step("a", false), step("b", true), step("c", false)], 2), [Some(0), None, Some(1)]);
        assert_eq!(layers(&[], 2), [Some(0), Some(1)], "no history");
        assert_eq!(layers(&[step("a", false)], 2), [Some(0), Some(1)], "too short");
        assert_eq!(layers(&[step("a", false), step("b", false)], 1), [Some(0), None], "too long");
    }

    #[test]
    fn nulls_are_defaults() {
        let config: Config = super::super::parse_json(
            br#"{"os":"linux","architecture":"arm","variant":"v7","rootfs":{"type":"layers","diff_ids":null},
                "config":{"Env":null,"Cmd":["sh"],"Labels":null},"history":null}"#,
        )
        .unwrap();
        assert_eq!(config.platform().unwrap().to_string(), "linux/arm/v7");
        assert_eq!(config.config.cmd, ["sh"]);
    }

    #[test]
    fn extensions_that_cannot_be_read_leave_the_rest_readable() {
        let run = |text: &str| super::super::parse_json::<Config>(text.as_bytes()).unwrap().config;
        let good = run(r#"{"config":{"Healthcheck":{"Test":["CMD","x"],"Interval":30000000000,"Retries":3},
            "Shell":["/bin/bash","-c"],"OnBuild":["RUN x"]}}"#);
        let health = good.healthcheck.unwrap();
        assert_eq!((health.interval, health.retries, health.timeout), (30_000_000_000, 3, 0));
        assert_eq!((good.shell, good.on_build), (vec!["/bin/bash".into(), "-c".into()], vec!["RUN x".into()]));
        let odd = run(r#"{"config":{"Cmd":["sh"],"Healthcheck":"often","Shell":7,"OnBuild":null}}"#);
        assert_eq!((odd.cmd, odd.healthcheck, odd.shell), (vec!["sh".into()], None, Vec::<String>::new()));
    }
}
