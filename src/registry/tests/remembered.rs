//! A tag that was pulled before: asked about first, fetched by digest or from a copy.

use super::*;
use crate::registry::Method;

/// Answers HEAD of the tag with `head`, all else from the fake; gives the requests in order.
fn requests(
    fake: &Fake,
    head: &Result<HttpResponse, Transport>,
    before: &Digest,
) -> (Pull, Vec<(Method, String, bool)>) {
    let via = Via::Direct { plain_http: false };
    let mut pull = Pull::new(Reference::parse("a/b:t").unwrap(), None, via).remembering(Some(before.clone()));
    let mut requests = Vec::new();
    while let Step::Fetch(request) = pull.poll() {
        let what = request.url.strip_prefix(BASE).unwrap_or(&request.url).to_owned();
        requests.push((request.method, what, request.digest.is_some()));
        let response = match request.method {
            Method::Head => head.clone(),
            Method::Get => Ok(fake.0.get(&request.url).cloned().unwrap_or_else(|| answer(404, &[], b""))),
        };
        if pull.provide(response).is_err() {
            break;
        }
    }
    (pull, requests)
}

fn told(digest: &Digest) -> HttpResponse {
    answer(200, &[("content-type", INDEX), ("docker-content-digest", &digest.to_string())], b"")
}

#[test]
fn a_tag_that_still_names_the_same_is_not_fetched_by_tag() {
    let mut fake = Fake::default();
    let index = fake.index(&["amd64"]);
    let root = fake.tag(INDEX, &index);
    fake.document(INDEX, &index);
    let (pull, requests) = requests(&fake, &Ok(told(&root)), &root);
    assert!(pull.opened().is_some());
    assert_eq!(requests[0], (Method::Head, "/manifests/t".into(), false));
    assert_eq!(requests[1], (Method::Get, format!("/manifests/{root}"), true));
    assert!(requests[1..].iter().all(|(_, _, named)| *named), "all that follows is named by digest");
    assert_eq!(pull.opened().unwrap().anchor.kind, AnchorKind::Tag, "the registry told it, nobody named it");
    assert!(pull.checks().iter().all(|check| check.state == CheckState::Verified));
}

#[test]
fn what_is_answered_in_its_stead_is_held_against_the_digest() {
    let mut fake = Fake::default();
    let index = fake.index(&["amd64"]);
    let root = fake.tag(INDEX, &index);
    let other = fake.index(&["arm64"]).to_string();
    fake.put(&format!("{BASE}/manifests/{root}"), answer(200, &[("content-type", INDEX)], other.as_bytes()));
    let (pull, _) = requests(&fake, &Ok(told(&root)), &root);
    assert!(pull.opened().is_none());
    assert_eq!(pull.checks().last().unwrap().state, CheckState::Mismatched);
}

#[test]
fn without_an_answer_of_use_the_tag_is_fetched() {
    let mut fake = Fake::default();
    let index = fake.index(&["amd64"]);
    let root = fake.tag(INDEX, &index);
    let before = Digest::of(b"before");
    for head in [told(&root), answer(404, &[], b""), answer(405, &[], b""), answer(200, &[], b"")] {
        let (pull, requests) = requests(&fake, &Ok(head), &before);
        assert!(pull.opened().is_some());
        assert_eq!(requests[1], (Method::Get, "/manifests/t".into(), false));
    }
    let gone = Err(Transport::Unreachable("offline".into()));
    let (pull, requests) = requests(&fake, &gone, &root);
    assert!(pull.opened().is_none());
    assert_eq!(requests.len(), 1);
}

#[test]
fn a_reference_with_a_digest_is_not_asked_about() {
    let reference = Reference::parse(&format!("a/b:t@{}", Digest::of(b"x"))).unwrap();
    let pull = Pull::new(reference, None, Via::Direct { plain_http: false }).remembering(Some(Digest::of(b"y")));
    let Step::Fetch(request) = pull.poll() else { panic!("nothing is fetched") };
    assert_eq!((request.method, request.digest), (Method::Get, Some(Digest::of(b"x"))));
}
