//! Keeps the address bar at what is seen, and follows it when it moves.

use lagvis::share::{self, Link};
use yew::prelude::*;

use super::{
    driver::Driver,
    phase::{Look, Model, Phase},
    reduce::Action,
};
use crate::history::{self, Listener, Step};

impl Look {
    /// The look that a link asks for.
    pub fn of(link: &Link) -> Self {
        Self {
            layer: link.layer,
            changes_only: link.changes_only,
            path: link.path.clone(),
            tab: link.tab,
            filter: link.filter.clone(),
            sort: link.sort,
        }
    }
}

/// The link to what is seen; none while that is unsettled.
fn link(model: &Model) -> Option<Link> {
    let Phase::Open(open) = &model.phase else { return None };
    let summary = &open.summary;
    let several = open.platforms.choices.len() > 1;
    let look = &model.look;
    Some(Link {
        reference: summary.pinned.clone(),
        image: if summary.pinned.is_none() { summary.image_id.clone() } else { None },
        platform: if several { summary.platform.clone() } else { None },
        layer: look.layer,
        changes_only: look.changes_only,
        path: look.path.clone(),
        tab: look.tab,
        filter: look.filter.clone(),
        sort: look.sort,
    })
}

/// What makes a step that "Back" returns from: another image, layer or tab. A path, a filter or an order is the same
/// step said more exactly, or walking through the tree would fill the history.
fn is_step(before: &Link, after: &Link) -> bool {
    let key = |link: &Link| (link.layer, link.changes_only, link.tab);
    !is_same_image(before, after) || key(before) != key(after)
}

/// Whether two links are of one image. A tag and the same tag with its digest are.
fn is_same_image(before: &Link, after: &Link) -> bool {
    let platform = before.platform.is_none() || after.platform.is_none() || before.platform == after.platform;
    let reference = match (&before.reference, &after.reference) {
        (Some(before), Some(after)) => {
            before == after
                || after.split_once('@').is_some_and(|(name, _)| name == before || name == format!("{before}:latest"))
        }
        (before, after) => before.is_none() && after.is_none(),
    };
    platform && reference && before.image == after.image
}

fn read() -> Result<(Link, Vec<lagvis::problem::Problem>), lagvis::problem::Problem> {
    share::decode(&history::fragment())
}

/// Keeps address and page together.
#[hook]
pub fn use_address(model: &UseReducerHandle<Model>, driver: &Driver) {
    let now = link(model);
    // The listener outlives drawings: it looks here for what is seen at the time.
    let seen = use_mut_ref(|| None::<Link>);
    seen.borrow_mut().clone_from(&now);
    {
        let driver = driver.clone();
        use_effect_with((), move |()| {
            follow(&driver, None);
            let listener = Listener::new(move || {
                let seen = seen.borrow().clone();
                follow(&driver, seen.as_ref());
            });
            move || drop(listener)
        });
    }
    let is_start = model.phase == Phase::Start;
    use_effect_with((now, is_start), |(now, is_start)| match now {
        Some(now) => {
            // From the start an image is a step; a link that is being followed is the step already.
            let before = read().map(|(link, _)| link).unwrap_or_default();
            let step = if is_step(&before, now) { Step::Push } else { Step::Replace };
            history::write(&share::encode(now), step);
        }
        None if *is_start && !history::fragment().is_empty() => history::write("", Step::Push),
        None => {}
    });
}

/// Does what the address asks for: another look at what is open, or another image.
fn follow(driver: &Driver, seen: Option<&Link>) {
    match read() {
        Err(problem) => driver.act(Action::Fail(problem)),
        Ok((link, notes)) => {
            match seen {
                Some(seen) if is_same_image(&link, seen) => driver.act(Action::Restore(Look::of(&link))),
                None if link == Link::default() => {}
                _ => driver.follow(link),
            }
            if !notes.is_empty() {
                driver.act(Action::Note(notes));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fragment: &str) -> Link {
        share::decode(fragment).unwrap().0
    }

    #[test]
    fn a_tag_and_its_digest_are_one_image() {
        assert!(is_same_image(&of("ref=busybox"), &of("ref=busybox:latest@sha256:aa&platform=linux/amd64")));
        assert!(is_same_image(&of("ref=busybox:1"), &of("ref=busybox:1@sha256:aa")));
        assert!(!is_same_image(&of("ref=busybox:2"), &of("ref=busybox:1@sha256:aa")));
        assert!(!is_same_image(&of("ref=a&platform=linux/arm64"), &of("ref=a&platform=linux/amd64")));
        assert!(!is_same_image(&of(""), &of("ref=a")));
    }

    #[test]
    fn layers_and_tabs_are_steps_and_paths_are_not() {
        assert!(is_step(&of(""), &of("ref=a")));
        assert!(is_step(&of("ref=a"), &of("ref=a&layer=1")));
        assert!(is_step(&of("ref=a"), &of("ref=a&tab=checks")));
        assert!(!is_step(&of("ref=a&path=x"), &of("ref=a&path=y&filter=z")));
    }
}
