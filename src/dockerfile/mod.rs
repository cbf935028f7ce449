//! What an image's history says as a Dockerfile would: each step without what builders put around it, and the whole
//! rebuilt as far as it can be.
//!
//! Depends on [`crate::image`]. The history is free text that builders write; nothing here is verified beyond that it
//! is the config's own word.

mod file;
mod instruction;
mod words;

pub use file::{Dockerfile, Line, dockerfile};
pub use instruction::{Instruction, instruction};

use crate::image::Healthcheck;

/// The options of a health check that are not the default, as Dockerfile and `docker run` (there with `health-`)
/// name them.
pub fn health_options(check: &Healthcheck) -> Vec<(&'static str, String)> {
    let times = [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start-period", check.start_period),
        ("start-interval", check.start_interval),
    ];
    let times = times.into_iter().filter(|(_, nanoseconds)| *nanoseconds > 0);
    let retries = (check.retries > 0).then(|| ("retries", check.retries.to_string()));
    times.map(|(name, nanoseconds)| (name, duration(nanoseconds))).chain(retries).collect()
}

/// `1m30s`, as Go writes and reads durations.
pub fn duration(nanoseconds: u64) -> String {
    let (seconds, part) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let mut out = String::new();
    if minutes > 0 {
        out.push_str(&format!("{minutes}m"));
    }
    match (seconds, part) {
        (0, 0) if minutes > 0 => {}
        (seconds, 0) => out.push_str(&format!("{seconds}s")),
        (seconds, part) => {
            let fraction = format!("{part:09}");
            out.push_str(&format!("{seconds}.{}s", fraction.trim_end_matches('0')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_as_go_writes_them() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (30_000_000_000, "30s"),
            (90_000_000_000, "1m30s"),
            (1_500_000_000, "1.5s"),
            (3_600_000_000_000, "60m"),
            (1, "0.000000001s"),
        ] {
            assert_eq!(super::duration(nanoseconds), text);
        }
    }
}
