//! View state ⇄ the fragment of a link. Pure text: the address bar itself is the page's business.
//!
//! A link names the version it was written for. Old versions stay readable for good: each has a module that reads its
//! own fields; a link of a newer version is refused, since half of it could mislead. Depends on [`crate::image`],
//! [`crate::problem`] and the views in [`crate::protocol`].

mod escape;
mod file;
mod filter;
mod look;
mod place;
#[cfg(test)]
mod tests;
mod v1;

use std::num::IntErrorKind;

use crate::{
    image::{Digest, Platform},
    problem::{Problem, ProblemKind},
};

pub use look::{FileLook, LayerChoice, Look, RegistryLook, SpaceLook};
pub use place::{Pane, Panel, Part, Tab, Way};

/// The version that [`encode`] writes.
pub const VERSION: u32 = 1;
/// Characters of a fragment: browsers and chat programs cut longer ones.
const LONGEST: usize = 8 << 10;

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Image of a registry.
    pub reference: Option<String>,
    /// Image ID of a file's image.
    pub image: Option<Digest>,
    /// Platform of the index.
    pub platform: Option<Platform>,
    /// A repository to be browsed, without an image.
    pub repository: Option<String>,
    /// How it is seen.
    pub look: Look,
}

/// Writes a link's fragment, without `#`. Defaults are left out; a link that says nothing is empty. What would be too
/// long to be read again goes without the folders that were turned, else without all but the image and its tab.
pub fn encode(link: &Link) -> String {
    let whole = v1::encode(link);
    if whole.len() <= LONGEST {
        return whole;
    }
    let look = Look { turned: Vec::new(), ..link.look.clone() };
    let folders_left_out = v1::encode(&Link { look, ..link.clone() });
    if folders_left_out.len() <= LONGEST {
        return folders_left_out;
    }
    let look = Look { layer: link.look.layer, tab: link.look.tab, part: link.look.part, ..Look::default() };
    v1::encode(&Link { look, ..link.clone() })
}

/// Reads a fragment, without `#`. Each field that cannot be read is left out, with a problem that names it.
///
/// # Errors
/// [`ProblemKind::LinkNewer`] for a version after [`VERSION`], [`ProblemKind::LinkInvalid`] for more than 8 KiB.
pub fn decode(fragment: &str) -> Result<(Link, Vec<Problem>), Problem> {
    if fragment.len() > LONGEST {
        let detail = format!("it has {} characters, at most {LONGEST} are read", fragment.len());
        return Err(Problem::new(ProblemKind::LinkInvalid, "the link", detail));
    }
    let mut problems = Vec::new();
    let mut fields: Vec<(&str, String)> = Vec::new();
    for field in fragment.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        match escape::decode(value) {
            _ if fields.iter().any(|(known, _)| *known == name) => {
                problems.push(bad(name, "it is there twice; the first one counts"));
            }
            Some(value) => fields.push((name, value)),
            None => problems.push(bad(name, "its percent-encoding cannot be read")),
        }
    }
    // A link typed by hand has no version: it is read as today's.
    let version = fields.iter().find(|(name, _)| *name == "v").map(|(_, value)| value.as_str());
    match version.map(str::parse::<u32>) {
        Some(Ok(version)) if version > VERSION => {
            return Err(newer(&version.to_string()));
        }
        // Too large for a number, but a version all the same.
        Some(Err(error)) if *error.kind() == IntErrorKind::PosOverflow => {
            return Err(newer(version.unwrap_or_default()));
        }
        Some(Err(_) | Ok(0)) => problems.push(bad("v", "it is no version")),
        Some(Ok(_)) | None => {}
    }
    let link = v1::decode(&fields, &mut problems);
    Ok((link, problems))
}

fn newer(version: &str) -> Problem {
    let version: String = version.chars().take(40).collect();
    let detail = format!("its version is {version}, this page reads up to {VERSION}");
    Problem::new(ProblemKind::LinkNewer, "the link", detail)
}

fn bad(name: &str, why: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    Problem::new(ProblemKind::LinkInvalid, format!("the link's field “{name}”"), why)
}
