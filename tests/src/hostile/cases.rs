//! What a registry that is out for harm does, each case with what has to come of it. The command and the page go through
//! the same ones, see `hostile_cases!`.

use std::net::TcpListener;

use anyhow::{Context as _, Result};
use lagvis_fixtures::{Packing, pack, sample};
use serde_json::{Value, json};

use super::{Blobs, Hostile, PAGES, Twist, response};
use crate::tools;

/// What has to come of it.
pub enum Outcome {
    /// All is well.
    Verified,
    /// The image opens without this layer, which is never verified.
    Without {
        /// The layer's digest.
        layer: String,
        /// The page shows a problem of one of these kinds.
        kinds: Kinds,
        /// The verdict on the image.
        verdict: &'static str,
    },
    /// Nothing opens: the page shows a problem of one of these kinds, the command says one of these words in its line.
    Refused(Kinds, &'static [&'static str]),
}

/// Kinds of problems, of which it may be any.
pub type Kinds = &'static [&'static str];

/// A registry and what has to come of pulling its `demo/app`.
pub struct Case {
    /// The registry.
    pub hostile: Hostile,
    /// What has to come of it.
    pub outcome: Outcome,
    /// The same in a browser that asks without a proxy, where that differs: browsers unpack what comes.
    pub in_browser: Option<Outcome>,
}

impl Case {
    fn in_browser(self, outcome: Outcome) -> Self {
        Self { in_browser: Some(outcome), ..self }
    }

    /// The same outcome in a browser without a proxy, by other kinds of problems.
    fn in_browser_by(self, kinds: Kinds) -> Self {
        let outcome = match &self.outcome {
            Outcome::Without { layer, verdict, .. } => Outcome::Without { layer: layer.clone(), kinds, verdict },
            Outcome::Refused(_, words) => Outcome::Refused(kinds, words),
            Outcome::Verified => Outcome::Verified,
        };
        self.in_browser(outcome)
    }
}

type Cases = Result<Vec<Case>>;

/// Calls a macro with the names of all cases: `hostile_cases!(test)` makes a test of each.
#[macro_export]
macro_rules! hostile_cases {
    ($with:ident) => {
        $with! {
            an_honest_registry,
            an_honest_registry_at_an_ipv6_address,
            a_layer_with_other_bytes,
            a_layer_that_is_longer_or_shorter_than_was_said,
            a_layer_without_an_end,
            a_layer_that_drips,
            a_layer_that_is_cut_at_random_places,
            a_layer_that_is_packed_once_more_on_its_way,
            a_layer_that_is_sent_around_for_ever,
            a_layer_that_is_refused_with_and_without_bodies,
            a_config_with_other_bytes,
            a_config_that_is_longer_or_shorter_than_was_said,
            a_manifest_of_a_wrong_type,
            a_manifest_with_other_bytes_than_its_digest,
            a_huge_manifest,
            a_manifest_without_an_end,
            a_manifest_that_is_cut,
            a_manifest_that_is_packed,
            a_manifest_that_drips,
            a_manifest_that_is_sent_around_for_ever,
            a_manifest_that_is_refused_with_and_without_bodies,
            an_index_of_indexes_of_indexes,
            an_index_that_names_itself,
        }
    };
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Statuses of refusals, each of which comes without a body and with the protocol's own words.
const REFUSALS: [&str; 5] =
    ["401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many Requests", "500 Broken"];
const WORDS: &[u8] = br#"{"errors":[{"code":"DENIED","message":"said upstream"}]}"#;
const UNKNOWN: &[u8] = br#"{"errors":[{"code":"BLOB_UNKNOWN","message":"no such thing"}]}"#;
/// What else may come with a refusal.
const OTHER_WORDS: [&[u8]; 3] = [b"plain words", b"<html>", b"{\"errors\":"];

/// The head of an answer that does not say how long it is.
fn open() -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{PAGES}\r\n").into_bytes()
}

/// Names with what would end a line of a request, and go on with a header or another request.
pub const INJECTIONS: [&str; 5] = [
    "app\r\nX-Evil: 1",
    "app HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /",
    "app:tag\r\nX-Evil: 1",
    "app\n@sha256:aa",
    "app\u{0}x",
];

/// The sample's blobs.
pub fn honest() -> Result<Blobs> {
    Blobs::of(&sample().oci_archive(Packing::Gzip)?)
}

fn case(blobs: Blobs, outcome: Outcome) -> Result<Case> {
    Ok(Case { hostile: Hostile::start(blobs, |_, _| Twist::Honest)?, outcome, in_browser: None })
}

/// The same blobs, and something else in place of the answers whose path ends so.
fn twisted(
    blobs: &Blobs,
    ending: &str,
    twist: impl Fn() -> Twist + Send + Sync + 'static,
    outcome: Outcome,
) -> Result<Case> {
    let ending = ending.to_owned();
    let twist = move |_: &str, path: &str| if path.ends_with(&ending) { twist() } else { Twist::Honest };
    Ok(Case { hostile: Hostile::start(blobs.clone(), twist)?, outcome, in_browser: None })
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes.iter().enumerate().map(|(at, byte)| if at == middle { byte ^ 1 } else { *byte }).collect()
}

/// The first layer's digest and bytes.
fn layer(blobs: &Blobs) -> (String, Vec<u8>) {
    let digest = blobs.layer(0);
    let bytes = blobs.get(&digest).to_vec();
    (digest, bytes)
}

/// A layer's answer is always this: the bytes that come are other ones.
fn other_layer(twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static) -> Result<Case> {
    layer_ends(twist, &["layer-mismatch"], "mismatched")
}

/// A layer's answer is always this: it does not come whole.
fn no_layer(twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static, kinds: Kinds) -> Result<Case> {
    layer_ends(twist, kinds, "unverifiable")
}

fn layer_ends(
    twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static,
    kinds: Kinds,
    verdict: &'static str,
) -> Result<Case> {
    let blobs = honest()?;
    let (layer, bytes) = layer(&blobs);
    let ending = format!("/blobs/{layer}");
    twisted(&blobs, &ending, move || twist(&bytes), Outcome::Without { layer, kinds, verdict })
}

fn answered(bytes: &[u8]) -> Twist {
    Twist::Bytes(response("200 OK", &[], bytes))
}

/// A manifest's answer is always this.
fn manifest_is(twist: impl Fn(&[u8]) -> Twist + Send + Sync + 'static, outcome: Outcome) -> Result<Case> {
    let blobs = honest()?;
    let bytes = blobs.get("latest").to_vec();
    twisted(&blobs, "/manifests/latest", move || twist(&bytes), outcome)
}

/// Nothing is wrong.
pub fn an_honest_registry() -> Cases {
    Ok(vec![case(honest()?, Outcome::Verified)?])
}

/// The same, at `[::1]:port`.
pub fn an_honest_registry_at_an_ipv6_address() -> Cases {
    if TcpListener::bind("[::1]:0").is_err() {
        tools::skip("IPv6")?;
        return Ok(Vec::new());
    }
    let hostile = Hostile::start_at("[::1]:0", honest()?, |_, _| Twist::Honest)?;
    Ok(vec![Case { hostile, outcome: Outcome::Verified, in_browser: None }])
}

/// One bit differs.
pub fn a_layer_with_other_bytes() -> Cases {
    Ok(vec![other_layer(|bytes| answered(&flipped(bytes)))?])
}

/// Four bytes more; four less, half of them, none at all.
pub fn a_layer_that_is_longer_or_shorter_than_was_said() -> Cases {
    let mut cases = vec![other_layer(|bytes| answered(&[bytes, b"more"].concat()))?];
    for keep in [|length: usize| length - 4, |length| length / 2, |_| 0] {
        let start = move |bytes: &[u8]| bytes.iter().copied().take(keep(bytes.len())).collect::<Vec<_>>();
        cases.push(other_layer(move |bytes| answered(&start(bytes)))?);
    }
    Ok(cases)
}

/// Zeros, as long as anybody takes them: alone, and behind the right bytes.
pub fn a_layer_without_an_end() -> Cases {
    let zeros = || vec![0; 1 << 16];
    Ok(vec![
        other_layer(move |_| Twist::Endless(open(), zeros(), 0))?,
        other_layer(move |bytes| Twist::Endless([&open(), bytes].concat(), zeros(), 0))?,
    ])
}

/// Who breaks a connection off is told by whoever notices it first: the proxy, or who asked.
const BROKEN_OFF: Kinds = &["registry-unreachable", "proxy-unreachable"];
const UNREACHABLE: Kinds = &["registry-unreachable"];

/// A byte every tenth of a second, with a length and without; the right ones at first.
pub fn a_layer_that_drips() -> Cases {
    let with_length = |bytes: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n{PAGES}\r\n", bytes.len());
        let start: Vec<u8> = bytes.iter().copied().take(10).collect();
        Twist::Endless([head.as_bytes(), &start].concat(), vec![7], 400)
    };
    Ok(vec![
        no_layer(|_| Twist::Endless(open(), vec![0x1f], 100), BROKEN_OFF)?.in_browser_by(UNREACHABLE),
        no_layer(with_length, BROKEN_OFF)?.in_browser_by(UNREACHABLE),
    ])
}

/// The connection ends within headers or body.
pub fn a_layer_that_is_cut_at_random_places() -> Cases {
    let mut random = 7_usize;
    (0..6)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = random;
            let cut = move |bytes: &[u8]| {
                let mut whole = response("200 OK", &[], bytes);
                whole.truncate(at % whole.len());
                Twist::Bytes(whole)
            };
            Ok(no_layer(cut, BROKEN_OFF)?.in_browser_by(UNREACHABLE))
        })
        .collect()
}

/// `Content-Encoding: gzip`, which a browser takes off by itself and a digest does not know: the layer packed once more, the
/// layer as it is, which is packed already, and a bomb.
pub fn a_layer_that_is_packed_once_more_on_its_way() -> Cases {
    let (_, bytes) = layer(&honest()?);
    let packed = pack(&bytes, Packing::Gzip)?;
    let bomb = pack(&vec![0; 64 << 20], Packing::Gzip)?;
    let coded = |packed: Vec<u8>| {
        other_layer(move |_| Twist::Bytes(response("200 OK", &[("content-encoding", "gzip")], &packed)))
    };
    let other = coded(bytes.clone())?;
    let as_it_is = Case { in_browser: Some(other.outcome), outcome: Outcome::Verified, hostile: other.hostile };
    Ok(vec![coded(packed)?.in_browser(Outcome::Verified), as_it_is, coded(bomb)?])
}

/// A redirect to itself.
pub fn a_layer_that_is_sent_around_for_ever() -> Cases {
    let (digest, _) = layer(&honest()?);
    let to = format!("/v2/demo/app/blobs/{digest}");
    let circle = move |_: &[u8]| Twist::Bytes(response("307 Temporary Redirect", &[("location", &to)], b""));
    Ok(vec![no_layer(circle, &["registry-error"])?.in_browser_by(NOT_TOLD)])
}

/// A browser follows redirects by itself, and does not tell a page why it stopped.
const NOT_TOLD: Kinds = &["cors-missing"];

/// Every refusal, with the kind of problem that it is.
fn refusals(absent: Kinds) -> impl Iterator<Item = (&'static str, Vec<u8>, Kinds)> {
    let each = REFUSALS.into_iter().flat_map(|status| [(status, &b""[..]), (status, WORDS)]);
    let others = OTHER_WORDS.into_iter().flat_map(|words| [("403 Forbidden", words), ("500 Broken", words)]);
    each.chain(others).chain([("404 Not Found", UNKNOWN), ("204 No Content", b"")]).map(move |(status, body)| {
        let kinds: Kinds = match (status.get(..3), body == WORDS) {
            (Some("401" | "403"), _) | (Some("404"), true) => &["access-denied"],
            (Some("404"), false) => absent,
            (Some("429"), _) => &["rate-limited"],
            _ => &["registry-error"],
        };
        (status, response(status, &[("retry-after", "0")], body), kinds)
    })
}

/// 204, 401, 403, 404, 429 and 500, without a body, with the protocol's words, with text, HTML and half a JSON.
pub fn a_layer_that_is_refused_with_and_without_bodies() -> Cases {
    refusals(&["layer-absent"])
        .map(|(_, answer, kinds)| no_layer(move |_| Twist::Bytes(answer.clone()), kinds))
        .collect()
}

const OTHER_CONFIG: Outcome = Outcome::Refused(&["config-mismatch"], &["not as named"]);

fn with_config(bytes: impl Fn(&[u8]) -> Vec<u8>) -> Result<Case> {
    let mut blobs = honest()?;
    let manifest = blobs.manifest();
    let digest = manifest["config"]["digest"].as_str().context("it has a config")?.to_owned();
    let other = bytes(blobs.get(&digest));
    blobs.put(&digest, &other);
    case(blobs, OTHER_CONFIG)
}

/// One bit differs.
pub fn a_config_with_other_bytes() -> Cases {
    Ok(vec![with_config(flipped)?])
}

/// A blank more, which JSON does not mind; a byte less; nothing.
pub fn a_config_that_is_longer_or_shorter_than_was_said() -> Cases {
    Ok(vec![
        with_config(|bytes| [bytes, b" "].concat())?,
        with_config(|bytes| bytes.iter().copied().take(bytes.len() - 1).collect())?,
        with_config(|_| Vec::new())?,
    ])
}

/// What a document says of itself counts; a type that contradicts it is refused.
pub fn a_manifest_of_a_wrong_type() -> Cases {
    let list = "application/vnd.docker.distribution.manifest.list.v2+json";
    let refused = || Outcome::Refused(&["manifest-invalid", "registry-error"], &["is not", "says", "but"]);
    [("text/html", Outcome::Verified), ("application/octet-stream", Outcome::Verified), (list, refused())]
        .into_iter()
        .map(|(kind, outcome)| {
            manifest_is(move |bytes| Twist::Bytes(response("200 OK", &[("content-type", kind)], bytes)), outcome)
        })
        .collect()
}

const OTHER_MANIFEST: Outcome = Outcome::Refused(&["manifest-mismatch"], &["not as named"]);

/// An index names a manifest, and another one comes.
pub fn a_manifest_with_other_bytes_than_its_digest() -> Cases {
    let mut blobs = honest()?;
    let manifest = blobs.get("latest").to_vec();
    let digest = blobs.add(&manifest);
    blobs.put(&digest, &flipped(&manifest));
    let index = index_of(&digest, manifest.len(), media_type(&blobs.manifest()));
    blobs.put("latest", &index);
    Ok(vec![case(blobs, OTHER_MANIFEST)?])
}

fn media_type(document: &Value) -> &str {
    document["mediaType"].as_str().unwrap_or_default()
}

/// Five megabytes, where documents have four.
pub fn a_huge_manifest() -> Cases {
    let mut blobs = honest()?;
    let mut manifest = blobs.manifest();
    manifest["annotations"] = json!({"x": "x".repeat(5 << 20)});
    blobs.put("latest", manifest.to_string().as_bytes());
    Ok(vec![case(blobs, TOO_LONG)?])
}

const TOO_LONG: Outcome =
    Outcome::Refused(&["limit-exceeded", "registry-error", "manifest-invalid"], &["longer than", "4194304", "limit"]);

/// Blanks, as long as anybody takes them.
pub fn a_manifest_without_an_end() -> Cases {
    Ok(vec![manifest_is(|_| Twist::Endless(open(), vec![b' '; 1 << 16], 0), TOO_LONG)?])
}

const BROKEN: Outcome = Outcome::Refused(
    &["registry-unreachable", "registry-error", "manifest-invalid", "manifest-mismatch", "cors-missing"],
    &[
        "cannot be reached",
        "broke",
        "nothing of use came",
        "within",
        "packed",
        "502",
        "504",
        "JSON",
        "Content-Encoding",
        "end of file",
        "connection closed",
        "expected value",
    ],
);

/// The connection ends within the document, and before it.
pub fn a_manifest_that_is_cut() -> Cases {
    [9, 200, 100_000]
        .into_iter()
        .map(|less: usize| {
            let cut = move |bytes: &[u8]| {
                let mut whole = response("200 OK", &[], bytes);
                whole.truncate(whole.len().saturating_sub(less));
                Twist::Bytes(whole)
            };
            manifest_is(cut, BROKEN)
        })
        .collect()
}

/// `Content-Encoding: gzip`, and what is packed is the manifest, or 64 MB of blanks.
pub fn a_manifest_that_is_packed() -> Cases {
    let bytes = honest()?.get("latest").to_vec();
    let coded = |body: Vec<u8>, outcome| {
        let answer = response("200 OK", &[("content-encoding", "gzip")], &body);
        manifest_is(move |_| Twist::Bytes(answer.clone()), outcome)
    };
    let packed = pack(&bytes, Packing::Gzip)?;
    let bomb = pack(&vec![b' '; 64 << 20], Packing::Gzip)?;
    Ok(vec![coded(packed, BROKEN)?.in_browser(Outcome::Verified), coded(bomb, TOO_LONG_OR_BROKEN)?])
}

const TOO_LONG_OR_BROKEN: Outcome = Outcome::Refused(
    &["limit-exceeded", "registry-error", "manifest-invalid", "registry-unreachable"],
    &["longer than", "limit", "packed", "Content-Encoding", "cannot be reached", "502", "JSON", "expected value"],
);

/// A byte every tenth of a second.
pub fn a_manifest_that_drips() -> Cases {
    Ok(vec![manifest_is(|_| Twist::Endless([&open(), &b"{"[..]].concat(), vec![b' '], 100), BROKEN)?])
}

/// A redirect to itself.
pub fn a_manifest_that_is_sent_around_for_ever() -> Cases {
    let to = "/v2/demo/app/manifests/latest";
    let outcome = Outcome::Refused(&["registry-error"], &["redirects in a circle", "sends on in a circle"]);
    let circle = move |_: &[u8]| Twist::Bytes(response("307 Temporary Redirect", &[("location", to)], b""));
    Ok(vec![manifest_is(circle, outcome)?.in_browser_by(NOT_TOLD)])
}

/// 204, 401, 403, 404, 429 and 500, without a body, with the protocol's words, with text, HTML and half a JSON.
pub fn a_manifest_that_is_refused_with_and_without_bodies() -> Cases {
    refusals(&["manifest-unknown"])
        .map(|(status, answer, kinds)| {
            let words: &'static [&'static str] = match status.get(..3) {
                Some("401" | "403") => &["401", "403"],
                Some("404") => &["404"],
                Some("429") => &["429"],
                Some("204") => &["204"],
                _ => &["500"],
            };
            manifest_is(move |_| Twist::Bytes(answer.clone()), Outcome::Refused(kinds, words))
        })
        .collect()
}

fn index_of(digest: &str, size: usize, kind: &str) -> Vec<u8> {
    let platform = json!({"os": "linux", "architecture": "amd64"});
    let entry = json!({"mediaType": kind, "digest": digest, "size": size, "platform": platform});
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).to_string().into_bytes()
}

const TOO_DEEP: Outcome =
    Outcome::Refused(&["limit-exceeded", "manifest-invalid", "platform-absent"], &["index", "deep", "indexes"]);

/// Twelve of them, one in the other.
pub fn an_index_of_indexes_of_indexes() -> Cases {
    let mut blobs = honest()?;
    let manifest = blobs.get("latest").to_vec();
    let mut inner = (blobs.add(&manifest), manifest.len(), media_type(&blobs.manifest()).to_owned());
    for _ in 0..12 {
        let index = index_of(&inner.0, inner.1, &inner.2);
        inner = (blobs.add(&index), index.len(), INDEX.to_owned());
    }
    let top = blobs.get(&inner.0).to_vec();
    blobs.put("latest", &top);
    Ok(vec![case(blobs, TOO_DEEP)?])
}

/// No index can hold its own digest; a registry can say so all the same.
pub fn an_index_that_names_itself() -> Cases {
    let mut blobs = honest()?;
    let digest = format!("sha256:{}", "7".repeat(64));
    let index = index_of(&digest, 0, INDEX);
    let index = index_of(&digest, index.len() + 2, INDEX);
    blobs.put("latest", &index);
    blobs.put(&digest, &index);
    Ok(vec![case(blobs, OTHER_MANIFEST)?])
}
