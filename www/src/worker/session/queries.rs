//! The merged tree, the view of it, and the answers to the page's queries.

use lagvis::{
    image::unescape_path,
    protocol::{FromSession, ToSession, ViewInfo, ViewSpec},
    receipt::{ProblemReceipt, Receipt},
    session::ImageState,
    space::Space,
    tree::{Tree, View},
};

use super::Session;
use crate::browser::{
    clock,
    message::{Beside, post},
};

/// A rebuild on the way to the complete tree may take this share of the time since the last one.
const SHARE: f64 = 0.1;

/// Tree and view, as far as there are any.
#[derive(Default)]
pub(super) struct TreeState {
    tree: Option<Tree>,
    view: Option<View>,
    /// Sums for treemaps and the largest, as of the layer that was asked for last.
    space: Option<Space>,
    spec: ViewSpec,
    number: u32,
    turned: Turned,
    /// When the last rebuild ended and how long it took.
    last: Option<(f64, f64)>,
    /// It has each layer that it ever will.
    complete: bool,
}

/// Folders that the page wants to be open or closed against the rule.
#[derive(Default)]
struct Turned {
    /// Number of the message.
    number: u32,
    /// Those that the tree does not have yet.
    missing: Vec<Vec<u8>>,
}

impl TreeState {
    /// The tree, once there is one.
    pub(super) fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }
}

/// Builds the tree anew when a layer came: always for the last one and where that makes it complete, before that only as
/// often as it is cheap.
pub(super) fn rebuild_if_worth_it(session: &mut Session, last: bool) {
    let now = clock::now();
    let completes = session.image.as_ref().is_some_and(ImageState::is_outlined) && !session.tree.complete;
    let cheap = session.tree.last.is_none_or(|(at, took)| took < SHARE * (now - at));
    if last || completes || cheap {
        rebuild(session);
        session.tree.last = Some((clock::now(), clock::now() - now));
    }
}

/// Builds the tree of the layers that are there. Folders that were opened or closed stay so.
pub(super) fn rebuild(session: &mut Session) {
    let Some(image) = &session.image else { return };
    let state = &mut session.tree;
    state.space = None;
    // The tree before is given up first: both would not be in memory at once.
    let turned: Vec<Vec<u8>> = match (state.tree.take(), state.view.take()) {
        (Some(tree), Some(view)) => view.into_turned().iter().map(|node| tree.path(node)).collect(),
        _ => Vec::new(),
    };
    let tree = image.tree();
    let info = image.tree_info(&tree);
    let missing = std::mem::take(&mut state.turned.missing);
    let (found, missing): (Vec<_>, Vec<_>) = missing.into_iter().partition(|path| tree.find(path).is_some());
    state.turned.missing = if info.complete { Vec::new() } else { missing };
    let turned = turned.iter().chain(&found).filter_map(|path| tree.find(path)).collect();
    state.view = Some(View::new(&tree, state.spec.clone(), turned));
    state.tree = Some(tree);
    state.complete = info.complete;
    state.number += 1;
    session.send(&FromSession::Tree(info));
    send_view(session);
}

fn send_view(session: &Session) {
    let state = &session.tree;
    if let (Some(tree), Some(view)) = (&state.tree, &state.view) {
        session.send(&FromSession::View(ViewInfo {
            view: state.number,
            spec: view.spec().clone(),
            rows: view.len(),
            found: view.found(),
            changes: view.changes(),
            turned: view.turned(tree),
            turns: state.turned.number,
        }));
    }
}

/// Answers a query. Without a tree there is nothing to say yet.
pub(super) fn answer(session: &mut Session, query: ToSession) {
    if query == ToSession::Receipt {
        return receipt(session);
    }
    if let ToSession::View(spec) = query {
        return see(session, spec);
    }
    let Session { tree: state, scope, .. } = &mut *session;
    let (Some(tree), Some(view)) = (&state.tree, &mut state.view) else { return };
    let send = |message: &FromSession| _ = post(scope, message, &Beside::default());
    match query {
        ToSession::Rows { start, count } => {
            let rows = view.rows(tree, start, count.min(1_000));
            send(&FromSession::Rows { view: state.number, start, rows });
        }
        ToSession::Expand { node, open, deep } => {
            view.expand(tree, node, open, deep);
            state.number += 1;
            send_view(session);
        }
        ToSession::Turn { number, folders } => {
            let paths: Vec<_> = folders.iter().filter_map(|path| unescape_path(path)).collect();
            view.turn(tree, paths.iter().filter_map(|path| tree.find(path)).collect());
            let missing = paths.into_iter().filter(|path| tree.find(path).is_none() && !state.complete).collect();
            state.turned = Turned { number, missing };
            state.number += 1;
            send_view(session);
        }
        ToSession::Reveal { path } => {
            let bytes = unescape_path(&path);
            let row = bytes.as_ref().and_then(|bytes| view.reveal(tree, bytes));
            let upto = view.spec().upto.unwrap_or(u32::MAX);
            let elsewhere = bytes.filter(|_| row.is_none()).and_then(|bytes| tree.elsewhere(&bytes, upto));
            state.number += 1;
            send_view(session);
            session.send(&FromSession::Revealed { path, row, elsewhere });
        }
        ToSession::Detail { node } => {
            if let Some(detail) = tree.detail(view, node) {
                send(&FromSession::Detail(Box::new(detail)));
            }
        }
        ToSession::Map(spec) => {
            let map = space(&mut state.space, tree, spec.upto).map(tree, spec);
            send(&FromSession::Map(Box::new(map)));
        }
        ToSession::Space(spec) => {
            let report = space(&mut state.space, tree, spec.upto).report(tree, spec.base);
            send(&FromSession::Space(Box::new(report)));
        }
        ToSession::Open(_)
        | ToSession::ChooseImage(_)
        | ToSession::ChoosePlatform(_)
        | ToSession::View(_)
        | ToSession::Verify(_)
        | ToSession::Hold
        | ToSession::Receipt
        | ToSession::Content { .. }
        | ToSession::Examine(_)
        | ToSession::Task { .. }
        | ToSession::Cancel(_)
        | ToSession::Repository(_) => {}
    }
}

/// The space as of a layer: the one that is kept, if it is of this layer.
fn space<'a>(kept: &'a mut Option<Space>, tree: &Tree, upto: Option<u32>) -> &'a Space {
    let space = kept.take().filter(|space| space.asked() == upto).unwrap_or_else(|| Space::new(tree, upto));
    kept.insert(space)
}

fn see(session: &mut Session, spec: ViewSpec) {
    let state = &mut session.tree;
    if state.spec == spec || state.spec.depth != spec.depth {
        state.turned.missing.clear();
    }
    state.spec = spec.clone();
    let (Some(tree), Some(view)) = (&state.tree, &mut state.view) else { return };
    view.change(tree, spec);
    state.number += 1;
    send_view(session);
}

fn receipt(session: &Session) {
    let (Some((kind, name)), Some(image)) = (&session.source, &session.image) else { return };
    let mut receipt = Receipt::new(*kind, name.clone());
    receipt.problems.extend(session.problems.iter().map(ProblemReceipt::from));
    receipt.add(image, session.tree.tree.as_ref());
    session.send(&FromSession::Receipt(receipt.to_json()));
}
