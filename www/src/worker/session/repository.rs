//! Answers of the repository: drives the engine's state machines with the browser's fetch.

use std::rc::Rc;

use lagvis::{
    drift,
    image::{Descriptor, Digest, Manifest, Platform, Reference, parse_json},
    opened::OpenedImage,
    problem::{Problem, ProblemKind},
    protocol::{Ask, FromSession, ImageDifference, Item, Pair, Sizes, TagNow, Told, Way},
    registry::{FindReferrers, FollowTag, Pull, ReadItem, Step, Tags, Via},
};
use wasm_bindgen_futures::spawn_local;

use super::{
    Shared,
    asking::{fetch, open_access},
};

/// Takes a repository, to be asked.
pub(super) fn open(session: &Shared, name: &str, way: Way) -> Result<(), Problem> {
    let reference =
        Reference::parse(name).map_err(|error| Problem::new(ProblemKind::ReferenceInvalid, name, error.to_string()))?;
    open_access(session, reference, way)
}

/// Answers a question. Without a repository, for an image of a file, there is none to ask.
pub(super) fn answer(session: &Shared, ask: Ask) {
    let access = session.borrow().access.as_ref().map(|access| (access.reference().clone(), access.via().clone()));
    let Some((reference, via)) = access else { return };
    let asker = Asker { session: Rc::clone(session), reference, via };
    spawn_local(async move { asker.answer(ask).await });
}

struct Asker {
    session: Shared,
    reference: Reference,
    via: Via,
}

impl Asker {
    async fn answer(&self, ask: Ask) {
        match ask {
            Ask::Tags => self.tags().await,
            Ask::Referrers(subject) => self.referrers(subject).await,
            Ask::Item { digest, named } => {
                let outcome = self.item(&digest, named.map(|named| *named)).await.map(Box::new);
                self.tell(Told::Item { digest, outcome });
            }
            Ask::Sizes(descriptor) => {
                let digest = descriptor.digest.clone();
                self.tell(Told::Sizes { digest, outcome: self.sizes(*descriptor).await });
            }
            Ask::Tag { tag, pinned } => {
                let outcome = self.tag(tag.clone(), pinned).await;
                self.tell(Told::Tag { tag, outcome });
            }
            Ask::Compare(pair) => {
                let outcome = self.compare(&pair).await.map(Box::new);
                self.tell(Told::Compared { pair, outcome });
            }
        }
    }

    fn tell(&self, told: Told) {
        self.session.borrow().send(&FromSession::Repository(Box::new(told)));
    }

    /// What came is told after one page, two, four and so on: sorting and sending all after each would take longer and
    /// longer.
    async fn tags(&self) {
        let mut tags = Tags::new(self.reference.clone(), self.via.clone());
        while let Some(request) = tags.poll() {
            if let Err(problem) = fetch(&self.session, request).await.and_then(|response| tags.provide(response)) {
                return self.tell(Told::Tags(tags.list(Some(problem))));
            }
            if tags.pages().is_power_of_two() && tags.poll().is_some() {
                self.tell(Told::Tags(tags.list(None)));
            }
        }
        self.tell(Told::Tags(tags.list(None)));
    }

    async fn referrers(&self, subject: Digest) {
        let mut find = FindReferrers::new(self.reference.clone(), self.via.clone(), subject.clone());
        let mut problem = None;
        while let Some(request) = find.poll() {
            problem = fetch(&self.session, request).await.and_then(|response| find.provide(response)).err();
            if problem.is_some() {
                break;
            }
        }
        let mut found = find.found().clone();
        found.problem = problem;
        self.tell(Told::Referrers { subject, found });
    }

    async fn item(&self, digest: &Digest, named: Option<Descriptor>) -> Result<Item, Problem> {
        let mut read = ReadItem::new(self.reference.clone(), self.via.clone(), digest.clone(), named)?;
        while let Some(request) = read.poll() {
            read.provide(fetch(&self.session, request).await?)?;
        }
        read.item().ok_or_else(|| self.unready())
    }

    async fn sizes(&self, descriptor: Descriptor) -> Result<Sizes, Problem> {
        let digest = descriptor.digest.clone();
        let item = self.item(&digest, Some(descriptor)).await?;
        let text = item.text.unwrap_or_default();
        let manifest: Manifest = parse_json(text.as_bytes())
            .map_err(|error| Problem::new(ProblemKind::ManifestInvalid, digest.to_string(), error.to_string()))?;
        let bytes = manifest.layers.iter().fold(0_u64, |sum, layer| sum.saturating_add(layer.size));
        Ok(Sizes { layers: manifest.layers.len() as u64, bytes })
    }

    async fn tag(&self, tag: String, pinned: Digest) -> Result<TagNow, Problem> {
        let mut follow = FollowTag::new(self.reference.clone(), self.via.clone(), tag, pinned);
        while let Some(request) = follow.poll() {
            follow.provide(fetch(&self.session, request).await?)?;
        }
        follow.now().ok_or_else(|| self.unready())
    }

    async fn compare(&self, pair: &Pair) -> Result<ImageDifference, Problem> {
        let old = self.image(&pair.old.to_string(), pair.platform.clone()).await?;
        let new = self.image(&pair.new, pair.platform.clone()).await?;
        Ok(drift::compare(&old, &new))
    }

    /// An image's documents, verified down to the config.
    async fn image(&self, tag_or_digest: &str, platform: Option<Platform>) -> Result<OpenedImage, Problem> {
        let reference = self
            .reference
            .with(tag_or_digest)
            .map_err(|error| Problem::new(ProblemKind::ReferenceInvalid, tag_or_digest, error.to_string()))?;
        let mut pull = Pull::new(reference, platform, self.via.clone());
        loop {
            match pull.poll() {
                Step::Fetch(request) => pull.provide(fetch(&self.session, request).await?)?,
                // Neither linux/amd64 nor the one that was asked for: the first.
                Step::ChoosePlatform(_) => pull.choose(0)?,
                Step::Ready => return pull.opened().ok_or_else(|| self.unready()),
            }
        }
    }

    fn unready(&self) -> Problem {
        Problem::new(ProblemKind::RegistryError, self.reference.repository(), "it ended without an answer")
    }
}
