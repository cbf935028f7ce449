//! What refers to a manifest: by the referrers API, else by the tag that stands in for it (distribution-spec, "Listing
//! referrers" and "Referrers tag schema"), and by cosign's tags.

use std::collections::{BTreeMap, HashSet};

use super::next_page::{Next, next_page};
use crate::{
    image::{Digest, Index, Reference, display_name, parse_json},
    limits,
    problem::{Problem, ProblemKind},
    protocol::{Referrer, ReferrerSource, Referrers},
    registry::{
        answer::{refused, unreachable},
        via::{HttpRequest, HttpResponse, Method, Transport, Via},
    },
};

/// Cosign's tags: the ending, and what it stands for.
const COSIGN: [(&str, ReferrerSource); 3] = [
    ("sig", ReferrerSource::CosignSignature),
    ("att", ReferrerSource::CosignAttestation),
    ("sbom", ReferrerSource::CosignSbom),
];

/// What refers to a manifest, being found.
#[derive(Debug)]
pub struct FindReferrers {
    reference: Reference,
    via: Via,
    subject: Digest,
    stage: Stage,
    asked: HashSet<String>,
    found: Referrers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// A page of the API's answer, by its query.
    Api(String),
    /// The tag that stands in for the API.
    Tag,
    /// One of cosign's tags, asked for by HEAD, which counts for no quota; by GET where that tells no digest.
    Cosign {
        index: usize,
        method: Method,
    },
    Done,
}

impl FindReferrers {
    /// What refers to `subject` in the repository that `reference` is of.
    pub fn new(reference: Reference, via: Via, subject: Digest) -> Self {
        let stage = Stage::Api(String::new());
        Self { reference, via, subject, stage, asked: HashSet::new(), found: Referrers::default() }
    }

    /// The request that is needed next; none at the end.
    pub fn poll(&self) -> Option<HttpRequest> {
        let of_manifest = |method, tag: String| HttpRequest {
            method,
            url: self.via.manifest(&self.reference, &tag),
            headers: self.via.manifest_headers(),
            max_bytes: limits::METADATA_BYTES as u64,
            digest: None,
        };
        match &self.stage {
            Stage::Api(query) => {
                let url = self.via.list(&self.reference, &self.list(), query);
                Some(HttpRequest::get(url, Vec::new(), limits::METADATA_BYTES as u64))
            }
            Stage::Tag => Some(of_manifest(Method::Get, fallback_tag(&self.subject))),
            Stage::Cosign { index, method } => {
                let (ending, _) = COSIGN.get(*index)?;
                Some(of_manifest(*method, format!("{}.{ending}", fallback_tag(&self.subject))))
            }
            Stage::Done => None,
        }
    }

    fn list(&self) -> String {
        format!("referrers/{}", self.subject)
    }

    /// Takes the response to it.
    ///
    /// # Errors
    /// What came to an end early: [`FindReferrers::found`] has what came before.
    pub fn provide(&mut self, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Api(query) => self.take_api(query, response),
            Stage::Tag => {
                self.stage = Stage::Cosign { index: 0, method: Method::Head };
                let Some(response) = self.answered(response)? else { return Ok(()) };
                self.take_index(&response, ReferrerSource::Tag)
            }
            Stage::Cosign { index, method } => self.take_cosign(index, method, response),
            Stage::Done => Ok(()),
        }
    }

    /// What was found so far.
    pub fn found(&self) -> &Referrers {
        &self.found
    }

    /// A registry without the API says so in many ways; asked directly, browsers show its refusal as no answer at all.
    fn take_api(&mut self, query: String, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        let is_first = self.asked.is_empty();
        let response = match response {
            Err(_) if is_first && !self.via.is_proxy() => None,
            Ok(response) if is_first && matches!(response.status, 400..=406 | 501) => None,
            Ok(response) if response.status != 200 => {
                return Err(refused(&self.via, &self.reference, &response));
            }
            // A page instead of an answer.
            Ok(response) if is_first && parse_json::<Index>(&response.body).is_err() && !response.truncated => None,
            response => Some(response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?),
        };
        let Some(response) = response else {
            self.stage = Stage::Tag;
            return Ok(());
        };
        self.found.by_api = true;
        if let Some(filters) = response.header("oci-filters-applied").filter(|filters| !filters.trim().is_empty()) {
            self.found.filtered = Some(display_name(filters.as_bytes()));
        }
        self.take_index(&response, ReferrerSource::Api)?;
        self.asked.insert(query);
        let wrong = |detail: &str| Err(self.problem(ProblemKind::RegistryError, detail));
        match next_page(&response, &self.list()) {
            Next::None => self.stage = Stage::Cosign { index: 0, method: Method::Head },
            Next::Page(query) if self.asked.contains(&query) => {
                return wrong("the pages of referrers lead round in a circle");
            }
            Next::Page(_) if self.asked.len() >= limits::LIST_PAGES => {
                let detail = format!("the list of referrers has more than {} pages", limits::LIST_PAGES);
                return Err(self.problem(ProblemKind::LimitExceeded, detail));
            }
            Next::Page(query) => self.stage = Stage::Api(query),
            Next::Wrong(_) => return wrong("the link to the next page of referrers leads elsewhere"),
        }
        Ok(())
    }

    /// The response with success; none where there is no such tag.
    fn answered(&self, response: Result<HttpResponse, Transport>) -> Result<Option<HttpResponse>, Problem> {
        let response = response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?;
        match response.status {
            200 => Ok(Some(response)),
            404 => Ok(None),
            _ => Err(refused(&self.via, &self.reference, &response)),
        }
    }

    fn take_index(&mut self, response: &HttpResponse, source: ReferrerSource) -> Result<(), Problem> {
        if response.truncated {
            let detail = format!("the list of referrers is longer than {} bytes", limits::METADATA_BYTES);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        let index: Index = parse_json(&response.body).map_err(|error| {
            self.problem(ProblemKind::RegistryError, format!("the list of referrers cannot be read: {error}"))
        })?;
        for descriptor in index.manifests {
            self.add(Referrer {
                digest: descriptor.digest,
                media_type: descriptor.media_type,
                size: Some(descriptor.size),
                artifact_type: descriptor.artifact_type,
                annotations: descriptor.annotations,
                source,
            })?;
        }
        Ok(())
    }

    fn take_cosign(
        &mut self,
        index: usize,
        method: Method,
        response: Result<HttpResponse, Transport>,
    ) -> Result<(), Problem> {
        let after = Stage::Cosign { index: index + 1, method: Method::Head };
        self.stage = if index + 1 < COSIGN.len() { after } else { Stage::Done };
        let Some(response) = self.answered(response)? else { return Ok(()) };
        let told = response.header("docker-content-digest").and_then(|digest| Digest::parse(digest.trim()).ok());
        let digest = match (told, method) {
            (_, Method::Get) if !response.truncated => Digest::of(&response.body),
            (Some(digest), Method::Head) => digest,
            (None, Method::Head) => {
                self.stage = Stage::Cosign { index, method: Method::Get };
                return Ok(());
            }
            (_, Method::Get) => return Ok(()),
        };
        let size = match method {
            Method::Get => Some(response.body.len() as u64),
            Method::Head => response.header("content-length").and_then(|length| length.parse().ok()),
        };
        let media_type = response.header("content-type").unwrap_or_default().to_owned();
        let source = COSIGN.get(index).map_or(ReferrerSource::CosignSignature, |(_, source)| *source);
        self.add(Referrer { digest, media_type, size, artifact_type: None, annotations: BTreeMap::new(), source })
    }

    fn add(&mut self, referrer: Referrer) -> Result<(), Problem> {
        if self.found.list.iter().any(|known| known.digest == referrer.digest) {
            return Ok(());
        }
        if self.found.list.len() >= limits::INDEX_CHILDREN {
            let detail = format!("there are more than {} referrers", limits::INDEX_CHILDREN);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        self.found.list.push(referrer);
        Ok(())
    }

    fn problem(&self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem::new(kind, self.reference.repository(), detail)
    }
}

/// The tag that stands in for the referrers API: the algorithm's first 32 characters, a dash, the first 64 of the
/// encoded part; what no tag may hold is a dash.
pub fn fallback_tag(subject: &Digest) -> String {
    let cut = |text: &str, most: usize| -> String {
        let fit = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
        text.chars().take(most).map(fit).collect()
    };
    format!("{}-{}", cut(subject.algorithm_name(), 32), cut(subject.encoded(), 64))
}
