//! Images that were opened on this machine, in the browser's local storage. Nothing of it is sent anywhere.

use lagvis::{image::Digest, protocol::ImageSummary, share::Link};
use yew::prelude::*;

use super::{
    driver::{Driver, SAMPLE_IMAGE},
    header, page,
    phase::Look,
};

const KEY: &str = "lagvis.recent";
const OFF: &str = "lagvis.recent.off";
/// So many are remembered.
const MOST: usize = 8;

/// An image that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recent {
    /// Of a registry: its reference, pinned by digest.
    Reference(String),
    /// Of a file: its name, and the image ID that the file has to hold when it is dropped again.
    File(String, Digest),
}

impl Recent {
    fn of(summary: &ImageSummary) -> Option<Self> {
        match (&summary.pinned, &summary.image_id) {
            (Some(pinned), _) => Some(Self::Reference(pinned.clone())),
            (None, Some(image)) => Some(Self::File(header::name(summary), image.clone())),
            (None, None) => None,
        }
    }

    /// One line: a name cannot break it.
    fn line(&self) -> String {
        let plain = |name: &str| name.replace(char::is_control, " ");
        match self {
            Self::Reference(reference) => format!("ref\t{}", plain(reference)),
            Self::File(name, image) => format!("file\t{image}\t{}", plain(name)),
        }
    }

    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(3, '\t');
        match (parts.next()?, parts.next()?, parts.next()) {
            ("ref", reference, None) => Some(Self::Reference(reference.to_owned())),
            ("file", image, Some(name)) => Some(Self::File(name.to_owned(), Digest::parse(image).ok()?)),
            _ => None,
        }
    }
}

/// The images, latest first.
pub fn all() -> Vec<Recent> {
    read(&page::stored(KEY).unwrap_or_default())
}

fn read(text: &str) -> Vec<Recent> {
    text.lines().filter_map(Recent::read).take(MOST).collect()
}

/// The list with one more, latest first.
fn with(recent: Recent, known: Vec<Recent>) -> String {
    let others = known.into_iter().filter(|other| *other != recent).collect::<Vec<_>>();
    std::iter::once(recent).chain(others).take(MOST).map(|recent| recent.line() + "\n").collect()
}

/// Whether images are remembered.
pub fn is_on() -> bool {
    page::stored(OFF).is_none()
}

/// Remembers images from now on, or forgets all and remembers none.
pub fn set_on(on: bool) {
    page::store(OFF, if on { "" } else { "1" });
    if !on {
        page::store(KEY, "");
    }
}

/// Remembers an image.
pub fn remember(summary: &ImageSummary) {
    if let (true, Some(recent)) = (is_on(), Recent::of(summary)) {
        page::store(KEY, &with(recent, all()));
    }
}

/// Properties of [`RecentImages`].
#[derive(Properties, PartialEq)]
pub struct RecentProps {
    /// The page's hands.
    pub driver: Driver,
}

/// The list at the start; nothing when there are none.
#[component]
pub fn RecentImages(props: &RecentProps) -> Html {
    let recent = use_state_eq(all);
    if recent.is_empty() {
        return Html::default();
    }
    let row = |image: &Recent| {
        let (name, hint) = match image {
            Recent::Reference(reference) => (reference.clone(), "registry"),
            Recent::File(name, image) if image.to_string() == SAMPLE_IMAGE => (name.clone(), "the sample image"),
            Recent::File(name, _) => (name.clone(), "file: drop it again"),
        };
        let (driver, image) = (props.driver.clone(), image.clone());
        let on_click = Callback::from(move |_: MouseEvent| open(&driver, &image));
        html! {
            <li><button class="option" data-testid="recent-image" onclick={on_click}><span class="mono recent-name">{ name }</span><small>{ hint }</small></button></li>
        }
    };
    let forget = {
        let recent = recent.clone();
        Callback::from(move |_: MouseEvent| {
            page::store(KEY, "");
            recent.set(Vec::new());
        })
    };
    html! {
        <section class="recent" aria-labelledby="recent-title">
            <div class="recent-head"><h2 id="recent-title">{ "Opened before" }</h2><button class="link" data-testid="recent-forget" onclick={forget}>{ "Forget these" }</button></div>
            <ul class="card options">{ for recent.iter().map(row) }</ul>
        </section>
    }
}

/// Opens it: a reference at once; for a file the person is asked for it.
pub fn open(driver: &Driver, recent: &Recent) {
    match recent {
        Recent::Reference(reference) => driver.open_reference(reference, None, Look::default()),
        Recent::File(_, image) => driver.follow(Link { image: Some(image.clone()), ..Link::default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_first_each_once_and_not_too_many() {
        let reference = |n: usize| Recent::Reference(format!("app:{n}"));
        let mut text = String::new();
        for n in 0..20 {
            text = with(reference(n), read(&text));
        }
        text = with(reference(15), read(&text));
        let numbers = read(&text);
        assert_eq!((numbers.len(), &numbers[0], &numbers[1]), (MOST, &reference(15), &reference(19)));
        let file = Recent::File("a\tb\nc.tar".to_owned(), Digest::of(b"x"));
        assert_eq!(read(&with(file, Vec::new())), [Recent::File("a b c.tar".to_owned(), Digest::of(b"x"))]);
        assert_eq!(read("nonsense\nfile\tsha256:zz\tname\nref\n"), []);
    }
}
