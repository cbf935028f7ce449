//! Keeps the address bar at what is seen, and follows it when it moves.

use lagvis::{
    image::{Platform, Reference},
    share::{self, Link},
};
use yew::prelude::*;

use super::{
    driver::Driver,
    phase::{Browsing, Look, Model, Open, Phase},
    reduce::Action,
};
use crate::history::{self, Listener, Step};

/// The link to what is seen; none while that is unsettled.
fn link(model: &Model) -> Option<Link> {
    match &model.phase {
        Phase::Open(open) => Some(to(open, &model.look)),
        Phase::Browsing(browsing) => Some(Link { look: model.look.clone(), ..browsing.link() }),
        _ => None,
    }
}

/// The link to an open image, seen in this way.
pub fn to(open: &Open, look: &Look) -> Link {
    let mut look = look.clone();
    // The folders above the selected path are opened for it anyway.
    if let Some(path) = &look.path {
        look.turned.retain(|folder| path.strip_prefix(folder.as_str()).is_none_or(|below| !below.starts_with('/')));
    }
    Link { look, ..open.link() }
}

impl Open {
    /// The link to the image alone.
    pub fn link(&self) -> Link {
        let summary = &self.summary;
        Link {
            reference: summary.pinned.clone(),
            image: if summary.pinned.is_none() { summary.image_id.clone() } else { None },
            platform: self.platforms.shown().cloned(),
            ..Link::default()
        }
    }
}

impl Browsing {
    /// The link to the repository or artifact alone.
    pub fn link(&self) -> Link {
        let name = Some(self.name.clone());
        match self.artifact {
            None => Link { repository: name, ..Link::default() },
            Some(_) => Link { reference: name, ..Link::default() },
        }
    }
}

/// A link as the target of an `<a>`.
pub fn href(link: &Link) -> String {
    format!("#{}", share::encode(link))
}

/// The reference that is being opened is in the address at once, so that it can be loaded anew whatever comes.
pub fn opening(reference: &str, platform: Option<&Platform>, look: &Look) {
    let image = Link {
        reference: Some(reference.to_owned()),
        platform: platform.cloned(),
        look: look.clone(),
        ..Link::default()
    };
    write(&image);
}

/// The same for a repository.
pub fn browsing(name: &str, look: &Look) {
    write(&Link { repository: Some(name.to_owned()), look: look.clone(), ..Link::default() });
}

/// A file has no address until its image ID is known: that of the image before would be wrong.
pub fn clear() {
    history::write("", Step::Push);
}

/// Writes a link: another image, layer or tab is a step.
fn write(link: &Link) {
    let before = read().map(|(link, _)| link).unwrap_or_default();
    let step = if is_step(&before, link) { Step::Push } else { Step::Replace };
    history::write(&share::encode(link), step);
}

/// What makes a step that "Back" returns from: another image, layer or tab. A path, a filter or an order is the same
/// step said more exactly, or walking through the tree would fill the history.
fn is_step(before: &Link, after: &Link) -> bool {
    let registry = |look: &Look| (look.registry.item.clone(), look.registry.with.clone());
    let key = |Link { look, .. }: &Link| {
        (look.layer, look.show, look.tab, look.part, look.space.clone(), look.contents.clone(), registry(look))
    };
    // A tag that is asked about anew leaves the image that was pinned.
    let is_pinned = |link: &Link| link.reference.as_ref().is_some_and(|reference| reference.contains('@'));
    let resolved_anew = is_pinned(before) && after.reference.is_some() && !is_pinned(after);
    resolved_anew || !is_same_image(before, after) || key(before) != key(after)
}

/// Whether two links are of one image. A tag and the same tag with its digest are.
fn is_same_image(before: &Link, after: &Link) -> bool {
    let platform = before.platform.is_none() || after.platform.is_none() || before.platform == after.platform;
    let reference = match (&before.reference, &after.reference) {
        (Some(before), Some(after)) => before == after || is_same_reference(before, after),
        (before, after) => before.is_none() && after.is_none(),
    };
    platform && reference && before.image == after.image && before.repository == after.repository
}

fn is_same_reference(before: &str, after: &str) -> bool {
    let (Ok(before), Ok(after)) = (Reference::parse(before), Reference::parse(after)) else { return false };
    let agree = before.digest().is_none() || after.digest().is_none() || before.digest() == after.digest();
    let pinned = before.digest().is_some() && before.digest() == after.digest();
    (before.domain(), before.path()) == (after.domain(), after.path())
        && agree
        && (pinned || before.tag() == after.tag())
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
    // The page begins at its start too, but then the address is what is about to be followed.
    let was_start = use_mut_ref(|| true);
    use_effect_with((now, is_start), move |(now, is_start)| {
        let left = !was_start.replace(*is_start);
        match now {
            Some(now) => write(now),
            None if *is_start && left => history::write("", Step::Push),
            None => {}
        }
    });
}

/// Does what the address asks for: another look at what is open, or another image.
fn follow(driver: &Driver, seen: Option<&Link>) {
    match read() {
        Err(problem) => driver.act(Action::Fail(problem)),
        Ok((link, notes)) => {
            match seen {
                Some(seen) if is_same_image(&link, seen) => driver.act(Action::Restore(link.look)),
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
        let pinned = |name: &str| format!("ref={name}@sha256:{}&platform=linux/amd64", "ab".repeat(32));
        assert!(is_same_image(&of("ref=busybox"), &of(&pinned("busybox:latest"))));
        assert!(is_same_image(&of("ref=docker.io/library/busybox:1"), &of(&pinned("busybox:1"))));
        assert!(!is_same_image(&of("ref=busybox:2"), &of(&pinned("busybox:1"))));
        assert!(!is_same_image(&of("ref=a&platform=linux/arm64"), &of("ref=a&platform=linux/amd64")));
        assert!(!is_same_image(&of(""), &of("ref=a")));
        assert!(!is_same_image(&of("repo=a"), &of("repo=b")) && !is_same_image(&of("repo=a"), &of("ref=a")));
        assert!(is_same_image(&of("repo=a"), &of("repo=a&tags=x")));
    }

    #[test]
    fn layers_and_tabs_are_steps_and_paths_are_not() {
        assert!(is_step(&of(""), &of("ref=a")));
        assert!(is_step(&of("ref=a"), &of("ref=a&layer=1")));
        let pinned = format!("ref=a:1@sha256:{}", "ab".repeat(32));
        assert!(is_step(&of(&pinned), &of("ref=a:1")) && !is_step(&of("ref=a:1"), &of(&pinned)));
        assert!(is_step(&of("ref=a"), &of("ref=a&tab=checks")));
        assert!(is_step(&of("repo=a"), &of(&format!("repo=a&item=sha256:{}", "ab".repeat(32)))));
        assert!(!is_step(&of("repo=a&tags=1"), &of("repo=a&tags=12")));
        assert!(!is_step(&of("ref=a&path=x"), &of("ref=a&path=y&filter=z")));
    }
}
