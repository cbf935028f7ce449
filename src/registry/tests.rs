//! The pull against a registry that is a map from URL to answer.

mod access;
mod exchange;
mod remembered;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{HttpResponse, Pull, Step, Transport, Via};
use crate::{
    image::{Digest, Platform, Reference},
    opened::Place,
    problem::{Problem, ProblemKind},
    verify::{AnchorKind, CheckKind, CheckState},
};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const BASE: &str = "https://registry-1.docker.io/v2/a/b";

/// Answers by URL; a URL that is not there has no answer at all.
#[derive(Default)]
struct Fake(BTreeMap<String, HttpResponse>);

fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpResponse { status, headers, body: body.to_vec(), truncated: false }
}

impl Fake {
    fn put(&mut self, url: &str, response: HttpResponse) {
        self.0.insert(url.to_owned(), response);
    }

    /// A document under its digest; gives a descriptor of it.
    fn document(&mut self, kind: &str, document: &Value) -> Value {
        let body = document.to_string();
        let digest = Digest::of(body.as_bytes());
        let place = if kind == CONFIG { "blobs" } else { "manifests" };
        self.put(&format!("{BASE}/{place}/{digest}"), answer(200, &[("content-type", kind)], body.as_bytes()));
        json!({"mediaType": kind, "digest": digest.to_string(), "size": body.len()})
    }

    /// The tag `t`, with the document's digest in the header.
    fn tag(&mut self, kind: &str, document: &Value) -> Digest {
        let body = document.to_string();
        let digest = Digest::of(body.as_bytes());
        let headers = [("content-type", kind), ("docker-content-digest", &digest.to_string())];
        self.put(&format!("{BASE}/manifests/t"), answer(200, &headers, body.as_bytes()));
        digest
    }

    /// A manifest of one layer, and its config.
    fn image(&mut self, architecture: &str) -> Value {
        let config = json!({"os": "linux", "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": [Digest::of(b"tar").to_string()]},
            "history": [{"created_by": "ENV A=b", "empty_layer": true}, {"created_by": "COPY x /"}]});
        let config = self.document(CONFIG, &config);
        json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer(LAYER)]})
    }

    /// An index of images for these architectures.
    fn index(&mut self, architectures: &[&str]) -> Value {
        let child = |name: &&str| {
            let image = self.image(name);
            with(self.document(MANIFEST, &image), "platform", json!({"os": "linux", "architecture": name}))
        };
        let children: Vec<Value> = architectures.iter().map(child).collect();
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children})
    }

    fn drive(&self, pull: &mut Pull) -> Result<Step, Problem> {
        for _ in 0..40 {
            match pull.poll() {
                Step::Fetch(request) => {
                    let missing = || Transport::Unreachable(format!("no answer for {}", request.url));
                    pull.provide(self.0.get(&request.url).cloned().ok_or_else(missing))?;
                }
                step => return Ok(step),
            }
        }
        panic!("the pull does not end");
    }

    fn pull(&self, reference: &str, platform: Option<&str>) -> (Pull, Result<Step, Problem>) {
        let platform = platform.map(|text| Platform::parse(text).unwrap());
        let mut pull = Pull::new(Reference::parse(reference).unwrap(), platform, Via::Direct { plain_http: false });
        let end = self.drive(&mut pull);
        (pull, end)
    }

    fn fails(&self, reference: &str, platform: Option<&str>) -> (ProblemKind, String) {
        let (pull, end) = self.pull(reference, platform);
        let problem = end.expect_err("the pull went through");
        assert!(pull.opened().is_none(), "an image in spite of {problem}");
        (problem.kind, problem.detail)
    }
}

fn layer(kind: &str) -> Value {
    json!({"mediaType": kind, "digest": Digest::of(b"blob").to_string(), "size": 4})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

#[test]
fn an_index_is_pulled_down_to_the_layers() {
    let mut fake = Fake::default();
    let mut index = fake.index(&["arm64", "amd64"]);
    let (amd64, attestation) = (index["manifests"][1]["digest"].clone(), Digest::of(b"attestation"));
    index["manifests"].as_array_mut().unwrap().push(json!({"mediaType": MANIFEST, "digest": attestation.to_string(),
        "size": 1, "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": amd64}}));
    let root = fake.tag(INDEX, &index);
    let (pull, end) = fake.pull("a/b:t", None);
    assert_eq!(end, Ok(Step::Ready));
    let image = pull.opened().unwrap();
    let kinds: Vec<_> = pull.checks().iter().map(|check| (check.what, check.state)).collect();
    let good = CheckState::Verified;
    assert_eq!(kinds, [(CheckKind::Index, good), (CheckKind::Manifest, good), (CheckKind::Config, good)]);
    assert_eq!(image.checks, pull.checks());
    assert_eq!(pull.platforms().len(), 2, "attestations are no platforms");
    assert_eq!((pull.chosen(), image.platform.unwrap().to_string()), (Some(0), "linux/amd64".to_owned()));
    assert_eq!((image.names, image.attestations), (vec!["a/b:t".to_owned()], vec![attestation]));
    assert_eq!((image.anchor.kind, image.anchor.value.as_str()), (AnchorKind::Tag, "docker.io"));
    assert_eq!((image.index_digest.as_ref(), image.unverifiable, image.absent), (Some(&root), false, false));
    assert_eq!(pull.pinned().unwrap().familiar(), format!("a/b:t@{root}"));
    let layer = image.layers.first().unwrap();
    assert_eq!((layer.created_by.as_deref(), &layer.place), (Some("COPY x /"), &Place::Blob));
    assert_eq!((&layer.diff_id, &layer.chain_id), (&Some(Digest::of(b"tar")), &Some(Digest::of(b"tar"))));
}

#[test]
fn a_digest_is_its_own_anchor_and_what_differs_from_it_is_not_read() {
    let mut fake = Fake::default();
    let image = fake.image("amd64");
    let digest = fake.document(MANIFEST, &image)["digest"].as_str().unwrap().to_owned();
    let (pull, end) = fake.pull(&format!("a/b@{digest}"), None);
    assert_eq!(end, Ok(Step::Ready));
    let anchor = pull.opened().unwrap().anchor;
    assert_eq!((anchor.kind, anchor.value.as_str()), (AnchorKind::Digest, digest.as_str()));
    for body in [b"{}".as_slice(), b"no JSON", b""] {
        fake.put(&format!("{BASE}/manifests/{digest}"), answer(200, &[("content-type", MANIFEST)], body));
        let (pull, end) = fake.pull(&format!("a/b@{digest}"), None);
        let problem = end.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::ManifestMismatch);
        assert!(problem.detail.contains(&digest) && problem.detail.contains(&Digest::of(body).to_string()));
        let states: Vec<_> = pull.checks().iter().map(|check| check.state).collect();
        assert_eq!(states, [CheckState::Mismatched], "the check is kept");
        assert!(pull.pinned().is_none());
    }
}

#[test]
fn the_header_of_a_tag_is_held_to_its_word_and_never_believed() {
    let mut fake = Fake::default();
    let image = fake.image("amd64");
    let digest = fake.tag(MANIFEST, &image);
    let url = format!("{BASE}/manifests/t");
    let body = image.to_string();
    let other = Digest::of(b"other").to_string();
    let with_header =
        |value: &str| answer(200, &[("content-type", MANIFEST), ("docker-content-digest", value)], body.as_bytes());
    fake.put(&url, with_header(&other));
    assert_eq!(fake.fails("a/b:t", None).0, ProblemKind::ManifestMismatch);
    for unusable in ["blake3:abcd", "nonsense", ""] {
        fake.put(&url, with_header(unusable));
        let (pull, end) = fake.pull("a/b:t", None);
        assert_eq!(end, Ok(Step::Ready), "{unusable}");
        let first = pull.checks().first().unwrap();
        assert_eq!((first.state, first.why.is_some()), (CheckState::Unchecked, true));
        assert_eq!(pull.pinned().unwrap().digest(), Some(&digest), "pinned to the bytes' own hash");
        assert!(!pull.opened().unwrap().unverifiable);
    }
}

#[test]
fn a_digest_of_an_unknown_algorithm_makes_the_image_unverifiable() {
    let mut fake = Fake::default();
    let body = fake.image("amd64").to_string();
    fake.put(&format!("{BASE}/manifests/blake3:abcd"), answer(200, &[("content-type", MANIFEST)], body.as_bytes()));
    let (pull, end) = fake.pull("a/b@blake3:abcd", None);
    assert_eq!(end, Ok(Step::Ready));
    assert!(pull.opened().unwrap().unverifiable);
}

#[test]
fn configs_are_checked_by_size_and_digest() {
    let mut fake = Fake::default();
    let image = fake.image("amd64");
    fake.tag(MANIFEST, &image);
    let url = format!("{BASE}/blobs/{}", image["config"]["digest"].as_str().unwrap());
    let good = fake.0.get(&url).unwrap().clone();
    let mut altered = good.body.clone();
    *altered.last_mut().unwrap() = b' ';
    for body in [altered, [good.body.as_slice(), b" "].concat(), b"{".to_vec()] {
        fake.put(&url, answer(200, &[], &body));
        assert_eq!(fake.fails("a/b:t", None).0, ProblemKind::ConfigMismatch);
    }
    fake.put(&url, HttpResponse { truncated: true, ..good });
    assert_eq!(fake.fails("a/b:t", None).0, ProblemKind::LimitExceeded);
    let mut wrong_size = image.clone();
    wrong_size["config"]["size"] = json!(1);
    fake.image("amd64");
    fake.tag(MANIFEST, &wrong_size);
    assert_eq!(fake.fails("a/b:t", None).0, ProblemKind::ConfigMismatch);
}

#[test]
fn platforms_are_taken_asked_for_or_absent() {
    let mut fake = Fake::default();
    let index = fake.index(&["s390x", "arm64"]);
    fake.tag(INDEX, &index);
    let (mut pull, end) = fake.pull("a/b:t", None);
    assert!(matches!(end, Ok(Step::ChoosePlatform(ref choices)) if choices.len() == 2));
    assert_eq!(pull.choose(7).unwrap_err().kind, ProblemKind::PlatformAbsent);
    pull.choose(1).unwrap();
    assert_eq!(fake.drive(&mut pull), Ok(Step::Ready));
    assert_eq!(pull.opened().unwrap().platform.unwrap().to_string(), "linux/s390x");
    let (pull, _) = fake.pull("a/b:t", Some("linux/arm64/v8"));
    assert_eq!(pull.opened().unwrap().platform.unwrap().to_string(), "linux/arm64");
    let (kind, detail) = fake.fails("a/b:t", Some("linux/amd64"));
    assert_eq!(kind, ProblemKind::PlatformAbsent);
    assert!(detail.contains("linux/arm64, linux/s390x"), "{detail}");
    let only = fake.index(&["riscv64"]);
    fake.tag(INDEX, &only);
    assert_eq!(fake.pull("a/b:t", None).1, Ok(Step::Ready), "the only one needs no choice");
    let single = fake.image("riscv64");
    fake.tag(MANIFEST, &single);
    assert_eq!(fake.fails("a/b:t", Some("linux/amd64")).0, ProblemKind::PlatformAbsent);
    fake.tag(INDEX, &json!({"schemaVersion": 2, "manifests": []}));
    assert_eq!(fake.fails("a/b:t", None).0, ProblemKind::PlatformAbsent);
}

#[test]
fn indexes_in_indexes_are_followed_to_a_depth() {
    let mut fake = Fake::default();
    let mut index = fake.index(&["amd64", "arm64"]);
    for depth in 1..=5 {
        let root = fake.tag(INDEX, &index);
        if depth <= 4 {
            let (pull, end) = fake.pull("a/b:t", Some("linux/arm64"));
            assert_eq!(end, Ok(Step::Ready), "{depth} deep");
            assert_eq!(pull.opened().unwrap().index_digest, Some(root));
        } else {
            assert_eq!(fake.fails("a/b:t", Some("linux/arm64")).0, ProblemKind::LimitExceeded);
        }
        let child = fake.document(INDEX, &index);
        index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]});
    }
}

#[test]
fn documents_that_are_no_image_say_what_they_are() {
    let image = |fake: &mut Fake| fake.image("amd64");
    type Change = fn(Value) -> Value;
    let table: [(&str, &str, Change, ProblemKind); 11] = [
        (
            "schema 1 by label",
            "application/vnd.docker.distribution.manifest.v1+prettyjws",
            |d| d,
            ProblemKind::Schema1Unsupported,
        ),
        ("schema 1 by version", "application/json", |_| json!({"schemaVersion": 1}), ProblemKind::Schema1Unsupported),
        ("two types", INDEX, |d| d, ProblemKind::ManifestInvalid),
        ("both shapes", MANIFEST, |d| with(d, "manifests", json!([])), ProblemKind::ManifestInvalid),
        (
            "artifact type",
            MANIFEST,
            |d| with(d, "artifactType", json!("application/x")),
            ProblemKind::NotAnImageArtifact,
        ),
        (
            "config of an artifact",
            MANIFEST,
            |mut d| {
                d["config"]["mediaType"] = json!("application/vnd.cncf.helm.config.v1+json");
                d
            },
            ProblemKind::NotAnImageArtifact,
        ),
        (
            "a signature, which borrows the config of an image",
            MANIFEST,
            |d| with(d, "layers", json!([layer("application/vnd.dev.cosign.simplesigning.v1+json")])),
            ProblemKind::NotAnImageArtifact,
        ),
        (
            "an attestation by BuildKit",
            MANIFEST,
            |d| with(d, "layers", json!([layer("application/vnd.in-toto+json")])),
            ProblemKind::NotAnImageArtifact,
        ),
        (
            "two layers, one diffID",
            MANIFEST,
            |d| with(d, "layers", json!([layer(LAYER), layer(LAYER)])),
            ProblemKind::ManifestInvalid,
        ),
        ("no config", MANIFEST, |_| json!({"schemaVersion": 2, "layers": []}), ProblemKind::ManifestInvalid),
        ("no object", MANIFEST, |_| json!([1]), ProblemKind::ManifestInvalid),
    ];
    for (name, label, change, kind) in table {
        let mut fake = Fake::default();
        let document = change(image(&mut fake));
        fake.tag(label, &document);
        assert_eq!(fake.fails("a/b:t", None).0, kind, "{name}");
    }
}

#[test]
fn layers_that_cannot_be_read_say_why() {
    for (kind, why) in [
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign"),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "encrypted"),
        ("application/pdf", "application/pdf"),
    ] {
        let mut fake = Fake::default();
        let image = with(fake.image("amd64"), "layers", json!([layer(kind)]));
        fake.tag(MANIFEST, &image);
        let image = fake.pull("a/b:t", None).0.opened().unwrap();
        let place = &image.layers.first().unwrap().place;
        assert!(matches!(place, Place::Unreadable { why: text } if text.contains(why)), "{kind}: {place:?}");
    }
}
