//! What is asked for, and when.

use lagvis::{
    image::ContainerConfig, opened::Document, problem::ProblemKind, protocol::FromSession, share::RegistryLook,
    verify::Anchor,
};

use super::*;
use crate::ui::{phase::Model, reduce::Action, see::See};

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

/// An index of one image with its attestation, and that image's manifest.
fn documents() -> Vec<Document> {
    let manifest = r#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:CONFIG","size":2},"layers":[]}"#
        .replace("sha256:CONFIG", &digest("config").to_string());
    let index = format!(
        r#"{{"manifests":[{{"mediaType":"m","digest":"{manifest}","size":9}},
            {{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{attestation}","size":9,"annotations":{{"vnd.docker.reference.digest":"{manifest}","vnd.docker.reference.type":"attestation-manifest"}}}}]}}"#,
        manifest = digest("manifest"),
        attestation = digest("attestation"),
    );
    vec![
        Document::new(CheckKind::Index, Some(digest("index")), index.as_bytes()),
        Document::new(CheckKind::Manifest, Some(digest("manifest")), manifest.as_bytes()),
        Document::new(CheckKind::Config, Some(digest("config")), b"{}"),
    ]
}

fn opened(anchor: AnchorKind) -> Model {
    let summary = ImageSummary {
        source: SourceKind::Registry,
        source_name: String::new(),
        names: Vec::new(),
        anchor: Anchor { kind: anchor, value: String::new() },
        pinned: Some(format!("r.example/a:t@{}", digest("index"))),
        index_digest: Some(digest("index")),
        manifest_digest: Some(digest("manifest")),
        image_id: Some(digest("config")),
        platform: None,
        created: None,
        run: ContainerConfig::default(),
        layers: Vec::new(),
        steps: Vec::new(),
        checks: Vec::new(),
        warnings: Vec::new(),
        attestations: Vec::new(),
        author: None,
        documents: documents(),
        layer_members: Vec::new(),
    };
    let begun = Model::default().after(Action::Begin { title: String::new(), look: Look::default(), via: None });
    begun.after(Action::Events(vec![FromSession::Opened(Box::new(summary))]))
}

fn asks(model: &Model) -> Vec<Ask> {
    needs(&model.phase, &model.look, &model.repository)
}

fn item(of: &str) -> Item {
    item_of(digest(of), "application/x", false, b"{}")
}

#[test]
fn of_an_open_image_only_the_tag_is_asked_and_only_when_a_link_pinned_it() {
    assert_eq!(asks(&opened(AnchorKind::Tag)), []);
    let tag = Ask::Tag { tag: "t".to_owned(), pinned: digest("index") };
    assert_eq!(asks(&opened(AnchorKind::Digest)), [tag]);
}

#[test]
fn the_tab_asks_for_what_its_parts_show() {
    let model = opened(AnchorKind::Tag).after(Action::See(See::Tab(Tab::Registry)));
    let attestation = Ask::Item {
        digest: digest("attestation"),
        named: model.repository.named(&digest("attestation")).map(Box::new),
    };
    let main = [Ask::Referrers(digest("index")), Ask::Referrers(digest("manifest")), attestation];
    assert_eq!(asks(&model), main);
    assert_eq!(asks(&model.after(Action::See(See::Part(Part::Tags)))), [Ask::Tags]);
    let with = RegistryLook { with: Some("2".to_owned()), ..RegistryLook::default() };
    let compared = model.after(Action::See(See::Registry(with))).after(Action::See(See::Part(Part::Compare)));
    let pair = Pair { old: digest("index"), new: "2".to_owned(), platform: None };
    assert_eq!(asks(&compared), [Ask::Compare(pair)]);
}

#[test]
fn what_is_here_is_not_asked_for_again() {
    let looks = |of: &str| RegistryLook { item: Some(digest(of)), ..RegistryLook::default() };
    let model = opened(AnchorKind::Tag).after(Action::See(See::Tab(Tab::Registry)));
    for document in ["index", "manifest", "config"] {
        assert_eq!(asks(&model.after(Action::See(See::Registry(looks(document))))), [], "{document}");
    }
    let model = model.after(Action::See(See::Registry(looks("other"))));
    assert_eq!(asks(&model), [Ask::Item { digest: digest("other"), named: None }]);
    let told = Told::Item { digest: digest("other"), outcome: Ok(Box::new(item("other"))) };
    let model = model.after(Action::Events(vec![FromSession::Repository(Box::new(told))]));
    assert_eq!(asks(&model), []);
    // Another image begins with nothing known.
    let model = model.after(Action::Begin { title: String::new(), look: Look::default(), via: None });
    assert!(model.repository.items.is_empty());
}

#[test]
fn a_repository_and_an_artifact_are_looked_at_without_an_image() {
    let browse = Action::Browse { name: "r.example/a".to_owned(), look: Look::default() };
    let model = Model::default().after(browse);
    assert_eq!((asks(&model), model.phase.name()), (vec![Ask::Tags], "start"));
    let problem = Problem::new(ProblemKind::NotAnImageArtifact, "a", "b");
    let artifact = FromSession::Artifact {
        pinned: format!("r.example/a:t@{}", digest("chart")),
        items: vec![item("chart")],
        problem: problem.clone(),
    };
    let begun = Model::default().after(Action::Begin { title: String::new(), look: Look::default(), via: None });
    let model = begun.after(Action::Events(vec![artifact]));
    assert_eq!((asks(&model), model.phase.name()), (vec![Ask::Referrers(digest("chart"))], "failed"));
    let Phase::Browsing(browsing) = &model.phase else { panic!("{:?}", model.phase) };
    assert_eq!(browsing.artifact, Some((problem, digest("chart"))));
    assert!(model.repository.item(&digest("chart")).is_some());
}
