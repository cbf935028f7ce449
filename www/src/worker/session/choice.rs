//! Waiting for the person: which image of the archive, which platform of the index.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use super::Shared;

/// An answer that may still come.
#[derive(Default)]
pub(super) struct Choice {
    slot: Rc<RefCell<Slot>>,
}

#[derive(Default)]
struct Slot {
    answer: Option<u32>,
    waker: Option<Waker>,
}

/// Resolves to the index that the person chose.
pub(super) struct Chosen(Rc<RefCell<Slot>>);

impl Choice {
    /// Waits for the next answer.
    pub(super) fn wait(session: &Shared) -> Chosen {
        let session = session.borrow();
        session.choice.slot.borrow_mut().answer = None;
        Chosen(Rc::clone(&session.choice.slot))
    }

    /// The person chose. Without anyone waiting it is ignored.
    pub(super) fn answer(session: &Shared, index: u32) {
        let session = session.borrow();
        let mut slot = session.choice.slot.borrow_mut();
        slot.answer = Some(index);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

impl Future for Chosen {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let mut slot = self.0.borrow_mut();
        match slot.answer.take() {
            Some(index) => Poll::Ready(index),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
