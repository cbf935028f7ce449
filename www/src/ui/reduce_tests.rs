//! The page's state, driven by what a session tells.

use lagvis::{
    image::{ContainerConfig, Digest},
    opened::{LayerSpec, Place, SourceKind},
    protocol::{ByToc, LayerProgress, LayerState, Outcome, TreeInfo, ViewInfo, ViewSpec},
    verify::{Anchor, AnchorKind, Verdict},
};

use super::*;
use crate::ui::phase::Focus;
use crate::ui::rows::tests::row;
use crate::ui::see::next_sort;
use lagvis::protocol::{Sort, SortBy};

fn spec(index: u8) -> LayerSpec {
    LayerSpec { digest: Some(Digest::of(&[index])), size: Some(100), ..LayerSpec::bare("layer", Place::Blob) }
}

fn summary() -> FromSession {
    FromSession::Opened(Box::new(ImageSummary {
        source: SourceKind::OciArchive,
        source_name: "a.tar".to_owned(),
        names: Vec::new(),
        anchor: Anchor { kind: AnchorKind::None, value: String::new() },
        pinned: None,
        index_digest: None,
        manifest_digest: None,
        image_id: None,
        platform: None,
        created: None,
        run: ContainerConfig::default(),
        layers: vec![spec(0), spec(1)],
        steps: Vec::new(),
        checks: Vec::new(),
        warnings: Vec::new(),
        attestations: Vec::new(),
        author: None,
        documents: Vec::new(),
        layer_members: Vec::new(),
    }))
}

fn progress(index: u32, state: LayerState, done: u64) -> FromSession {
    let problem = (state == LayerState::Mismatched).then(|| Problem::new(ProblemKind::LayerMismatch, "layer", "x"));
    FromSession::Layer(LayerProgress { problem, ..LayerProgress::under_way(index, state, done, None) })
}

fn tree(complete: bool) -> FromSession {
    FromSession::Tree(TreeInfo {
        complete,
        paths: 2,
        bytes: 2,
        layers: Vec::new(),
        distribution: None,
        warnings: Vec::new(),
    })
}

fn finished(verdict: Verdict) -> FromSession {
    FromSession::Finished(Box::new(Outcome { verdict, checks: Vec::new(), problems: Vec::new(), bytes_hashed: 1 }))
}

fn view(number: u32, spec: ViewSpec) -> FromSession {
    FromSession::View(ViewInfo {
        view: number,
        spec,
        rows: 2,
        found: 2,
        changes: [0; 3],
        turned: Some(Vec::new()),
        turns: 0,
    })
}

fn rows(view: u32) -> FromSession {
    FromSession::Rows { view, start: 0, rows: vec![row(1, 0, "etc"), row(2, 1, "etc/passwd")] }
}

fn run(look: Look, events: Vec<FromSession>) -> Model {
    let begun = Model::default().after(Action::Begin { title: "a.tar".to_owned(), look, via: None });
    begun.after(Action::Events(events))
}

fn open(model: &Model) -> &Open {
    let Phase::Open(open) = &model.phase else { panic!("not open: {:?}", model.phase) };
    open
}

#[test]
fn layers_come_in_and_the_tree_is_shown_when_it_is_complete() {
    let model = run(Look::default(), vec![summary(), progress(0, LayerState::Verifying, 40), tree(false)]);
    assert_eq!((open(&model).stage, open(&model).progress()), (OpenStage::Pulling, (40, 200)));
    let model = model.after(Action::Events(vec![progress(0, LayerState::Verified, 100), tree(true)]));
    assert_eq!((open(&model).stage, open(&model).ended()), (OpenStage::Inspecting, 1));
    assert!(open(&model).outcome.is_none(), "still checking");
}

#[test]
fn a_mismatched_layer_leaves_the_rest_open_and_is_noted_once() {
    let events = vec![summary(), progress(1, LayerState::Mismatched, 100), progress(1, LayerState::Mismatched, 100)];
    let model = run(Look::default(), events).after(Action::Events(vec![tree(true), finished(Verdict::Mismatched)]));
    assert_eq!(open(&model).layers[1].state, LayerState::Mismatched);
    assert_eq!(model.notes.len(), 1);
    assert!(model.after(Action::Dismiss(0)).notes.is_empty());
}

#[test]
fn what_is_fatal_ends_every_phase() {
    let problem = Problem::new(ProblemKind::ArchiveTruncated, "a.tar", "x");
    let failed = FromSession::Failed { problem: problem.clone(), fatal: true };
    for events in [vec![failed.clone()], vec![summary(), failed.clone()], vec![summary(), tree(true), failed]] {
        assert_eq!(run(Look::default(), events).phase, Phase::Failed(problem.clone()));
    }
}

#[test]
fn a_link_s_look_outlives_opening_and_a_layer_that_is_not_there_does_not() {
    let look = Look { layer: LayerChoice::One(1), path: Some("etc/passwd".to_owned()), ..Look::default() };
    let model = run(look, vec![summary(), tree(true)]);
    assert_eq!(model.look.spec(), ViewSpec { upto: Some(1), since: Some(1), ..ViewSpec::default() });
    assert_eq!(open(&model).reveal, 1, "the path is asked for");
    let model = run(Look { layer: LayerChoice::One(9), ..Look::default() }, vec![summary()]);
    assert_eq!(model.look.layer, LayerChoice::All);
}

#[test]
fn a_path_that_does_not_exist_is_said_once_the_tree_is_complete() {
    let look = || Look { path: Some("nope".to_owned()), ..Look::default() };
    let missing = || FromSession::Revealed { path: "nope".to_owned(), row: None, elsewhere: None };
    let early = run(look(), vec![summary(), tree(false), missing()]);
    assert!(early.notes.is_empty(), "it may still come");
    let late = run(look(), vec![summary(), tree(true), missing()]);
    assert_eq!((late.notes.len(), late.look.path), (1, None));
}

#[test]
fn the_selection_follows_its_entry_and_dies_with_its_tree() {
    let model = run(Look::default(), vec![summary(), tree(true), view(1, ViewSpec::default()), rows(1)]);
    let model = model.after(Action::See(See::Row(1)));
    assert_eq!((model.look.path.as_deref(), model.look.about()), (Some("etc/passwd"), Focus::Entry));
    let above = FromSession::Rows {
        view: 2,
        start: 0,
        rows: vec![row(1, 0, "etc"), row(9, 1, "etc/a"), row(2, 1, "etc/passwd")],
    };
    let model = model.after(Action::Events(vec![view(2, ViewSpec::default()), above]));
    assert_eq!(open(&model).cursor, Some(Cursor { row: 2, node: Some(2) }));
    let model = model.after(Action::Events(vec![tree(true)]));
    assert_eq!(open(&model).cursor.as_ref().and_then(|cursor| cursor.node), None);
    assert_eq!(open(&model).reveal, 1, "found again in the new tree");
}

#[test]
fn layers_toggle_what_is_marked() {
    let model = run(Look::default(), vec![summary(), tree(true)]);
    let model = model.after(Action::See(See::Layer(LayerChoice::One(1)))).after(Action::See(See::Show(Show::Changes)));
    assert!(model.look.spec().show == Show::Changes);
    assert_eq!(model.look.about(), Focus::Layer(1));
    let model = model.after(Action::See(See::Layer(LayerChoice::All)));
    assert_eq!((model.look.spec(), model.look.about()), (ViewSpec::default(), Focus::Image));
}

#[test]
fn a_path_that_is_asked_for_is_not_hidden_by_a_search() {
    let search = lagvis::protocol::Search { text: "x".to_owned(), ..Default::default() };
    let model = run(Look { search, ..Look::default() }, vec![summary(), tree(true)]);
    let model = model.after(Action::See(See::Path("etc/passwd".to_owned())));
    let elsewhere = Some(Elsewhere::Removed { by: 1, last: 0 });
    let missing = || FromSession::Revealed { path: "etc/passwd".to_owned(), row: None, elsewhere };
    let model = model.after(Action::Events(vec![missing()]));
    assert_eq!((model.look.search.text.as_str(), open(&model).reveal), ("", 2), "asked for once more");
    let model = model.after(Action::Events(vec![missing()]));
    let lost = Lost { path: "etc/passwd".to_owned(), elsewhere };
    assert_eq!((&open(&model).lost, model.look.path.as_deref()), (&Some(lost), None));
    assert!(model.notes.is_empty());
}

#[test]
fn a_column_sorts_the_way_people_look_first() {
    let sorted = |by| move |sort: Sort| next_sort(sort, by);
    let size = sorted(SortBy::Size)(Sort::default());
    assert!(size.descending);
    assert!(!sorted(SortBy::Size)(size).descending);
    assert!(!sorted(SortBy::Name)(size).descending);
}

#[test]
fn the_log_outlives_images_and_a_link_shows_its_layer() {
    let request = |url: &str| FromSession::Requested(Request { url: url.to_owned(), ..Request::default() });
    let look = Look { layer: LayerChoice::One(1), ..Look::default() };
    let begin = || Action::Begin { title: "a".to_owned(), look: look.clone(), via: None };
    let model = Model::default().after(begin()).after(Action::Events(vec![request("a"), summary(), request("b")]));
    let Phase::Open(open) = &model.phase else { panic!("it is open") };
    assert_eq!((open.turns, model.look.about()), (0, Focus::Layer(1)));
    let model = model.after(begin()).after(Action::Home).after(Action::Requested(Request::default()));
    let urls: Vec<&str> = model.log.requests.iter().map(|request| request.url.as_str()).collect();
    assert_eq!(urls, ["a", "b", ""]);
}

#[test]
fn a_layer_that_a_table_of_contents_shows_is_held_until_it_is_read() {
    let told =
        |by_toc, state| FromSession::Layer(LayerProgress { by_toc, ..LayerProgress::under_way(0, state, 0, None) });
    let rest = || FromSession::Layer(LayerProgress::under_way(1, LayerState::Verified, 100, Some(100)));
    let held = || vec![summary(), told(ByToc::Held, LayerState::Waiting), tree(true)];
    let model = run(Look::default(), held());
    assert_eq!((open(&model).by_toc(), open(&model).is_held()), ((1, 1), false), "the other layer is on its way");
    let model = model.after(Action::Events(vec![rest()]));
    assert!(open(&model).is_held());
    let model = model
        .after(Action::Events(vec![told(ByToc::Shown, LayerState::Waiting), progress(0, LayerState::Downloading, 5)]));
    assert_eq!((open(&model).by_toc(), open(&model).is_held()), ((1, 0), false));
    let differs = Problem::new(ProblemKind::TocDiffers, "layer 0", "x");
    let end = LayerProgress {
        toc_problem: Some(differs.clone()),
        ..LayerProgress::under_way(0, LayerState::Verified, 100, None)
    };
    let model = model.after(Action::Events(vec![FromSession::Layer(end)]));
    assert_eq!((open(&model).by_toc(), &model.notes), ((0, 0), &vec![differs]));
}

#[test]
fn words_of_a_registry_are_put_away_once_and_stay_in_the_log() {
    let says =
        |model: &Model, text: &str| model.after(Action::Events(vec![FromSession::Warned(vec![text.to_owned()])]));
    let unread = |model: &Model| model.log.warnings.iter().filter(|heard| !heard.is_read).count();
    let model = says(&says(&Model::default(), "old"), "old");
    assert_eq!(unread(&model), 1);
    let model = says(&model.after(Action::DismissWarning(0)), "old");
    assert_eq!((unread(&model), model.log.warnings.len()), (0, 1), "it comes back");
    assert_eq!(unread(&says(&model, "new")), 1);
    assert!(model.after(Action::Home).log.warnings.is_empty(), "it is of another registry");
}
