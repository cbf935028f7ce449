//! What came of files: the ranges that were asked for last, and what the file is.

use std::rc::Rc;

use lagvis::protocol::{Content, Examined, FileAt};

/// Ranges that are kept: stepping back needs no new reading, and answers may come in another order than questions.
const RANGES: usize = 3;

/// What came of files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    ranges: Vec<Rc<Content>>,
    examined: Option<Rc<Examined>>,
}

impl Held {
    /// Takes a range; the oldest goes.
    pub fn take(&mut self, content: Content) {
        self.ranges.retain(|held| (held.file, held.start) != (content.file, content.start));
        if self.ranges.len() == RANGES {
            self.ranges.remove(0);
        }
        self.ranges.push(Rc::new(content));
    }

    /// Takes what a file is.
    pub fn examined(&mut self, examined: Examined) {
        self.examined = Some(Rc::new(examined));
    }

    /// What a file is, if that came last.
    pub fn what(&self, file: FileAt) -> Option<&Examined> {
        self.examined.as_deref().filter(|examined| examined.file == file)
    }

    /// The answer to a question for a range.
    pub fn range(&self, file: FileAt, start: u64, length: u64) -> Option<Rc<Content>> {
        let answers = |held: &&Rc<Content>| {
            let end = start.saturating_add(length).min(held.total);
            let has = held.start.saturating_add(held.bytes.0.len() as u64);
            held.file == file && held.start == start && (held.problem.is_some() || has >= end)
        };
        self.ranges.iter().rev().find(answers).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(start: u64, bytes: usize) -> Content {
        let file = FileAt { node: 1, layer: 0 };
        Content { file, from: 0, start, total: 100, bytes: lagvis::protocol::Bytes(vec![0; bytes]), problem: None }
    }

    #[test]
    fn the_last_ranges_are_found_in_any_order() {
        let mut held = Held::default();
        for start in [0, 20, 40, 60] {
            held.take(content(start, 20));
        }
        let file = FileAt { node: 1, layer: 0 };
        let found = |start, length| held.range(file, start, length).is_some();
        assert!(!found(0, 20) && found(20, 20) && found(60, 10) && !found(60, 30));
        assert!(held.range(FileAt { node: 2, layer: 0 }, 20, 20).is_none());
        held.take(content(60, 40));
        assert!(held.range(file, 60, 4_096).is_some() && held.range(file, 20, 20).is_some());
    }
}
