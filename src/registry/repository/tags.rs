//! The tags of a repository (distribution-spec, "Listing tags"), page by page.

use std::collections::HashSet;

use serde::Deserialize;

use super::{
    next_page::{Next, next_page},
    tag_order::sort_tags,
};
use crate::{
    image::{Reference, display_name, is_tag, parse_json},
    limits,
    problem::{Problem, ProblemKind},
    protocol::TagList,
    registry::{
        answer::{refused, unreachable},
        via::{HttpRequest, HttpResponse, Transport, Via},
    },
};

/// The list within the repository.
const LIST: &str = "tags/list";
/// Tags that are asked for at once: the most that distribution gives.
const PAGE: &str = "n=1000";

/// The tags of a repository being listed.
#[derive(Debug)]
pub struct Tags {
    reference: Reference,
    via: Via,
    /// The query of the next page; none when there is none.
    query: Option<String>,
    asked: HashSet<String>,
    found: HashSet<String>,
    left_out: u64,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Tags {
    /// The tags of the repository that `reference` is of.
    pub fn new(reference: Reference, via: Via) -> Self {
        let query = Some(PAGE.to_owned());
        Self { reference, via, query, asked: HashSet::new(), found: HashSet::new(), left_out: 0 }
    }

    /// The request that is needed next; none at the end.
    pub fn poll(&self) -> Option<HttpRequest> {
        let query = self.query.as_ref()?;
        let url = self.via.list(&self.reference, LIST, query);
        Some(HttpRequest::get(url, Vec::new(), limits::METADATA_BYTES as u64))
    }

    /// Takes the response to it.
    ///
    /// # Errors
    /// What came to an end early: [`Tags::list`] has what came before.
    pub fn provide(&mut self, response: Result<HttpResponse, Transport>) -> Result<(), Problem> {
        let Some(query) = self.query.take() else { return Ok(()) };
        let response = response.map_err(|transport| unreachable(&self.via, &self.reference, &transport))?;
        if response.status == 400 && query == PAGE {
            // It wants smaller pages, and has a size of its own.
            self.query = Some(String::new());
            return Ok(());
        }
        if response.status != 200 {
            let mut problem = refused(&self.via, &self.reference, &response);
            if problem.kind == ProblemKind::ManifestUnknown {
                problem.kind = ProblemKind::NameUnknown;
            }
            return Err(problem);
        }
        if response.truncated {
            let detail = format!("a page of the list of tags is longer than {} bytes", limits::METADATA_BYTES);
            return Err(self.problem(ProblemKind::LimitExceeded, detail));
        }
        let page: Page = parse_json(&response.body).map_err(|error| {
            self.problem(ProblemKind::RegistryError, format!("the list of tags cannot be read: {error}"))
        })?;
        for tag in page.tags.unwrap_or_default() {
            if !is_tag(&tag) {
                self.left_out += 1;
            } else if self.found.len() < limits::TAGS || self.found.contains(&tag) {
                self.found.insert(tag);
            } else {
                let detail = format!("the repository has more than {} tags", limits::TAGS);
                return Err(self.problem(ProblemKind::LimitExceeded, detail));
            }
        }
        self.asked.insert(query);
        self.query = self.next(&response)?;
        Ok(())
    }

    /// The query of the page after this one.
    fn next(&self, response: &HttpResponse) -> Result<Option<String>, Problem> {
        let wrong = |detail: String| Err(self.problem(ProblemKind::RegistryError, detail));
        match next_page(response, LIST) {
            Next::None => Ok(None),
            Next::Wrong(target) => {
                wrong(format!("the link to the next page of tags leads to {}", display_name(target.as_bytes())))
            }
            Next::Page(query) if self.asked.contains(&query) => {
                wrong("the pages of tags lead round in a circle".to_owned())
            }
            Next::Page(_) if self.asked.len() >= limits::LIST_PAGES => {
                let detail = format!("the list of tags has more than {} pages", limits::LIST_PAGES);
                Err(self.problem(ProblemKind::LimitExceeded, detail))
            }
            Next::Page(query) => Ok(Some(query)),
        }
    }

    fn problem(&self, kind: ProblemKind, detail: impl Into<String>) -> Problem {
        Problem::new(kind, self.reference.repository(), detail)
    }

    /// Pages that came.
    pub fn pages(&self) -> usize {
        self.asked.len()
    }

    /// The tags so far, in order; `problem` says why there are no more.
    pub fn list(&self, problem: Option<Problem>) -> TagList {
        let mut tags: Vec<String> = self.found.iter().cloned().collect();
        sort_tags(&mut tags);
        let complete = self.query.is_none() && problem.is_none();
        TagList { tags, complete, left_out: self.left_out, problem }
    }
}
