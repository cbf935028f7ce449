//! What a browser's threads were busy with, from its performance trace.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is traced: tasks, and the marks that scripts set.
pub const CATEGORIES: &str = "disabled-by-default-devtools.timeline,blink.user_timing";

/// The event loop's tasks and the marks of the page that sets any.
#[derive(Debug, Default)]
pub struct Trace {
    /// Tasks of the page's main thread.
    pub main: Vec<Task>,
    /// Tasks of its workers.
    pub workers: Vec<Task>,
    /// Marks in order of time: name, and when.
    pub marks: Vec<(String, f64)>,
}

/// A turn of an event loop, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Task {
    /// When it began.
    pub start: f64,
    /// How long it took.
    pub took: f64,
    /// How long the thread had a processor for it.
    pub cpu: f64,
}

impl Trace {
    /// Reads the messages of ChromeDriver's performance log; none when they have no mark.
    pub fn read(messages: &[Value]) -> Option<Self> {
        let is_mark = |event: &Value| event["cat"] == "blink.user_timing" && event["ph"] == "I";
        let events = || messages.iter().filter(|m| m["method"] == "Tracing.dataCollected").map(|m| &m["params"]);
        let page = &events().find(|event| is_mark(event))?["pid"];
        let events = || events().filter(|event| event["pid"] == *page);
        let thread = |event: &Value| event["tid"].as_u64().unwrap_or_default();
        let name = |event: &Value| event["name"].as_str().unwrap_or_default().to_owned();
        let threads = events().filter(|event| event["name"] == "thread_name");
        let threads: BTreeMap<u64, String> = threads.map(|event| (thread(event), name(&event["args"]))).collect();
        let mut trace = Self::default();
        for event in events() {
            let ms = |field: &str| event[field].as_f64().unwrap_or_default() / 1000.0;
            if is_mark(event) {
                trace.marks.push((name(event), ms("ts")));
            } else if event["ph"] == "X" && event["name"] == "RunTask" {
                let task = Task { start: ms("ts"), took: ms("dur"), cpu: ms("tdur") };
                match threads.get(&thread(event)).map(String::as_str) {
                    Some("CrRendererMain") => trace.main.push(task),
                    Some("DedicatedWorker thread") => trace.workers.push(task),
                    _ => {}
                }
            }
        }
        trace.marks.sort_by(|a, b| a.1.total_cmp(&b.1));
        Some(trace)
    }

    /// From each mark `from` to the mark `to` that follows it.
    pub fn spans(&self, from: &str, to: &str) -> Vec<(f64, f64)> {
        let begins = self.marks.iter().filter(|(name, _)| name == from);
        let end = |begin: f64| self.marks.iter().find(|(name, time)| name == to && *time >= begin);
        begins.filter_map(|(_, begin)| Some((*begin, end(*begin)?.1))).collect()
    }

    /// All that the workers did within a span.
    pub fn workers_within(&self, (begin, end): (f64, f64)) -> Task {
        let within = self.workers.iter().filter(|task| task.start + task.took > begin && task.start < end);
        within.fold(Task { start: begin, ..Task::default() }, |sum, task| Task {
            took: sum.took + task.took,
            cpu: sum.cpu + task.cpu,
            ..sum
        })
    }

    /// The longest task of the main thread.
    pub fn longest(&self) -> Task {
        self.main.iter().copied().max_by(|a, b| a.took.total_cmp(&b.took)).unwrap_or_default()
    }
}
