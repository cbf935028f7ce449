//! What entries must be like, in a link: `change=added,removed&type=file&size=1000..2000&set=0,2&owner=0:5&mode=-4000`.

use crate::protocol::{Change, EntryType, Filter, ModeTest};

/// The fields that are read here.
pub(super) const FIELDS: [&str; 6] = ["change", "type", "size", "set", "owner", "mode"];

/// Writes what is set.
pub(super) fn encode(filter: &Filter, put: &mut impl FnMut(&str, &str)) {
    let mut list = |name: &str, items: Vec<String>| {
        if !items.is_empty() {
            put(name, &items.join(","));
        }
    };
    list("change", filter.changes.iter().map(|change| change.name().to_owned()).collect());
    list("type", filter.types.iter().map(|kind| kind.name().to_owned()).collect());
    pair("size", "..", [filter.min_size, filter.max_size], &mut list);
    list("set", filter.layers.iter().map(u32::to_string).collect());
    pair("owner", ":", [filter.uid, filter.gid], &mut list);
    list("mode", filter.modes.iter().map(ModeTest::to_string).collect());
}

fn pair<T: ToString>(name: &str, between: &str, of: [Option<T>; 2], list: &mut impl FnMut(&str, Vec<String>)) {
    let [first, last] = of.map(|end| end.map(|end| end.to_string()).unwrap_or_default());
    if !(first.is_empty() && last.is_empty()) {
        list(name, vec![format!("{first}{between}{last}")]);
    }
}

/// Reads one field; false when its value cannot be read.
pub(super) fn decode(filter: &mut Filter, name: &str, value: &str) -> bool {
    fill(filter, name, value).is_some()
}

fn fill(filter: &mut Filter, name: &str, value: &str) -> Option<()> {
    match name {
        "change" => filter.changes = list(value, |text| Change::ALL.into_iter().find(|c| c.name() == text))?,
        "type" => filter.types = list(value, |text| EntryType::ALL.into_iter().find(|kind| kind.name() == text))?,
        "size" => (filter.min_size, filter.max_size) = ends(value, "..")?,
        "set" => filter.layers = list(value, |text| text.parse().ok())?,
        "owner" => (filter.uid, filter.gid) = ends(value, ":")?,
        "mode" => filter.modes = list(value, ModeTest::parse)?,
        _ => return None,
    }
    Some(())
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(read).collect()
}

fn ends<T: std::str::FromStr>(value: &str, between: &str) -> Option<(Option<T>, Option<T>)> {
    let (first, last) = value.split_once(between)?;
    let end = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (first, last) = (end(first)?, end(last)?);
    (first.is_some() || last.is_some()).then_some((first, last))
}
