//! Queries of the tree of [`lagvis_fixtures::million`], which the benchmarks ask natively and on the page.

use lagvis::{
    pattern::PatternKind,
    protocol::{EntryType, Filter, ModeTest, Search, Sort, SortBy, ViewSpec},
};

/// A folder of the tree, and a file in the last one.
pub const FOLDER: &str = "folder50";

/// From one way of seeing the tree to another.
pub struct Change {
    /// For people.
    pub name: &'static str,
    /// How it was seen before.
    pub from: ViewSpec,
    /// How it is to be seen.
    pub to: ViewSpec,
}

/// All folders open, or all closed.
pub fn open() -> ViewSpec {
    ViewSpec { depth: u32::MAX, ..ViewSpec::default() }
}

/// The changes.
pub fn changes() -> Vec<Change> {
    let closed = ViewSpec::default;
    let search = |kind, text: &str| ViewSpec { search: Search { kind, text: text.to_owned() }, ..closed() };
    let sort = |by| ViewSpec { sort: Sort { by, descending: true }, ..open() };
    let filter = |filter| ViewSpec { filter, ..closed() };
    let setuid = Filter { modes: ModeTest::parse("-4000").into_iter().collect(), ..Filter::default() };
    let large = Filter { types: vec![EntryType::File], min_size: Some(100), ..Filter::default() };
    let of = |name, from, to| Change { name, from, to };
    vec![
        of("expand all", closed(), open()),
        of("collapse all", open(), closed()),
        of("search, a text that few names have", closed(), search(PatternKind::Text, "99.so")),
        of(
            "search, the same with one letter more",
            search(PatternKind::Text, "99.so"),
            search(PatternKind::Text, "b99.so"),
        ),
        of("search, a letter that most have", closed(), search(PatternKind::Text, "e")),
        of("search, a text of the path", closed(), search(PatternKind::Text, "r7/pack")),
        of("search, a glob of the name", closed(), search(PatternKind::Glob, "*9?.so")),
        of("search, a glob of the path", closed(), search(PatternKind::Glob, "folder7/**/*[13579].so")),
        of("search, an expression", closed(), search(PatternKind::Regex, r"^/folder\d+/.*(lib|bin)[^/]*9\.so$")),
        of("filter, setuid", closed(), filter(setuid)),
        of("filter, files of 100 bytes and more", closed(), filter(large)),
        of("sort by name, all open", open(), sort(SortBy::Name)),
        of("sort by size, all open", open(), sort(SortBy::Size)),
        of("sort by mode, all open", open(), sort(SortBy::Mode)),
        of("sort by owner, all open", open(), sort(SortBy::Owner)),
        of("sort by time, all open", open(), sort(SortBy::Time)),
        of("sort by layer, all open", open(), sort(SortBy::Layer)),
    ]
}

/// The median and the worst of some times.
pub fn median(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let middle = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
    (middle, times.last().copied().unwrap_or(f64::NAN))
}
