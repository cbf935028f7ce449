//! Room: what goes when it is short, and what people see and remove.

use lagvis::{
    image::Digest,
    kept::{Kept, Ledger},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{PART, SCRATCH, Store, hold_name};
use crate::browser::{
    locks,
    opfs::{self, Folder},
    timer,
};

/// Part of what the browser grants that is left free, in percent: its own books are not exact.
const SPARE: u64 = 5;
/// Milliseconds before a file that is still open somewhere is tried again.
const WAITS: [u64; 5] = [0, 100, 500, 2_000, 8_000];

/// A thing that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Its digest.
    pub digest: Digest,
    /// What is known of it.
    pub kept: Kept,
    /// A tab has it open.
    pub held: bool,
}

/// Makes room for `needed` bytes, so that with them no more than `limit` is kept and the browser grants it. What was
/// used longest ago goes first, and nothing that a tab has open. Files of workers that are gone go always.
pub async fn make_room(needed: u64, limit: u64) -> Result<(), JsValue> {
    let mut store = Store::open().await?;
    sweep_in(&store).await?;
    let held = locks::held().await?;
    let granted = opfs::estimate().await.map_or(u64::MAX, |estimate| {
        let others = estimate.usage.saturating_sub(store.ledger.bytes());
        let quota = estimate.quota.saturating_sub(others);
        quota - quota / 100 * SPARE
    });
    let room = limit.min(granted).saturating_sub(needed);
    for digest in store.ledger.evict(room, |digest| held.contains(&hold_name(digest))) {
        store.remove(&digest).await;
    }
    store.close().await
}

/// Removes files of workers that are gone, and those of others once these are: a worker that was just ended may hold its
/// files a while longer.
pub async fn sweep() -> Result<(), JsValue> {
    sweep_in(&Store::open().await?).await
}

async fn sweep_in(store: &Store) -> Result<(), JsValue> {
    let held = locks::held().await?;
    for name in store.folder.names().await? {
        if !(name.starts_with(PART) || name.starts_with(SCRATCH)) {
            continue;
        }
        if !held.contains(&name) && remove_file(&store.folder, &name).await {
            continue;
        }
        let folder = store.folder.clone();
        spawn_local(async move {
            let Ok(_its_worker_is_gone) = locks::alone(&name).await else { return };
            // The browser closes a worker's files a moment after it gave up its locks.
            for wait in WAITS {
                timer::sleep(wait).await;
                if remove_file(&folder, &name).await {
                    return;
                }
            }
        });
    }
    Ok(())
}

/// Removes a file; whether it is gone.
async fn remove_file(folder: &Folder, name: &str) -> bool {
    folder.remove(name).await;
    folder.file(name).await.is_err()
}

/// All that is kept, what was used last first, and how much room there is.
pub async fn list() -> Result<(Vec<Thing>, Option<opfs::Estimate>), JsValue> {
    let store = Store::open().await?;
    let held = locks::held().await?;
    Ok((things(&store.ledger, &held), opfs::estimate().await.ok()))
}

fn things(ledger: &Ledger, held: &[String]) -> Vec<Thing> {
    let thing = |(digest, kept): (&Digest, &Kept)| Thing {
        digest: digest.clone(),
        kept: kept.clone(),
        held: held.contains(&hold_name(digest)),
    };
    ledger.list().into_iter().map(thing).collect()
}

/// Removes things, but for those that a tab has open.
pub async fn remove(digests: &[Digest]) -> Result<(), JsValue> {
    let mut store = Store::open().await?;
    let held = locks::held().await?;
    for digest in digests.iter().filter(|digest| !held.contains(&hold_name(digest))) {
        store.remove(digest).await;
    }
    Ok(())
}
