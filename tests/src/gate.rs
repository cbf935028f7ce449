//! The site with gates in its workers: each read of a file or stream waits at one, each long timer at another. A test
//! closes a gate, lets single reads through, sees that the page waits, and opens it again; nothing depends on how fast
//! the machine is.
//!
//! A gate is a web lock: who passes asks for a share of it, who closes it holds it alone. Requests are granted in their
//! order, so letting one pass is to give the lock up and to ask for it again.

use std::{fs, path::Path};

use anyhow::Result;

use crate::{browser::Page, service::Lagvis, tools, workdir::Workdir};

/// Before each read of a worker. Its clock goes on by a second with each, so that every step is far enough from the
/// last report to be reported.
pub const READ: &str = "read";
/// Before a timer of ten seconds or more comes to its end: how long it takes is how long the gate is closed.
pub const TIME: &str = "time";

/// What workers run before their own script.
const PRELUDE: &str = "(() => {
  const pass = gate => navigator.locks.request(gate, {mode: 'shared'}, () => {});
  let later = 0;
  const now = performance.now.bind(performance);
  performance.now = () => now() + later;
  const wait = (of, name) => {
    const real = of.prototype[name];
    of.prototype[name] = async function (...given) { await pass('read'); later += 1000; return real.apply(this, given); };
  };
  wait(Blob, 'arrayBuffer');
  wait(ReadableStreamBYOBReader, 'read');
  wait(ReadableStreamDefaultReader, 'read');
  const timer = self.setTimeout;
  self.setTimeout = (act, time, ...given) => time < 10000 ? timer(act, time, ...given) : (pass('time').then(act), 0);
})();
";

/// Lagvis with gates, all open.
pub struct Gated {
    /// The server.
    pub lagvis: Lagvis,
    _site: Workdir,
}

impl Gated {
    /// Serves the built site with gates.
    pub fn serve() -> Result<Self> {
        let site = Workdir::new()?;
        copy(&tools::site()?, site.path())?;
        let worker = site.path().join("worker.js");
        let script = fs::read_to_string(&worker)?;
        fs::write(&worker, format!("{PRELUDE}{script}"))?;
        // The packed forms are of the script without gates.
        for packed in ["worker.js.br", "worker.js.gz"] {
            _ = fs::remove_file(site.path().join(packed));
        }
        Ok(Self { lagvis: Lagvis::serve_site(site.path(), &[])?, _site: site })
    }
}

/// Copies a folder, such as a site that is to be altered.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

const HOLD: &str = "const done = arguments[arguments.length - 1]; window.gates ??= {}; \
    navigator.locks.request(gate, () => new Promise(open => { window.gates[gate] = open; done(true); }));";

/// Closes a gate.
pub async fn close(page: &Page, gate: &str) -> Result<()> {
    page.script_later(&format!("const gate = '{gate}'; {HOLD}")).await?;
    Ok(())
}

/// Lets through what waits at a closed gate.
pub async fn step(page: &Page, gate: &str) -> Result<()> {
    page.script_later(&format!("const gate = '{gate}'; window.gates[gate](); {HOLD}")).await?;
    Ok(())
}

/// Opens a gate.
pub async fn open(page: &Page, gate: &str) -> Result<()> {
    page.script(&format!("window.gates['{gate}']()")).await?;
    Ok(())
}

/// How many wait at a gate.
pub async fn waiting(page: &Page, gate: &str) -> Result<u64> {
    let script = format!(
        "const done = arguments[arguments.length - 1]; navigator.locks.query().then(state => \
         done(state.pending.filter(lock => lock.name == '{gate}' && lock.mode == 'shared').length));"
    );
    Ok(page.script_later(&script).await?.as_u64().unwrap_or_default())
}

/// Waits until so many wait at a gate.
pub async fn until_waiting(page: &Page, gate: &str, count: u64) -> Result<()> {
    page.until(&format!("{count} waiting at the gate {gate}"), async || Ok(waiting(page, gate).await? == count)).await
}
