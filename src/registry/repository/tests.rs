//! The repository's state machines against answers by URL.

use serde_json::{Value, json};

use super::*;
use crate::{
    image::{Descriptor, Digest, Reference},
    problem::{Problem, ProblemKind},
    protocol::{Item, ReferrerSource, Referrers, TagList, TagNow},
    registry::{HttpRequest, HttpResponse, Method, Transport, Via},
};

const BASE: &str = "http://proxy/v2/a/b";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn reference() -> Reference {
    Reference::parse("r.example/a/b:t").unwrap()
}

fn via() -> Via {
    Via::Proxy { base: "http://proxy/".to_owned() }
}

fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    HttpResponse { status, headers, body: body.as_ref().to_vec(), truncated: false }
}

/// Answers by method and path with query, without the base and `ns`; everything else is not there.
struct Fake(Vec<(&'static str, String, HttpResponse)>);

impl Fake {
    fn with(mut self, method: &'static str, path: &str, response: HttpResponse) -> Self {
        self.0.push((method, path.to_owned(), response));
        self
    }

    fn get(self, path: &str, headers: &[(&str, &str)], body: &Value) -> Self {
        self.with("GET", path, answer(200, headers, body.to_string()))
    }

    fn ask(&self, request: &HttpRequest) -> Result<HttpResponse, Transport> {
        let method = if request.method == Method::Get { "GET" } else { "HEAD" };
        let path = request.url.strip_prefix(BASE).unwrap_or_else(|| panic!("{} is elsewhere", request.url));
        let path = path.replace("&ns=r.example", "").replace("?ns=r.example", "");
        assert!(request.url.contains("ns=r.example"), "{}", request.url);
        let found = self.0.iter().find(|(m, p, _)| *m == method && *p == path);
        Ok(found.map_or_else(|| answer(404, &[], ""), |(_, _, response)| response.clone()))
    }

    fn tags(&self) -> TagList {
        let mut tags = Tags::new(reference(), via());
        while let Some(request) = tags.poll() {
            if let Err(problem) = tags.provide(self.ask(&request)) {
                return tags.list(Some(problem));
            }
        }
        tags.list(None)
    }

    fn referrers(&self, subject: &Digest) -> (Referrers, Option<ProblemKind>) {
        let mut find = FindReferrers::new(reference(), via(), subject.clone());
        while let Some(request) = find.poll() {
            if let Err(problem) = find.provide(self.ask(&request)) {
                return (find.found().clone(), Some(problem.kind));
            }
        }
        (find.found().clone(), None)
    }

    fn read(&self, digest: &Digest, named: Option<Descriptor>) -> Result<Item, Problem> {
        let mut read = ReadItem::new(reference(), via(), digest.clone(), named)?;
        while let Some(request) = read.poll() {
            read.provide(self.ask(&request))?;
        }
        Ok(read.item().expect("it ended without an item"))
    }

    fn now(&self, pinned: &Digest) -> Result<TagNow, ProblemKind> {
        let mut follow = FollowTag::new(reference(), via(), "t".to_owned(), pinned.clone());
        while let Some(request) = follow.poll() {
            follow.provide(self.ask(&request)).map_err(|problem| problem.kind)?;
        }
        Ok(follow.now().expect("it ended without an answer"))
    }
}

fn page(tags: &[&str]) -> Value {
    json!({"name": "a/b", "tags": tags})
}

#[test]
fn tags_come_page_by_page_each_once_and_in_order() {
    let fake = Fake(Vec::new())
        .get(
            "/tags/list?n=1000",
            &[("link", "</v2/a/b/tags/list?last=x&n=1000&ns=r.example>; rel=\"next\"")],
            &page(&["1.2", "x", "1.10"]),
        )
        .get(
            "/tags/list?last=x&n=1000",
            &[("link", "<http://inner/v2/a/b/tags/list?last=y&n=1000>; rel=next")],
            &page(&["latest", "x", "no tag!"]),
        )
        .get("/tags/list?last=y&n=1000", &[], &json!({"tags": null}));
    let list = fake.tags();
    assert_eq!(list.tags, ["latest", "1.10", "1.2", "x"]);
    assert_eq!((list.complete, list.left_out, list.problem), (true, 1, None));
}

#[test]
fn lists_of_tags_that_do_not_end_well_keep_what_came() {
    let first = |link: &str| Fake(Vec::new()).get("/tags/list?n=1000", &[("link", link)], &page(&["a"]));
    let kind = |fake: Fake| {
        let list = fake.tags();
        assert_eq!((list.tags, list.complete), (vec!["a".to_owned()], false));
        list.problem.unwrap().kind
    };
    assert_eq!(kind(first("</v2/a/b/tags/list?n=1000>; rel=next")), ProblemKind::RegistryError, "a circle");
    assert_eq!(kind(first("<https://evil.example/x?n=2>; rel=next")), ProblemKind::RegistryError, "elsewhere");
    assert_eq!(kind(first("</v2/a/b/tags/list?last=gone>; rel=next")), ProblemKind::NameUnknown, "cut off");
    let broken = Fake(Vec::new()).with("GET", "/tags/list?n=1000", answer(200, &[], "<html>")).tags();
    assert_eq!(broken.problem.unwrap().kind, ProblemKind::RegistryError);
    assert_eq!(Fake(Vec::new()).tags().problem.unwrap().kind, ProblemKind::NameUnknown);
    let limited = Fake(Vec::new()).with("GET", "/tags/list?n=1000", answer(429, &[], "")).tags();
    assert_eq!(limited.problem.unwrap().kind, ProblemKind::RateLimited);
    // A registry that wants smaller pages is asked for its own.
    let small =
        Fake(Vec::new()).with("GET", "/tags/list?n=1000", answer(400, &[], "")).get("/tags/list", &[], &page(&["a"]));
    assert_eq!(small.tags().tags, ["a"]);
}

#[test]
fn a_list_of_tags_without_end_is_bounded() {
    let mut tags = Tags::new(reference(), via());
    let mut asked = 0;
    let problem = loop {
        tags.poll().expect("it goes on until it is told that this is too long");
        asked += 1;
        let link = format!("<?last={asked}>; rel=next");
        if let Err(problem) = tags.provide(Ok(answer(200, &[("link", &link)], page(&["a"]).to_string()))) {
            break problem;
        }
    };
    assert_eq!((problem.kind, asked), (ProblemKind::LimitExceeded, crate::limits::LIST_PAGES));
    assert_eq!(tags.poll(), None);
}

fn entry(of: &[u8], kind: &str) -> Value {
    json!({"mediaType": MANIFEST, "digest": Digest::of(of).to_string(), "size": 7, "artifactType": kind,
        "annotations": {"a": kind}})
}

#[test]
fn referrers_by_the_api_and_its_pages() {
    let subject = Digest::of(b"subject");
    let path = format!("/referrers/{subject}");
    let link = format!("</v2/a/b{path}?last=1>; rel=next");
    let fake = Fake(Vec::new())
        .get(
            &path,
            &[("link", &link), ("oci-filters-applied", "artifactType")],
            &json!({"manifests": [entry(b"1", "sbom")]}),
        )
        .get(&format!("{path}?last=1"), &[], &json!({"manifests": [entry(b"2", "vex"), entry(b"1", "sbom")]}))
        .get(&format!("/manifests/{}", fallback_tag(&subject)), &[], &json!({"manifests": [entry(b"3", "never")]}));
    let (found, problem) = fake.referrers(&subject);
    assert_eq!(problem, None);
    assert_eq!((found.by_api, found.filtered.as_deref()), (true, Some("artifactType")));
    let listed: Vec<_> =
        found.list.iter().map(|entry| (entry.artifact_type.as_deref(), entry.size, entry.source)).collect();
    assert_eq!(listed, [(Some("sbom"), Some(7), ReferrerSource::Api), (Some("vex"), Some(7), ReferrerSource::Api)]);
}

#[test]
fn referrers_by_tags_where_there_is_no_api() {
    let subject = Digest::of(b"subject");
    let tag = fallback_tag(&subject);
    assert_eq!(tag, subject.to_string().replace(':', "-"));
    let signature = Digest::of(b"signature");
    let told = [("docker-content-digest", signature.to_string()), ("content-length", "12".to_owned())];
    let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fake = |api: HttpResponse| {
        Fake(Vec::new())
            .with("GET", &format!("/referrers/{subject}"), api)
            .get(&format!("/manifests/{tag}"), &[], &json!({"manifests": [entry(b"1", "sbom")]}))
            .with("HEAD", &format!("/manifests/{tag}.sig"), answer(200, &told, ""))
            // No digest in the header: it is fetched and hashed.
            .with("HEAD", &format!("/manifests/{tag}.att"), answer(200, &[], ""))
            .with("GET", &format!("/manifests/{tag}.att"), answer(200, &[("content-type", MANIFEST)], "{}"))
    };
    for api in [answer(404, &[], ""), answer(405, &[], ""), answer(200, &[("content-type", "text/html")], "<html>")] {
        let (found, problem) = fake(api).referrers(&subject);
        assert_eq!((problem, found.by_api), (None, false));
        let listed: Vec<_> = found.list.iter().map(|entry| (entry.digest.clone(), entry.size, entry.source)).collect();
        assert_eq!(
            listed,
            [
                (Digest::of(b"1"), Some(7), ReferrerSource::Tag),
                (signature.clone(), Some(12), ReferrerSource::CosignSignature),
                (Digest::of(b"{}"), Some(2), ReferrerSource::CosignAttestation),
            ]
        );
    }
    assert_eq!(Fake(Vec::new()).referrers(&subject).0.list, [], "nothing refers to it");
    let limited = Fake(Vec::new()).with("GET", &format!("/referrers/{subject}"), answer(429, &[], ""));
    assert_eq!(limited.referrers(&subject).1, Some(ProblemKind::RateLimited));
    // What cosign keeps does not go down with the rest.
    let other = Digest::parse("algorithm-with-a-name-of-more-than-32-characters+x:abc=_d").unwrap();
    assert_eq!(fallback_tag(&other), "algorithm-with-a-name-of-more-th-abc-_d");
}

#[test]
fn what_a_digest_names_is_checked_before_it_is_read() {
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/spdx+json",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": Digest::of(b"{}").to_string(), "size": 2},
        "layers": [{"mediaType": "application/spdx+json", "digest": Digest::of(b"x").to_string(), "size": 1, "annotations": {"k": "v"}}],
        "subject": {"mediaType": MANIFEST, "digest": Digest::of(b"s").to_string(), "size": 1},
        "annotations": {"made": "today"}});
    let body = manifest.to_string();
    let digest = Digest::of(body.as_bytes());
    let path = format!("/manifests/{digest}");
    let fake =
        |label: &str, body: &str| Fake(Vec::new()).with("GET", &path, answer(200, &[("content-type", label)], body));
    let item = fake(MANIFEST, &body).read(&digest, None).unwrap();
    assert_eq!((item.what.as_str(), item.media_type.as_str(), item.is_manifest), ("SBOM (SPDX)", MANIFEST, true));
    assert_eq!(item.facts, [("Artifact type".to_owned(), "application/spdx+json".to_owned())]);
    let fields: Vec<&str> = item.names.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["config", "subject", "layers[0]"]);
    assert_eq!(
        (item.text.as_deref(), item.annotations.get("made").map(String::as_str)),
        (Some(body.as_str()), Some("today"))
    );

    let kind = |result: Result<Item, Problem>| result.unwrap_err().kind;
    assert_eq!(
        kind(fake(MANIFEST, &body.replace("today", "later")).read(&digest, None)),
        ProblemKind::ManifestMismatch
    );
    assert_eq!(kind(fake(INDEX, &body).read(&digest, None)), ProblemKind::ManifestInvalid, "called an index");
    let named = |size: u64, media_type: &str, digest: &Digest| -> Descriptor {
        serde_json::from_value(json!({"mediaType": media_type, "digest": digest.to_string(), "size": size})).unwrap()
    };
    assert_eq!(
        kind(fake(MANIFEST, &body).read(&digest, Some(named(3, MANIFEST, &digest)))),
        ProblemKind::ManifestMismatch
    );
    let size = body.len() as u64;
    assert!(fake(MANIFEST, &body).read(&digest, Some(named(size, MANIFEST, &digest))).is_ok());
    assert_eq!(kind(Fake(Vec::new()).read(&digest, None)), ProblemKind::ManifestUnknown);
    let unknown = Digest::parse("blake3:abcd").unwrap();
    assert_eq!(kind(Fake(Vec::new()).read(&unknown, None)), ProblemKind::ManifestInvalid);

    // A blob: found though nothing says what it is, and of one that is too large not a byte is asked for.
    let blob = Digest::of(b"{\"a\":1}");
    let blobs = Fake(Vec::new()).with("GET", &format!("/blobs/{blob}"), answer(200, &[], "{\"a\":1}"));
    assert_eq!(blobs.read(&blob, None).unwrap().text.as_deref(), Some("{\"a\":1}"));
    let blobs = blobs.with("GET", &format!("/manifests/{blob}"), answer(500, &[], ""));
    assert_eq!(blobs.read(&blob, None).unwrap().text.as_deref(), Some("{\"a\":1}"));
    assert_eq!(blobs.read(&blob, Some(named(7, "text/x", &blob))).unwrap().media_type, "text/x");
    let large = named(crate::limits::ITEM_BYTES + 1, "text/x", &blob);
    assert_eq!(ReadItem::new(reference(), via(), blob, Some(large)).unwrap_err().kind, ProblemKind::LimitExceeded);
}

#[test]
fn envelopes_statements_sboms_and_charts_say_what_they_are() {
    let statement = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
        "subject": [{"name": "x", "digest": {"sha256": "ab".repeat(32), "sha1": "cd"}}],
        "predicate": {"runDetails": {"builder": {"id": "https://b.example"}}}});
    // {"_type":"x","predicateType":"p","predicate":{"spdxVersion":"SPDX-2.3","packages":[1,2]}}
    let payload = "eyJfdHlwZSI6IngiLCJwcmVkaWNhdGVUeXBlIjoicCIsInByZWRpY2F0ZSI6eyJzcGR4VmVyc2lvbiI6IlNQRFgtMi4zIiwicGFja2FnZXMiOlsxLDJdfX0=";
    let envelope =
        json!({"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "x"}]});
    let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope});
    let chart = json!({"apiVersion": "v2", "name": "web", "version": "1.2.3", "appVersion": "9"});
    for (label, value, what, fact) in [
        ("application/vnd.in-toto+json", &statement, "in-toto attestation", Some(("Builder", "https://b.example"))),
        ("application/vnd.dsse.envelope.v1+json", &envelope, "in-toto attestation", Some(("Packages", "2"))),
        (
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            &bundle,
            "in-toto attestation",
            Some(("SBOM", "SPDX, SPDX-2.3")),
        ),
        (
            "application/json",
            &json!({"spdxVersion": "SPDX-2.3", "packages": []}),
            "SBOM (SPDX)",
            Some(("Packages", "0")),
        ),
        (
            "application/json",
            &json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [1]}),
            "SBOM (CycloneDX)",
            Some(("Components", "1")),
        ),
        ("application/vnd.cncf.helm.config.v1+json", &chart, "Helm chart", Some(("Chart", "web 1.2.3"))),
        (
            "application/vnd.dev.cosign.simplesigning.v1+json",
            &json!({"critical": {"image": {"docker-manifest-digest": "sha256:x"}}}),
            "cosign signature",
            Some(("Signs the manifest", "sha256:x")),
        ),
        ("application/x", &json!(1), "document", None),
    ] {
        let bytes = value.to_string();
        let item = item_of(Digest::of(bytes.as_bytes()), label, false, bytes.as_bytes());
        assert_eq!(item.what, what, "{label}");
        if let Some((name, text)) = fact {
            assert!(item.facts.contains(&(name.to_owned(), text.to_owned())), "{label}: {:?}", item.facts);
        }
        let signed = item.payload.as_ref().map(|payload| (payload.kind.as_str(), payload.signatures));
        assert_eq!(signed, bytes.contains("payloadType").then_some(("application/vnd.in-toto+json", 1)), "{label}");
    }
    let bytes = statement.to_string();
    let item = item_of(Digest::of(b""), "x", false, bytes.as_bytes());
    assert_eq!(
        item.subjects,
        [Digest::parse(&format!("sha256:{}", "ab".repeat(32))).unwrap()],
        "sha1 is none that counts"
    );
    let binary = item_of(Digest::of(b""), "application/wasm", false, b"\0asm");
    assert_eq!((binary.text, binary.what.as_str()), (None, "WebAssembly module"));
    let odd = json!({"payloadType": "a", "payload": "%%%"}).to_string();
    assert_eq!(item_of(Digest::of(b""), "x", false, odd.as_bytes()).payload, None);
}

#[test]
fn where_a_tag_leads_now() {
    let old = Digest::of(b"old");
    let document = |listed: &Digest| {
        json!({"mediaType": INDEX, "manifests": [{"mediaType": MANIFEST, "digest": listed.to_string(), "size": 1}]})
            .to_string()
    };
    let fake = |body: &str, told: Option<&Digest>| {
        let digest = Digest::of(body.as_bytes()).to_string();
        let told = told.map(ToString::to_string);
        let headers: Vec<(&str, &str)> = told.iter().map(|told| ("docker-content-digest", told.as_str())).collect();
        Fake(Vec::new())
            .with("HEAD", "/manifests/t", answer(200, &headers, ""))
            .with("GET", "/manifests/t", answer(200, &[], body))
            .with("GET", &format!("/manifests/{digest}"), answer(200, &[], body))
    };
    let of = |body: &str| Digest::of(body.as_bytes());
    let (with, without) = (document(&old), document(&Digest::of(b"other")));
    assert_eq!(fake("", Some(&old)).now(&old), Ok(TagNow::Same));
    assert_eq!(fake("old", None).now(&old), Ok(TagNow::Same), "not told, hashed");
    assert_eq!(fake(&with, Some(&of(&with))).now(&old), Ok(TagNow::Within(of(&with))));
    assert_eq!(fake(&without, Some(&of(&without))).now(&old), Ok(TagNow::Moved(of(&without))));
    assert_eq!(fake(&without, None).now(&old), Ok(TagNow::Moved(of(&without))));
    assert_eq!(Fake(Vec::new()).now(&old), Ok(TagNow::Gone));
    let lie = Digest::of(b"what it says");
    let lying = fake(&without, Some(&lie)).with("GET", &format!("/manifests/{lie}"), answer(200, &[], &without));
    assert_eq!(lying.now(&old), Err(ProblemKind::ManifestMismatch));
    let closed = Fake(Vec::new()).with("HEAD", "/manifests/t", answer(403, &[], ""));
    assert_eq!(closed.now(&old), Err(ProblemKind::AccessDenied));
}
