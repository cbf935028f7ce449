//! Opens the image of a million entries on the page and asks queries of its worker, then scrolls through the tree.
//! `page_queries FILE`, used by `cargo xtask bench`. Times of workers and tasks are those of the performance trace.

use std::{io::Write as _, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use lagvis::protocol::{MapSpec, SpaceSpec, ToSession};
use lagvis_tests::{
    browser::Page,
    queries::{FOLDER, changes, median, open},
    service::Lagvis,
};
use serde_json::json;

const RUNS: u32 = 5;
/// Milliseconds that a query may take in the worker.
const QUERY: f64 = 100.0;
/// Milliseconds that a task of the page's main thread may take while it is scrolled.
const TASK: f64 = 50.0;
/// Megabytes above an empty tab: 200, and 120 bytes an entry.
const MEMORY: f64 = 320.0;
/// Down, Page Down, End, Up, Page Up, Home, and how often.
const KEYS: [(&str, u32); 6] =
    [("\u{e015}", 60), ("\u{e00f}", 60), ("\u{e010}", 1), ("\u{e013}", 60), ("\u{e00e}", 60), ("\u{e011}", 1)];

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("a file to open")?;
    let lagvis = Lagvis::serve(&[])?;
    let page = Page::traced().await?;
    open_file(&page, &lagvis, &file).await?;
    let mut bench = Bench { page, out: std::io::stdout(), over: Vec::new() };
    let [worker, cpu, worst, drawn] = ["worker", "processor", "at worst", "drawn after"];
    writeln!(bench.out, "{:<40} {worker:>10} {cpu:>10} {worst:>10} {drawn:>12}", "milliseconds, median of some")?;
    for change in changes() {
        let (from, to) = (ToSession::View(change.from), ToSession::View(change.to));
        bench.ask(change.name, "View", RUNS, |_| [from.clone(), to.clone()].to_vec()).await?;
    }
    bench.ask("expand all again", "View", 1, |_| vec![ToSession::View(open())]).await?;
    bench
        .ask("next rows, all open", "Rows", 20, |run| vec![ToSession::Rows { start: run * 50_000, count: 100 }])
        .await?;
    let node = bench.page.script("return bench.first").await?;
    let node = node.as_u64().and_then(|node| u32::try_from(node).ok()).context("a first row")?;
    let expand = |run: u32| vec![ToSession::Expand { node, open: run % 2 == 1, deep: false }];
    bench.ask("close and open a folder, all open", "View", 10, expand).await?;
    let path = format!("{FOLDER}/package99");
    bench.ask("reveal a path, all open", "Revealed", RUNS, |_| vec![ToSession::Reveal { path: path.clone() }]).await?;
    bench.ask("details", "Detail", RUNS, |run| vec![ToSession::Detail { node: 500_000 + run }]).await?;
    for (name, folder) in [("treemap", ""), ("treemap of a folder", FOLDER)] {
        let map = MapSpec { folder: folder.to_owned(), upto: None, since: None, width: 900, height: 600 };
        bench.ask(name, "Map", RUNS, |_| vec![ToSession::Map(map.clone())]).await?;
    }
    bench.ask("the largest and the waste", "Space", RUNS, |_| vec![space()]).await?;
    bench.ask("receipt", "Receipt", RUNS, |_| vec![ToSession::Receipt]).await?;
    bench.wheel().await?;
    bench.bar().await?;
    bench.keys().await?;
    let over = if bench.over.is_empty() { "none".to_owned() } else { bench.over.join("; ") };
    writeln!(bench.out, "over {QUERY} ms in the worker at worst, or {TASK} ms on the main thread: {over}")?;
    let mut out = bench.out;
    bench.page.close().await?;
    writeln!(out, "{}", memory(&lagvis, &file).await?)?;
    Ok(())
}

async fn open_file(page: &Page, lagvis: &Lagvis, file: &str) -> Result<()> {
    page.inject(include_str!("page_queries.js")).await?;
    page.go(&lagvis.url).await?;
    page.choose(Path::new(file)).await?;
    let verdict = page.verdict().await?;
    ensure!(verdict == "verified", "the verdict is {verdict}");
    Ok(())
}

fn space() -> ToSession {
    ToSession::Space(SpaceSpec { base: 0, upto: None })
}

/// The same queries once more for their memory, in a browser that records no trace: a trace is kept in the tab's process.
async fn memory(lagvis: &Lagvis, file: &str) -> Result<String> {
    let page = Page::blank().await?;
    let base = page.peak_memory()?;
    open_file(&page, lagvis, file).await?;
    let opened = page.peak_memory()? - base;
    for change in changes() {
        for view in [change.from, change.to] {
            ask(&page, &ToSession::View(view), "View", false).await?;
        }
    }
    ask(&page, &space(), "Space", false).await?;
    let peak = page.peak_memory()? - base;
    page.close().await?;
    Ok(format!("memory above an empty tab: {opened:.0} MB opened, {peak:.0} MB at its peak (budget {MEMORY} MB)"))
}

/// Asks the session what the page could ask, and waits until the answer is drawn; in the trace, if that `counts`.
async fn ask(page: &Page, query: &ToSession, answer: &str, counts: bool) -> Result<()> {
    let script = "const done = arguments[3]; bench.ask(arguments[0], arguments[1], arguments[2]).then(done)";
    page.script_async(script, vec![serde_json::to_value(query)?, json!(answer), json!(counts)]).await?;
    Ok(())
}

struct Bench {
    page: Page,
    out: std::io::Stdout,
    /// What took longer than it may.
    over: Vec<String>,
}

impl Bench {
    /// Asks the session what the page could ask, and waits until the answer is drawn; the last of each run counts.
    async fn ask(
        &mut self,
        name: &str,
        answer: &str,
        runs: u32,
        queries: impl Fn(u32) -> Vec<ToSession>,
    ) -> Result<()> {
        for run in 0..runs {
            let queries = queries(run);
            for (query, left) in queries.iter().zip((0..queries.len()).rev()) {
                ask(&self.page, query, answer, left == 0).await?;
            }
        }
        let rows = self.page.script("return bench.view.rows").await?;
        let trace = self.page.trace().await?;
        let spans = trace.spans("asked", "drawn");
        ensure!(spans.len() == runs as usize, "{name}: the trace has {} of {runs} queries", spans.len());
        let (drawn, _) = median(spans.iter().map(|(begin, end)| end - begin).collect());
        let tasks: Vec<_> = spans.iter().map(|span| trace.workers_within(*span)).collect();
        let (took, worst) = median(tasks.iter().map(|task| task.took).collect());
        let (cpu, _) = median(tasks.iter().map(|task| task.cpu).collect());
        if worst > QUERY {
            self.over.push(format!("{name} ({worst:.1})"));
        }
        writeln!(self.out, "{name:<40} {took:>10.1} {cpu:>10.1} {worst:>10.1} {drawn:>12.1}   {rows} rows")?;
        Ok(())
    }

    async fn wheel(&mut self) -> Result<()> {
        self.begin().await?;
        for turn in 0..200 {
            // Slow turns, then quick ones.
            let down = if turn < 100 { 120 } else { 2_000 };
            let wheel = json!({"type": "mouseWheel", "x": 640, "y": 500, "deltaX": 0, "deltaY": down});
            self.page.cdp("Input.dispatchMouseEvent", wheel).await?;
            tokio::time::sleep(Duration::from_millis(16)).await;
        }
        self.end("wheel").await
    }

    async fn bar(&mut self) -> Result<()> {
        self.begin().await?;
        self.page.script_async("const done = arguments[0]; bench.drag(200).then(done)", vec![]).await?;
        self.end("bar").await
    }

    async fn keys(&mut self) -> Result<()> {
        self.begin().await?;
        self.page.script("document.querySelector(\"[data-testid='tree']\").focus(); return true").await?;
        for (key, times) in KEYS {
            for _ in 0..times {
                self.page.keys(key).await?;
            }
        }
        self.end("keys").await
    }

    async fn begin(&self) -> Result<()> {
        self.page.script("performance.mark('scroll'); return true").await?;
        Ok(())
    }

    async fn end(&mut self, by: &str) -> Result<()> {
        let at = self.page.script("return document.querySelector(\"[data-testid='tree']\").scrollTop").await?;
        let trace = self.page.trace().await?;
        let (longest, all) = (trace.longest(), trace.main.len());
        // Not always of the same task: on a busy machine one may only have waited for a processor.
        let most_cpu = trace.main.iter().map(|task| task.cpu).fold(0.0, f64::max);
        let over = trace.main.iter().filter(|task| task.took > TASK).count();
        let name = format!("longest task while scrolling by {by}");
        if longest.took > TASK {
            self.over.push(format!("{name} ({:.1})", longest.took));
        }
        writeln!(
            self.out,
            "{name:<40} {:>10.1} {:>10.1}   {over} of {all} tasks over {TASK} ms, to {at} pixels",
            longest.took, most_cpu
        )?;
        Ok(())
    }
}
