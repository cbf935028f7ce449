//! The repository's state machines against a real registry, directly and through the real proxy, and against one that
//! has what the real one has not: pages and the referrers API.

use std::fmt::Debug;

use lagvis::{
    drift,
    image::{Descriptor, Digest, Platform, Reference},
    opened::OpenedImage,
    problem::Problem,
    protocol::{Fate, Item, ReferrerSource, Referrers, TagList, TagNow},
    registry::{FindReferrers, FollowTag, Pull, ReadItem, Step, Tags, Via},
};
use lagvis_fixtures::{Layer, Packing, sample};
use lagvis_tests::{answers, described::Described, pushed::Pushed, registry::NEEDS, service::Lagvis, tools};
use serde_json::{Value, json};

/// A repository by one way.
struct Asked {
    reference: Reference,
    via: Via,
}

impl Asked {
    fn tags(&self) -> TagList {
        let mut tags = Tags::new(self.reference.clone(), self.via.clone());
        while let Some(request) = tags.poll() {
            tags.provide(answers::answer(&request)).unwrap();
        }
        tags.list(None)
    }

    fn referrers(&self, subject: &str) -> Referrers {
        let mut find = FindReferrers::new(self.reference.clone(), self.via.clone(), Digest::parse(subject).unwrap());
        while let Some(request) = find.poll() {
            find.provide(answers::answer(&request)).unwrap();
        }
        find.found().clone()
    }

    fn read(&self, digest: &Digest, named: Option<Descriptor>) -> Result<Item, Problem> {
        let mut read = ReadItem::new(self.reference.clone(), self.via.clone(), digest.clone(), named)?;
        while let Some(request) = read.poll() {
            read.provide(answers::answer(&request))?;
        }
        Ok(read.item().unwrap())
    }

    fn now(&self, tag: &str, pinned: &str) -> TagNow {
        let pinned = Digest::parse(pinned).unwrap();
        let mut follow = FollowTag::new(self.reference.clone(), self.via.clone(), tag.to_owned(), pinned);
        while let Some(request) = follow.poll() {
            follow.provide(answers::answer(&request)).unwrap();
        }
        follow.now().unwrap()
    }

    fn image(&self, which: &str) -> OpenedImage {
        let platform = Platform::parse("linux/amd64").ok();
        let mut pull = Pull::new(self.reference.with(which).unwrap(), platform, self.via.clone());
        while let Step::Fetch(request) = pull.poll() {
            pull.provide(answers::answer(&request)).unwrap();
        }
        pull.opened().unwrap()
    }
}

/// Directly, and through the proxy.
fn asked_by(reference: &str, lagvis: &Lagvis) -> [Asked; 2] {
    [Via::Direct { plain_http: true }, Via::Proxy { base: lagvis.url.clone() }]
        .map(|via| Asked { reference: Reference::parse(reference).unwrap(), via })
}

fn same<T: PartialEq + Debug>(what: &str, mut of_each: impl FnMut(&Asked) -> T, ways: &[Asked]) -> T {
    let all: Vec<T> = ways.iter().map(&mut of_each).collect();
    assert_eq!(all[0], all[1], "{what}: directly and through the proxy differ");
    all.into_iter().next().unwrap()
}

#[test]
fn tags_referrers_and_attestations_of_a_real_registry() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let described = Described::start().unwrap();
    let ways = asked_by(&described.reference, &described.lagvis);
    let tag = described.index.replace(':', "-");
    let list = same("tags", Asked::tags, &ways);
    assert_eq!(list.tags, ["1".to_owned(), tag.clone(), format!("{tag}.att"), format!("{tag}.sig")]);
    assert!(list.complete);

    let found = same("referrers", |asked| asked.referrers(&described.index), &ways);
    assert!(!found.by_api, "distribution 2.8 has no referrers API");
    let listed: Vec<_> = found.list.iter().map(|referrer| (referrer.digest.to_string(), referrer.source)).collect();
    let [sbom, signature, signed] = described.referrers.clone();
    let expected = [
        (sbom, ReferrerSource::Tag),
        (signature, ReferrerSource::CosignSignature),
        (signed, ReferrerSource::CosignAttestation),
    ];
    assert_eq!(listed, expected);
    assert!(found.list.iter().all(|referrer| referrer.size.is_some()), "{found:?}");
    assert_eq!(found.list[0].artifact_type.as_deref(), Some("application/vnd.cyclonedx+json"));

    // From a referrer to its document, and from the index to the attestation's statement.
    let follow = |from: &Digest, field: &str| {
        let manifest = same("a manifest", |asked| asked.read(from, None).unwrap(), &ways);
        let (_, named) = manifest.names.into_iter().find(|(name, _)| name == field).unwrap();
        same("a document", |asked| asked.read(&named.digest, Some(named.clone())).unwrap(), &ways)
    };
    assert_eq!(follow(&found.list[0].digest, "layers[0]").what, "SBOM (CycloneDX)");
    assert_eq!(follow(&found.list[1].digest, "layers[0]").what, "cosign signature");
    let signed = follow(&found.list[2].digest, "layers[0]");
    let payload: Value = serde_json::from_str(&signed.payload.unwrap().text).unwrap();
    assert_eq!(payload["predicateType"], "https://cosign.sigstore.dev/attestation/vuln/v1");
    assert_eq!(signed.subjects, [Digest::parse(&described.index).unwrap()]);
    let attestation = Digest::parse(&described.attestation).unwrap();
    let sbom = follow(&attestation, "layers[0]");
    assert!(sbom.facts.contains(&("Packages".to_owned(), "2".to_owned())), "{:?}", sbom.facts);
    assert_eq!(sbom.subjects[0].to_string(), described.amd64["digest"].as_str().unwrap());

    // A bit that was flipped on the registry's disk is seen.
    described.registry.alter(&described.attestation).unwrap();
    // The proxy that was asked before has the right bytes in memory.
    let other = Lagvis::serve(std::slice::from_ref(&described.registry.host)).unwrap();
    for asked in &asked_by(&described.reference, &other) {
        assert!(asked.read(&attestation, None).unwrap_err().detail.contains("expected sha256:"));
    }
}

#[test]
fn a_tag_that_moved_and_what_changed() {
    if !tools::have(&NEEDS).unwrap() {
        return;
    }
    let Pushed { folder, file: _file, registry, lagvis, reference } = Pushed::start().unwrap();
    let ways = asked_by(&reference, &lagvis);
    let old = same("the image", |asked| asked.image("1").manifest_digest.unwrap().to_string(), &ways);
    assert_eq!(same("the tag", |asked| asked.now("1", &old), &ways), TagNow::Same);
    assert_eq!(same("another tag", |asked| asked.now("2", &old), &ways), TagNow::Gone);
    let newer = sample().layer(Layer::new("COPY more /").file("more", 0o644, "more"));
    let file = folder.write("newer.tar", newer.oci_archive(Packing::Gzip).unwrap()).unwrap();
    registry.push(&format!("oci-archive:{}", file.display()), "demo/app:1").unwrap();
    let TagNow::Moved(new) = same("the tag", |asked| asked.now("1", &old), &ways) else { panic!("it did not move") };
    let difference = same("the two", |asked| drift::compare(&asked.image(&old), &asked.image(&new.to_string())), &ways);
    let fates: Vec<Fate> = difference.layers.iter().map(|pair| pair.fate).collect();
    assert_eq!(fates, [[Fate::Shared; 5].as_slice(), &[Fate::Added]].concat());
}

#[test]
fn pages_of_tags_and_the_referrers_api_through_the_proxy() {
    let subject = Digest::of(b"subject");
    let path = format!("/v2/a/b/referrers/{subject}");
    let host = answers::serve(move |_, target| {
        let page = |next: Option<&str>, body: Value| {
            let link = next.map(|next| ("link".to_owned(), format!("<{next}>; rel=\"next\"")));
            (200, link.into_iter().collect(), body.to_string().into_bytes())
        };
        let manifest = |of: &[u8]| {
            json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": Digest::of(of).to_string(),
                "size": 3, "artifactType": "application/spdx+json"})
        };
        match target {
            "/v2/a/b/tags/list?n=1000" => page(Some("/v2/a/b/tags/list?n=1000&last=b"), json!({"tags": ["1.9", "b"]})),
            "/v2/a/b/tags/list?n=1000&last=b" => {
                page(Some("http://inner/v2/a/b/tags/list?n=1000&last=c"), json!({"tags": ["1.10", "b"]}))
            }
            "/v2/a/b/tags/list?n=1000&last=c" => page(None, json!({"tags": ["latest"]})),
            other if other == path => page(Some(&format!("{path}?last=1")), json!({"manifests": [manifest(b"1")]})),
            other if other == format!("{path}?last=1") => page(None, json!({"manifests": [manifest(b"2")]})),
            _ => (404, Vec::new(), b"{}".to_vec()),
        }
    })
    .unwrap();
    let lagvis = Lagvis::serve(std::slice::from_ref(&host)).unwrap();
    let ways = asked_by(&format!("{host}/a/b"), &lagvis);
    let list = same("tags", Asked::tags, &ways);
    assert_eq!((list.tags, list.complete), (["latest", "1.10", "1.9", "b"].map(str::to_owned).to_vec(), true));
    let found = same("referrers", |asked| asked.referrers(&Digest::of(b"subject").to_string()), &ways);
    assert!(found.by_api);
    assert_eq!(
        found.list.iter().map(|referrer| referrer.digest.clone()).collect::<Vec<_>>(),
        [Digest::of(b"1"), Digest::of(b"2")]
    );
}
