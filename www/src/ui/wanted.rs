//! What a look asks of the session beside rows: folders that are turned, versions compared, a file hashed, contents
//! searched. A click and a link both only change the look; here it is seen to, once the image is ready for it.

use lagvis::{
    protocol::{FileAt, Task, ToSession},
    share::Tab,
};
use yew::prelude::*;

use super::{
    driver::Driver,
    phase::{Look, Open},
    work,
};

/// Tells the session which folders are open or closed, where a link or the history says so. Has to stand behind what asks
/// for the view: another depth closes them.
#[hook]
pub fn use_turned(open: Option<&Open>, look: &Look, driver: &Driver) {
    let (driver, folders) = (driver.clone(), look.turned.clone());
    let tree = open.is_some_and(|open| open.tree.is_some());
    use_effect_with((open.map_or(0, |open| open.turns), tree), move |(number, tree)| {
        if let (number @ 1.., true) = (*number, *tree) {
            driver.send(ToSession::Turn { number, folders });
        }
    });
}

/// Begins the tasks that the look asks for.
#[hook]
pub fn use_tasks(open: Option<&Open>, look: &Look, driver: &Driver) {
    let wanted = open.map(|open| tasks(open, look)).unwrap_or_default();
    let driver = driver.clone();
    use_effect_with(wanted, move |wanted| {
        for task in wanted {
            work::start(&driver, task.clone());
        }
    });
}

/// The tasks that are wanted and can be done.
fn tasks(open: &Open, look: &Look) -> Vec<Task> {
    let mut tasks = Vec::new();
    if open.outcome.is_none() {
        return tasks;
    }
    let detail = open.detail.as_ref().filter(|detail| Some(&detail.row.path) == look.path.as_ref());
    if let Some(detail) = detail {
        let file = |layer| FileAt { node: detail.row.node, layer };
        if let (true, Some((old, new))) = (open.work.to_compare, look.file.compared) {
            tasks.push(Task::Compare { old: file(old), new: file(new) });
        }
        let shown = open.shown_version(detail, &look.file);
        if let (true, Some(layer)) = (open.work.to_hash, shown.filter(|_| look.file.digest.is_some())) {
            tasks.push(Task::Hash(file(layer)));
        }
    }
    if open.work.to_search && look.tab == Tab::Search && !look.contents.text.is_empty() {
        tasks.push(Task::Search(look.contents.clone()));
    }
    tasks
}
