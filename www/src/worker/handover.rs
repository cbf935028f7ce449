//! Hands a table over to the session piece by piece: it is never in this worker's memory, in the browser's and in the
//! session's at once. The next piece goes when one was taken.

use std::{cell::RefCell, rc::Rc};

use js_sys::{ArrayBuffer, Uint8Array};
use lagvis::{
    layer::{Part, Shelf, TableParts},
    protocol::FromLayer,
};
use web_sys::MessagePort;

use crate::browser::message::{Beside, post};

/// Bytes of a table that travel in one message.
const PIECE: usize = 1 << 20;
/// Messages on their way.
const AHEAD: usize = 4;

/// Parts of tables, kept by the browser: the memory of a worker never shrinks.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts(Rc<RefCell<Vec<ArrayBuffer>>>);

impl Shelf for Parts {
    fn put(&mut self, part: &[u8]) -> u32 {
        let mut parts = self.0.borrow_mut();
        parts.push(Uint8Array::from(part).buffer());
        u32::try_from(parts.len() - 1).unwrap_or(u32::MAX)
    }
}

/// The table that is being handed over, and what is said after it.
#[derive(Clone, Default)]
pub(super) struct Handover(Rc<RefCell<Going>>);

#[derive(Default)]
struct Going {
    total: u32,
    shelf: Parts,
    parts: std::vec::IntoIter<Part>,
    part: Vec<u8>,
    at: usize,
    last: Vec<(FromLayer, Beside)>,
}

impl Handover {
    /// Begins with a table, or says at once what comes last.
    pub(super) fn begin(
        &self,
        port: &MessagePort,
        (table, shelf): (Option<TableParts>, Parts),
        last: Vec<(FromLayer, Beside)>,
    ) {
        let total = table.as_ref().map_or(0, TableParts::byte_len);
        let parts = table.map_or_else(|| Vec::new().into_iter(), TableParts::into_parts);
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        *self.0.borrow_mut() = Going { total, shelf, parts, last, ..Going::default() };
        for _ in 0..AHEAD {
            self.go_on(port);
        }
    }

    /// Sends what comes next.
    pub(super) fn go_on(&self, port: &MessagePort) {
        let mut going = self.0.borrow_mut();
        match going.piece() {
            Some(piece) => {
                let message = FromLayer::Part { total: going.total };
                _ = post(port, &message, &Beside { buffer: Some(piece), ..Beside::default() });
            }
            None => {
                for (message, beside) in going.last.drain(..) {
                    _ = post(port, &message, &beside);
                }
            }
        }
    }
}

impl Going {
    fn piece(&mut self) -> Option<ArrayBuffer> {
        while self.at >= self.part.len() {
            (self.part, self.at) = (Vec::new(), 0);
            match self.parts.next()? {
                Part::Bytes(bytes) => self.part = bytes,
                Part::Shelved { number, .. } => return self.shelf.0.borrow().get(number as usize).cloned(),
            }
        }
        let rest = self.part.get(self.at..)?;
        let piece = rest.get(..PIECE).unwrap_or(rest);
        self.at += piece.len();
        Some(Uint8Array::from(piece).buffer())
    }
}
