//! The pull against a registry that is a map from URL to response.

use std::collections::HashMap;

use super::{HttpResponse, Pull, Step, Transport, Via};
use crate::{
    image::{Digest, Platform, Reference},
    problem::{Problem, ProblemKind},
    verify::{AnchorKind, CheckKind, CheckState},
};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[derive(Default)]
struct Fake(HashMap<String, HttpResponse>);

impl Fake {
    fn put(&mut self, path: &str, content_type: &str, body: &str) -> Digest {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let response = HttpResponse { status: 200, headers, body: body.as_bytes().to_vec(), truncated: false };
        self.0.insert(format!("http://p/v2/a/b/{path}?ns=r.example"), response);
        Digest::of(body.as_bytes())
    }

    /// An image by its platform; gives its descriptor in an index.
    fn image(&mut self, platform: &str) -> String {
        let (os, architecture) = platform.split_once('/').unwrap();
        let diff_id = Digest::of(platform.as_bytes());
        let config = format!(
            r#"{{"os":"{os}","architecture":"{architecture}","rootfs":{{"diff_ids":["{diff_id}"]}},"history":[{{"created_by":"RUN x"}}]}}"#
        );
        let id = self.put(&format!("blobs/{}", Digest::of(config.as_bytes())), "application/json", &config);
        let manifest = format!(
            r#"{{"mediaType":"{MANIFEST}","config":{{"digest":"{id}","size":{}}},"layers":[{{"digest":"{diff_id}","size":7}}]}}"#,
            config.len()
        );
        let digest = self.put(&format!("manifests/{}", Digest::of(manifest.as_bytes())), MANIFEST, &manifest);
        format!(
            r#"{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{},"platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#,
            manifest.len()
        )
    }

    fn index(&mut self, children: &[String]) -> Digest {
        self.put("manifests/1", INDEX, &format!(r#"{{"mediaType":"{INDEX}","manifests":[{}]}}"#, children.join(",")))
    }

    fn drive(&self, pull: &mut Pull) -> Result<(), Problem> {
        while let Step::Fetch(request) = pull.poll() {
            let missing = HttpResponse { status: 404, ..HttpResponse::default() };
            pull.provide(Ok(self.0.get(&request.url).cloned().unwrap_or(missing)))?;
        }
        Ok(())
    }
}

fn pull(reference: &str, platform: Option<&str>) -> Pull {
    let platform = platform.map(|text| Platform::parse(text).unwrap());
    Pull::new(Reference::parse(reference).unwrap(), platform, Via::Proxy { base: "http://p/".into() })
}

#[test]
fn a_tag_leads_over_index_and_platform_to_the_image() {
    let mut fake = Fake::default();
    let children = [fake.image("linux/arm64"), fake.image("linux/amd64")];
    let index = fake.index(&children);
    let mut pull = pull("r.example/a/b:1", None);
    fake.drive(&mut pull).unwrap();
    let image = pull.opened().unwrap();
    assert_eq!(image.platform.unwrap().to_string(), "linux/amd64", "the usual platform");
    assert_eq!(pull.platforms().len(), 2);
    assert_eq!(image.index_digest, Some(index.clone()));
    assert_eq!(pull.pinned().unwrap().digest(), Some(&index), "the link pins the index");
    assert_eq!(image.anchor.kind, AnchorKind::Tag);
    let states: Vec<_> = image.checks.iter().map(|check| (check.what, check.state)).collect();
    let verified = CheckState::Verified;
    let unchecked = (CheckKind::Index, CheckState::Unchecked);
    assert_eq!(states, [unchecked, (CheckKind::Manifest, verified), (CheckKind::Config, verified)]);
    assert_eq!(image.layers[0].created_by.as_deref(), Some("RUN x"));
}

#[test]
fn by_digest_the_first_document_is_verified_too() {
    let mut fake = Fake::default();
    let children = [fake.image("linux/arm64")];
    let index = fake.index(&children);
    let body = fake.0["http://p/v2/a/b/manifests/1?ns=r.example"].clone();
    fake.0.insert(format!("http://p/v2/a/b/manifests/{index}?ns=r.example"), body);
    let mut pull = pull(&format!("r.example/a/b@{index}"), None);
    fake.drive(&mut pull).unwrap();
    let image = pull.opened().unwrap();
    assert_eq!(image.anchor.kind, AnchorKind::Digest);
    assert!(image.checks.iter().all(|check| check.state == CheckState::Verified));
}

#[test]
fn altered_documents_are_never_used() {
    for (path, kind) in [("manifests/sha256", ProblemKind::ManifestMismatch), ("blobs/", ProblemKind::ConfigMismatch)] {
        let mut fake = Fake::default();
        let children = [fake.image("linux/amd64")];
        fake.index(&children);
        for (url, response) in &mut fake.0 {
            if url.contains(path) {
                let last = response.body.len() - 2;
                response.body[last] ^= 1;
            }
        }
        let mut pull = pull("r.example/a/b:1", None);
        let problem = fake.drive(&mut pull).unwrap_err();
        assert_eq!(problem.kind, kind, "{problem}");
        assert!(problem.detail.contains("expected sha256:") && problem.detail.contains("actual sha256:"), "{problem}");
        assert!(pull.opened().is_none());
        assert_eq!(pull.checks().last().map(|check| check.state), Some(CheckState::Mismatched));
    }
}

#[test]
fn refusals_have_their_own_kinds() {
    let proxy = r#"{"errors":[{"code":"DENIED","message":"no","detail":{"source":"proxy"}}]}"#;
    let away = r#"{"errors":[{"code":"UNAVAILABLE","message":"no","detail":{"source":"proxy"}}]}"#;
    let unknown = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}"#;
    for (status, body, kind) in [
        (403, proxy, ProblemKind::RegistryNotAllowed),
        (502, away, ProblemKind::RegistryUnreachable),
        (404, unknown, ProblemKind::NameUnknown),
        (404, "", ProblemKind::ManifestUnknown),
        (401, "", ProblemKind::AccessDenied),
        (403, "<html>", ProblemKind::AccessDenied),
        (429, "slow down", ProblemKind::RateLimited),
        (500, "", ProblemKind::RegistryError),
    ] {
        let mut pull = pull("r.example/a/b:1", None);
        let response = HttpResponse { status, body: body.into(), ..HttpResponse::default() };
        assert_eq!(pull.provide(Ok(response)).unwrap_err().kind, kind, "{status} {body}");
    }
    let gone = Err(Transport::Unreachable("TypeError".into()));
    assert_eq!(pull("r.example/a/b:1", None).provide(gone).unwrap_err().kind, ProblemKind::ProxyUnreachable);
}

#[test]
fn documents_that_are_no_image_say_what_they_are() {
    let named = |body: &str, content_type: &str| {
        let mut fake = Fake::default();
        fake.put("manifests/1", content_type, body);
        fake.drive(&mut pull("r.example/a/b:1", None)).unwrap_err().kind
    };
    let empty = Digest::of(b"{}");
    let chart = format!(
        r#"{{"config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{empty}","size":2}}}}"#
    );
    assert_eq!(named(&chart, MANIFEST), ProblemKind::NotAnImageArtifact);
    assert_eq!(named(r#"{"schemaVersion":1}"#, "application/json"), ProblemKind::Schema1Unsupported);
    assert_eq!(named("not json", MANIFEST), ProblemKind::ManifestInvalid);
    assert_eq!(named(&format!(r#"{{"mediaType":"{INDEX}"}}"#), MANIFEST), ProblemKind::ManifestInvalid);
    assert_eq!(named(r#"{"manifests":[]}"#, INDEX), ProblemKind::PlatformAbsent);
}

#[test]
fn platforms_are_asked_for_or_offered() {
    let mut fake = Fake::default();
    let children = [fake.image("linux/arm64"), fake.image("windows/amd64")];
    fake.index(&children);
    let problem = fake.drive(&mut pull("r.example/a/b:1", Some("linux/s390x"))).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::PlatformAbsent);
    assert!(problem.detail.contains("linux/arm64, windows/amd64"), "{problem}");
    let mut open = pull("r.example/a/b:1", None);
    fake.drive(&mut open).unwrap();
    assert!(matches!(open.poll(), Step::ChoosePlatform(choices) if choices.len() == 2));
    open.choose(1).unwrap();
    fake.drive(&mut open).unwrap();
    assert_eq!(open.opened().unwrap().platform.unwrap().to_string(), "windows/amd64");
}

#[test]
fn directly_a_token_is_fetched_over_https_only() {
    let refusal = |realm: &str| HttpResponse {
        status: 401,
        headers: vec![("www-authenticate".to_owned(), format!("Bearer realm=\"{realm}\",service=\"s\""))],
        ..HttpResponse::default()
    };
    let new = || Pull::new(Reference::parse("busybox").unwrap(), None, Via::Direct { plain_http: false });
    let mut pull = new();
    pull.provide(Ok(refusal("https://auth.docker.io/token"))).unwrap();
    let Step::Fetch(request) = pull.poll() else { panic!("a token is to be fetched") };
    assert_eq!(request.url, "https://auth.docker.io/token?service=s&scope=repository:library/busybox:pull");
    let token = HttpResponse { status: 200, body: br#"{"token":"abc"}"#.to_vec(), ..HttpResponse::default() };
    pull.provide(Ok(token)).unwrap();
    let Step::Fetch(request) = pull.poll() else { panic!("the manifest is to be fetched again") };
    assert!(request.headers.contains(&("authorization".to_owned(), "Bearer abc".to_owned())));
    assert!(request.url.starts_with("https://registry-1.docker.io/v2/library/busybox/"));
    let mut pull = new();
    assert_eq!(pull.provide(Ok(refusal("http://169.254.169.254/"))).unwrap_err().kind, ProblemKind::AccessDenied);
}
