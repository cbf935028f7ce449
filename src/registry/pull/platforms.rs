//! Which child of an index is pulled.

use super::{Pull, Stage};
use crate::{
    image::{Descriptor, DocumentKind, Platform, document_kind},
    problem::{Problem, ProblemKind},
};

impl Pull {
    /// The platform that was asked for, or linux/amd64, or the only one.
    pub(super) fn default_choice(&self) -> Result<Option<usize>, Problem> {
        let found = |wanted: &Platform| {
            self.children.iter().position(|child| child.platform.as_ref().is_some_and(|p| p.answers(wanted)))
        };
        if self.children.is_empty() {
            return Err(self.problem(ProblemKind::PlatformAbsent, "the index names no image"));
        }
        if let Some(wanted) = &self.wanted {
            return found(wanted).or_else(|| self.only_index()).ok_or_else(|| self.absent(wanted)).map(Some);
        }
        let usual = Platform { os: "linux".into(), architecture: "amd64".into(), ..Platform::default() };
        Ok(found(&usual).or((self.children.len() == 1).then_some(0)))
    }

    /// An index that holds nothing but another index: the platforms are in there.
    fn only_index(&self) -> Option<usize> {
        let [child] = self.children.as_slice() else { return None };
        (child.platform.is_none() && document_kind(&child.media_type) == DocumentKind::Index).then_some(0)
    }

    fn absent(&self, wanted: &Platform) -> Problem {
        let known = |child: &Descriptor| child.platform.as_ref().map(Platform::to_string);
        let names: Vec<String> = self.children.iter().filter_map(known).collect();
        let there = if names.is_empty() { "none states its platform".to_owned() } else { names.join(", ") };
        self.problem(ProblemKind::PlatformAbsent, format!("there is no image for {wanted}; there are: {there}"))
    }

    /// Takes the platform of that index in [`Pull::platforms`].
    pub fn choose(&mut self, index: usize) -> Result<(), Problem> {
        let Some(child) = self.children.get(index).cloned() else {
            return Err(self.problem(ProblemKind::PlatformAbsent, format!("there is no platform number {index}")));
        };
        self.chosen = Some(index);
        self.stage = Stage::Document(Some(child));
        Ok(())
    }
}

/// linux/amd64 first, then Linux, then by name.
pub(super) fn rank(child: &Descriptor) -> (bool, bool, String) {
    let name = child.platform.as_ref().map(Platform::to_string).unwrap_or_default();
    (name != "linux/amd64", !name.starts_with("linux/"), name)
}
