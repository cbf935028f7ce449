//! The tree's queries on a generated image of a million entries, natively: the median and the worst of some runs in
//! milliseconds. Used by `cargo xtask bench`; built for speed as the page's worker is, see the workspace's profiles.

use std::{io::Write as _, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use lagvis::{
    layer::{Entry, LayerTable, NONE, RowKind, TableBuilder},
    pattern::PatternKind,
    protocol::{EntryType, Filter, ModeTest, Search, Sort, SortBy, ViewSpec},
    tree::{NodeSet, Tree, View},
};

/// Folders at the top, folders in each, files in each of these: a million entries in all.
const SHAPE: [u32; 3] = [100, 100, 99];
const RUNS: usize = 5;

fn main() -> Result<()> {
    let begin = Instant::now();
    let tree = Tree::build(vec![Some(Arc::new(table()?))]);
    let mut out = std::io::stdout();
    writeln!(out, "{} paths, built in {:.0} ms", tree.len() - 1, ms(begin))?;
    let closed = ViewSpec::default();
    let open = ViewSpec { depth: u32::MAX, ..ViewSpec::default() };
    let search = |kind, text: &str| ViewSpec { search: Search { kind, text: text.to_owned() }, ..closed.clone() };
    let sort = |by| ViewSpec { sort: Sort { by, descending: true }, ..open.clone() };
    let filter = |filter| ViewSpec { filter, ..closed.clone() };
    let mode = ModeTest::parse("-4000").context("a mode")?;
    let queries = [
        ("expand all", closed.clone(), open.clone()),
        ("collapse all", open.clone(), closed.clone()),
        ("search, a text that few names have", closed.clone(), search(PatternKind::Text, "99.so")),
        ("search, a letter that most have", closed.clone(), search(PatternKind::Text, "e")),
        ("search, a text of the path", closed.clone(), search(PatternKind::Text, "r7/pack")),
        ("search, a glob of the name", closed.clone(), search(PatternKind::Glob, "*9?.so")),
        ("search, a glob of the path", closed.clone(), search(PatternKind::Glob, "folder7/**/*[13579].so")),
        ("search, an expression", closed.clone(), search(PatternKind::Regex, r"^/folder\d+/.*(lib|bin)[^/]*9\.so$")),
        ("sort by name, all open", open.clone(), sort(SortBy::Name)),
        ("sort by size, all open", open.clone(), sort(SortBy::Size)),
        ("sort by mode, all open", open.clone(), sort(SortBy::Mode)),
        ("sort by owner, all open", open.clone(), sort(SortBy::Owner)),
        ("sort by time, all open", open.clone(), sort(SortBy::Time)),
        ("sort by layer, all open", open.clone(), sort(SortBy::Layer)),
        ("filter, setuid", closed.clone(), filter(Filter { modes: vec![mode], ..Filter::default() })),
        (
            "filter, files of 1 kB and more",
            closed.clone(),
            filter(Filter { types: vec![EntryType::File], min_size: Some(1_000), ..Filter::default() }),
        ),
    ];
    for (name, from, to) in queries {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..RUNS {
            let mut view = View::new(&tree, from.clone(), NodeSet::default());
            let begin = Instant::now();
            view.change(&tree, to.clone());
            let page = view.rows(&tree, 0, 100);
            times.push(ms(begin));
            rows = view.len();
            drop(page);
        }
        print(&mut out, name, times, &format!("{rows} rows"))?;
    }
    let mut view = View::new(&tree, open, NodeSet::default());
    let times = |count: u32, query: &mut dyn FnMut(u32)| -> Vec<f64> {
        (0..count)
            .map(|run| {
                let begin = Instant::now();
                query(run);
                ms(begin)
            })
            .collect()
    };
    let next = times(50, &mut |run| drop(view.rows(&tree, run * 20_000, 100)));
    print(&mut out, "next rows, all open", next, "100 rows each")?;
    let folder = tree.find(b"folder50").context("a folder")?;
    let toggle = times(10, &mut |run| view.expand(&tree, folder, run % 2 == 1, false));
    print(&mut out, "close and open a folder, all open", toggle, "10,000 rows in it")?;
    let reveal = times(10, &mut |_| _ = view.reveal(&tree, b"folder99/package99/file-lib98.so"));
    print(&mut out, "reveal a path, all open", reveal, "")
}

fn print(out: &mut impl std::io::Write, name: &str, mut times: Vec<f64>, note: &str) -> Result<()> {
    times.sort_by(f64::total_cmp);
    let (median, worst) = (times.get(times.len() / 2).context("no run")?, times.last().context("no run")?);
    writeln!(out, "{name:<40} {median:>7.1} ms, at worst {worst:>6.1} ms   {note}")?;
    Ok(())
}

fn ms(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}

fn table() -> Result<LayerTable> {
    let mut table = TableBuilder::new();
    let mut row = 0_u32;
    let mut add = |parts: &[&[u8]], kind: RowKind| -> Result<()> {
        let node = table.path(parts)?;
        let random = row.wrapping_mul(2_654_435_761);
        table.row(&Entry {
            node,
            kind,
            mode: if kind == RowKind::Dir {
                0o755
            } else if row.is_multiple_of(500) {
                0o4755
            } else {
                0o644
            },
            uid: random >> 29,
            gid: random >> 30,
            mtime: i64::from(random >> 8),
            size: if kind == RowKind::File { u64::from(random >> 18) } else { 0 },
            offset: 0,
            link: NONE,
            xattrs: NONE,
            print: u128::from(row),
        })?;
        row += 1;
        Ok(())
    };
    let [folders, packages, files] = SHAPE;
    for folder in 0..folders {
        let folder = format!("folder{folder}");
        add(&[folder.as_bytes()], RowKind::Dir)?;
        for package in 0..packages {
            let package = format!("package{package}");
            add(&[folder.as_bytes(), package.as_bytes()], RowKind::Dir)?;
            for file in 0..files {
                let file = format!("file-{}{file}.so", if file % 2 == 0 { "lib" } else { "data" });
                add(&[folder.as_bytes(), package.as_bytes(), file.as_bytes()], RowKind::File)?;
            }
        }
    }
    Ok(table.finish()?.join()?)
}
