//! How long the other side of a stream is waited for. Only waiting counts, not what our own side takes; and a byte now
//! and then is not progress, or a peer could hold a place for as long as it likes.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that are worth the name of progress.
const WORTH: usize = 16 << 10;

/// Time spent waiting since the last progress.
pub(crate) struct Pace {
    limit: Duration,
    waited: Duration,
    since: Option<Instant>,
    got: usize,
    /// Made when it is first needed: most streams never wait for long.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, waited: Duration::ZERO, since: None, got: 0, alarm: None }
    }

    /// The other side gave or took some bytes.
    pub(crate) fn progress(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
        self.got += bytes;
        if self.got >= WORTH {
            (self.got, self.waited) = (0, Duration::ZERO);
        }
    }

    /// The other side is waited for; ready when that took too long.
    pub(crate) fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let end = since + self.limit.saturating_sub(self.waited);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        loop {
            // An alarm that is too early costs a wake-up; setting it at every wait would cost more.
            match alarm.as_mut().poll(cx) {
                Poll::Pending if alarm.deadline() <= end => return Poll::Pending,
                Poll::Ready(()) if alarm.deadline() >= end => return Poll::Ready(()),
                _ => alarm.as_mut().reset(end),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::{advance, timeout};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    async fn waits(pace: &mut Pace, seconds: u64) -> bool {
        timeout(Duration::from_secs(seconds), poll_fn(|cx| pace.poll_waiting(cx))).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_at_the_limit() {
        let mut pace = Pace::new(LIMIT);
        assert!(waits(&mut pace, 29).await);
        assert!(!waits(&mut pace, 2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_no_progress() {
        let mut pace = Pace::new(LIMIT);
        for _ in 0..2 {
            assert!(waits(&mut pace, 14).await);
            pace.progress(1);
        }
        assert!(!waits(&mut pace, 4).await);
    }

    #[tokio::test(start_paused = true)]
    async fn progress_begins_anew_and_our_own_time_does_not_count() {
        let mut pace = Pace::new(LIMIT);
        for _ in 0..5 {
            assert!(waits(&mut pace, 20).await);
            pace.progress(WORTH);
            advance(LIMIT * 2).await;
        }
        assert!(waits(&mut pace, 29).await);
    }
}
