//! What of a file is looked at, in a link: `version=2&compare=0..2&digest=sha256:…
//! &as=hex&at=4096&mark=4100..4104&find=text&nth=1&large=1`.

use super::{FileLook, Way};
use crate::image::Digest;

/// The fields that are read here.
pub(super) const FIELDS: [&str; 9] = ["version", "compare", "digest", "as", "at", "mark", "find", "nth", "large"];

/// Writes what is set.
pub(super) fn encode(look: &FileLook, put: &mut impl FnMut(&str, &str)) {
    if let Some(layer) = look.version {
        put("version", &layer.to_string());
    }
    if let Some((old, new)) = look.compared {
        put("compare", &format!("{old}..{new}"));
    }
    if let Some(digest) = &look.digest {
        put("digest", &digest.to_string());
    }
    if let Some(way) = look.way {
        put("as", way.name());
    }
    if let Some(byte) = look.at {
        put("at", &byte.to_string());
    }
    if let Some((first, length)) = look.mark {
        put("mark", &format!("{first}..{}", first.saturating_add(length)));
    }
    if !look.find.is_empty() {
        put("find", &look.find);
    }
    if look.nth > 0 {
        put("nth", &look.nth.to_string());
    }
    if look.large {
        put("large", "1");
    }
}

/// Reads one field; false when its value cannot be read.
pub(super) fn decode(look: &mut FileLook, name: &str, value: &str) -> bool {
    fill(look, name, value).is_some()
}

fn fill(look: &mut FileLook, name: &str, value: &str) -> Option<()> {
    match name {
        "version" => look.version = Some(value.parse().ok()?),
        "compare" => look.compared = Some(two(value)?),
        "digest" => look.digest = Some(Digest::parse(value).ok()?),
        "as" => look.way = Some(Way::ALL.into_iter().find(|way| way.name() == value)?),
        "at" => look.at = Some(value.parse().ok()?),
        "mark" => {
            let (first, end) = two(value).filter(|(first, end): &(u64, u64)| first < end)?;
            look.mark = Some((first, end - first));
        }
        "find" => value.clone_into(&mut look.find),
        "nth" => look.nth = value.parse().ok()?,
        "large" => look.large = (value == "1").then_some(true)?,
        _ => return None,
    }
    Some(())
}

fn two<T: std::str::FromStr>(value: &str) -> Option<(T, T)> {
    let (first, second) = value.split_once("..")?;
    Some((first.parse().ok()?, second.parse().ok()?))
}
