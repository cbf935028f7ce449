//! What the proxy counts, in the text format of Prometheus. Nothing of a client or an image is in it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// A cache, for its hits and misses.
#[derive(Clone, Copy)]
pub(super) enum Kept {
    Manifest,
    Token,
}

/// The counters.
#[derive(Default)]
pub(super) struct Metrics {
    requests: Labelled<(&'static str, u16)>,
    bytes: Labelled<&'static str>,
    refusals: Labelled<&'static str>,
    cache: Labelled<(&'static str, &'static str)>,
    upstream: [AtomicU64; BOUNDS.len() + 1],
    upstream_micros: AtomicU64,
    mismatches: AtomicU64,
}

#[derive(Default)]
struct Labelled<K>(Mutex<BTreeMap<K, u64>>);

impl<K: Ord + Copy> Labelled<K> {
    fn add(&self, key: K, number: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += number;
    }

    fn all(&self) -> Vec<(K, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(key, value)| (*key, *value)).collect()
    }
}

impl Metrics {
    /// A request was answered, and its body is through or broken off.
    pub(super) fn answered(&self, route: &'static str, status: u16, bytes: u64) {
        self.requests.add((route, status), 1);
        self.bytes.add(route, bytes);
    }

    /// The proxy itself refused.
    pub(super) fn refused(&self, reason: &'static str) {
        self.refusals.add(reason, 1);
    }

    /// A cache had something, or not.
    pub(super) fn looked_up(&self, kept: Kept, is_hit: bool) {
        let name = match kept {
            Kept::Manifest => "manifest",
            Kept::Token => "token",
        };
        self.cache.add((name, if is_hit { "hit" } else { "miss" }), 1);
    }

    /// A registry, its token server or its store sent the headers of an answer.
    pub(super) fn upstream(&self, took: Duration) {
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| millis <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.upstream.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or_default();
        self.upstream_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A manifest was not as its digest says.
    pub(super) fn mismatched(&self) {
        self.mismatches.fetch_add(1, Ordering::Relaxed);
    }

    /// All of them as text.
    pub(super) fn text(&self, in_flight: u32, kept_bytes: u64) -> String {
        let mut out = String::new();
        head(&mut out, "requests_total", "counter", "Requests answered, by what was asked for and status.");
        for ((route, status), value) in self.requests.all() {
            line(&mut out, "requests_total", &format!("route=\"{route}\",status=\"{status}\""), value);
        }
        head(&mut out, "response_bytes_total", "counter", "Bytes of bodies sent to clients.");
        for (route, value) in self.bytes.all() {
            line(&mut out, "response_bytes_total", &format!("route=\"{route}\""), value);
        }
        head(&mut out, "refusals_total", "counter", "Requests that the proxy itself refused, by reason.");
        for (reason, value) in self.refusals.all() {
            line(&mut out, "refusals_total", &format!("reason=\"{reason}\""), value);
        }
        head(&mut out, "cache_lookups_total", "counter", "Look-ups in the caches of this process.");
        for ((cache, result), value) in self.cache.all() {
            line(&mut out, "cache_lookups_total", &format!("cache=\"{cache}\",result=\"{result}\""), value);
        }
        head(&mut out, "mismatches_total", "counter", "Manifests that were not as their digest says.");
        line(&mut out, "mismatches_total", "", self.mismatches.load(Ordering::Relaxed));
        head(&mut out, "cache_bytes", "gauge", "Bytes of manifests kept in memory.");
        line(&mut out, "cache_bytes", "", kept_bytes);
        head(&mut out, "requests_in_flight", "gauge", "Requests that are being answered.");
        line(&mut out, "requests_in_flight", "", u64::from(in_flight));
        self.histogram(&mut out);
        out
    }

    fn histogram(&self, out: &mut String) {
        let name = "upstream_seconds";
        head(out, name, "histogram", "Time from a request to a registry until the headers of its answer.");
        let mut so_far = 0;
        for (count, bound) in self.upstream.iter().zip(BOUNDS.iter().map(Some).chain([None])) {
            so_far += count.load(Ordering::Relaxed);
            let bound = bound.map_or_else(|| "+Inf".to_owned(), |bound| seconds(bound * 1_000));
            line(out, &format!("{name}_bucket"), &format!("le=\"{bound}\""), so_far);
        }
        let sum = seconds(self.upstream_micros.load(Ordering::Relaxed));
        _ = writeln!(out, "lagvis_{name}_sum {sum}\nlagvis_{name}_count {so_far}");
    }
}

fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    _ = writeln!(out, "# HELP lagvis_{name} {help}\n# TYPE lagvis_{name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: u64) {
    _ = match labels {
        "" => writeln!(out, "lagvis_{name} {value}"),
        labels => writeln!(out, "lagvis_{name}{{{labels}}} {value}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.answered("blob", 200, 10);
        metrics.answered("blob", 200, 5);
        metrics.refused("rate");
        metrics.looked_up(Kept::Manifest, true);
        for millis in [1, 7, 60_000] {
            metrics.upstream(Duration::from_millis(millis));
        }
        let text = metrics.text(3, 99);
        for expected in [
            "# TYPE lagvis_requests_total counter\n",
            "lagvis_requests_total{route=\"blob\",status=\"200\"} 2\n",
            "lagvis_response_bytes_total{route=\"blob\"} 15\n",
            "lagvis_refusals_total{reason=\"rate\"} 1\n",
            "lagvis_cache_lookups_total{cache=\"manifest\",result=\"hit\"} 1\n",
            "lagvis_requests_in_flight 3\n",
            "lagvis_cache_bytes 99\n",
            "lagvis_upstream_seconds_bucket{le=\"0.005\"} 1\n",
            "lagvis_upstream_seconds_bucket{le=\"0.01\"} 2\n",
            "lagvis_upstream_seconds_bucket{le=\"10\"} 2\n",
            "lagvis_upstream_seconds_bucket{le=\"+Inf\"} 3\n",
            "lagvis_upstream_seconds_sum 60.008\n",
            "lagvis_upstream_seconds_count 3\n",
        ] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
