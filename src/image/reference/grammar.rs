//! The grammar of names: domain, path, tag.

use super::{DOCKER_HUB, ReferenceError};
use crate::image::pasted::meant;

/// Commands and web addresses, with what is most likely meant.
pub(super) fn not_a_reference(text: &str) -> Option<ReferenceError> {
    let (what, offer) = meant(text)?;
    Some(ReferenceError::Offer { given: excerpt(text), what, offer })
}

/// The first component is a domain if it is localhost, or holds `.` or `:` or an upper-case letter.
pub(super) fn split_domain(text: &str) -> (String, &str) {
    if let Some((first, rest)) = text.split_once('/') {
        let is_domain = first == "localhost" || first.contains(['.', ':']) || first.to_lowercase() != first;
        if is_domain {
            let domain = if first == "index.docker.io" { DOCKER_HUB } else { first };
            return (domain.to_owned(), rest);
        }
    }
    (DOCKER_HUB.to_owned(), text)
}

pub(super) fn check_domain(domain: &str) -> Result<(), ReferenceError> {
    let wrong = || ReferenceError::Domain(excerpt(domain));
    let (host, port) = match domain.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let is_address = !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
            if !is_address {
                return Err(wrong());
            }
            (None, port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match domain.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(domain), Some("0")),
        },
    };
    let port = port.ok_or_else(wrong)?;
    let component = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let good = host.is_none_or(|host| host.split('.').all(component))
        && !port.is_empty()
        && port.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(()) } else { Err(wrong()) }
}

/// Why a path is against the grammar; `before` is what stands in front of it in the whole text.
pub(super) fn wrong_path(text: &str, before: &str, path: &str) -> ReferenceError {
    let lower = path.to_lowercase();
    if !lower.split('/').all(is_path_component) {
        return ReferenceError::Path(excerpt(path));
    }
    let after = text.get(before.len() + path.len()..).unwrap_or_default();
    ReferenceError::Uppercase { path: excerpt(path), offer: format!("{before}{lower}{after}") }
}

/// `[a-z0-9]+` joined by `.`, `_`, `__` or any number of `-`.
pub(super) fn is_path_component(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut rest = part;
    loop {
        let word = rest.trim_start_matches(is_word);
        if word.len() == rest.len() {
            return false;
        }
        if word.is_empty() {
            return true;
        }
        rest = if let Some(after) = word.strip_prefix("__").or_else(|| word.strip_prefix(['.', '_'])) {
            after
        } else if word.starts_with('-') {
            word.trim_start_matches('-')
        } else {
            return false;
        };
    }
}

/// Whether a text is a tag.
pub(crate) fn is_tag(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    first && tag.len() <= 128 && bytes.all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_debug).collect()
}
