//! Queries of the tree of a million entries, natively: the median and the worst of some runs in milliseconds.
//! `queries [TEXT]`: with a text only the changes of the view whose names hold it. Used by `cargo xtask bench`; built as the page's worker is, see the workspace's profiles.

use std::{io::Write as _, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use lagvis::{
    layer::{Entry, LayerTable, NONE, RowKind, TableBuilder},
    space::Space,
    tree::{NodeSet, Tree, View},
};
use lagvis_fixtures::million;
use lagvis_tests::queries::{FOLDER, changes, median, open};

const RUNS: u32 = 5;

fn main() -> Result<()> {
    let table = Arc::new(table()?);
    let begin = Instant::now();
    let tree = Tree::build(vec![Some(table)]);
    let took = ms(begin);
    let mut out = std::io::stdout();
    writeln!(out, "{} paths, built in {took:.0} ms; {} MB", tree.len() - 1, tree.byte_len() / 1_000_000)?;
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for change in changes().into_iter().filter(|change| change.name.contains(&wanted)) {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..RUNS {
            let mut view = View::new(&tree, change.from.clone(), NodeSet::default());
            let begin = Instant::now();
            view.change(&tree, change.to.clone());
            let page = view.rows(&tree, 0, 100);
            times.push(ms(begin));
            rows = view.len();
            drop(page);
        }
        print(&mut out, change.name, times, &format!("{rows} rows"))?;
    }
    let mut view = View::new(&tree, open(), NodeSet::default());
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
    let folder = tree.find(FOLDER.as_bytes()).context("a folder")?;
    let toggle = times(10, &mut |run| view.expand(&tree, folder, run % 2 == 1, false));
    print(&mut out, "close and open a folder, all open", toggle, "10,000 rows in it")?;
    let last = tree.path(tree.len() - 1);
    let reveal = times(10, &mut |_| _ = view.reveal(&tree, &last));
    print(&mut out, "reveal a path, all open", reveal, "")?;
    let space = times(RUNS, &mut |_| _ = Space::new(&tree, None));
    print(&mut out, "sums for the treemap", space, "")?;
    let space = Space::new(&tree, None);
    let report = times(RUNS, &mut |_| _ = space.report(&tree, 0));
    print(&mut out, "the largest and the waste", report, "")
}

fn print(out: &mut impl std::io::Write, name: &str, times: Vec<f64>, note: &str) -> Result<()> {
    let (median, worst) = median(times);
    writeln!(out, "{name:<40} {median:>7.1} ms, at worst {worst:>6.1} ms   {note}")?;
    Ok(())
}

fn ms(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1000.0
}

fn table() -> Result<LayerTable> {
    let mut table = TableBuilder::new();
    let mut print = 0;
    million(|entry| -> Result<()> {
        let parts: Vec<&[u8]> = entry.path.as_bytes().split(|byte| *byte == b'/').collect();
        let node = table.path(&parts)?;
        table.row(&Entry {
            node,
            kind: if entry.is_folder { RowKind::Dir } else { RowKind::File },
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            mtime: entry.mtime.into(),
            size: entry.size.into(),
            offset: 0,
            link: NONE,
            xattrs: NONE,
            print,
        })?;
        print += 1;
        Ok(())
    })?;
    Ok(table.finish()?.join()?)
}
