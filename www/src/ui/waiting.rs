//! What is waited for, with the seconds that are left.

use std::{cell::Cell, rc::Rc, time::Duration};

use lagvis::protocol::{Quota, WaitReason, Waiting};
use yew::{platform::time::sleep, prelude::*};

use super::{format, phase::Model, phase::Phase};
use crate::browser::clock;

/// What is waited for: by the documents, else by a layer.
pub fn of(model: &Model) -> Option<Waiting> {
    let of_layers = || match &model.phase {
        Phase::Open(open) => open.layers.iter().find_map(|line| line.waiting.clone()),
        _ => None,
    };
    model.waiting.clone().or_else(of_layers)
}

/// Properties of [`WaitingCard`].
#[derive(Properties, PartialEq)]
pub struct WaitingProps {
    /// What is waited for.
    pub waiting: Waiting,
}

/// A wait that counts down.
#[component]
pub fn WaitingCard(props: &WaitingProps) -> Html {
    let Waiting { reason, until, text, quota } = &props.waiting;
    let left = use_state_eq(|| seconds_until(*until));
    {
        let left = left.setter();
        use_effect_with(*until, move |until| {
            let (until, gone) = (*until, Rc::new(Cell::new(false)));
            let ended = Rc::clone(&gone);
            yew::platform::spawn_local(async move {
                while !ended.get() && clock::today() < until {
                    left.set(seconds_until(until));
                    // To the next whole second.
                    sleep(Duration::from_millis((until - clock::today().min(until)) % 1_000 + 1)).await;
                }
                if !ended.get() {
                    left.set(0);
                }
            });
            move || gone.set(true)
        });
    }
    let name = if *reason == WaitReason::Asked { "asked" } else { "broken" };
    html! {
        <section class="waiting" aria-label="Waiting" data-testid="waiting" data-reason={name} data-seconds={left.to_string()}>
            <p role="status">{ text }</p>
            <p class="num">{ format!("It goes on in {}", format::plural(*left, "second")) }</p>
            if let Some(quota) = quota { <p class="hint" data-testid="quota">{ quota_words(quota) }</p> }
        </section>
    }
}

fn seconds_until(until: u64) -> u64 {
    until.saturating_sub(clock::today()).div_ceil(1_000)
}

/// What is left of a quota, for people.
pub fn quota_words(quota: &Quota) -> String {
    let left = match (quota.remaining, quota.limit) {
        (Some(left), Some(limit)) => format!("{} of {} pulls left", format::count(left), format::count(limit)),
        (Some(left), None) => format!("{} left", format::plural(left, "pull")),
        (None, Some(limit)) => format!("{} allowed", format::plural(limit, "pull")),
        (None, None) => String::new(),
    };
    let window = quota.window.map(|seconds| match seconds {
        0..7_200 => format!(" in {}", format::plural(seconds.div_ceil(60), "minute")),
        _ => format!(" in {}", format::plural(seconds.div_ceil(3_600), "hour")),
    });
    let source = quota.source.as_ref().map(|source| format!(", counted for {source}"));
    format!("{left}{}{}", window.unwrap_or_default(), source.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_in_words() {
        let source = Some("192.0.2.1".to_owned());
        let quota = Quota { limit: Some(100), remaining: Some(0), window: Some(21_600), source };
        assert_eq!(quota_words(&quota), "0 of 100 pulls left in 6 hours, counted for 192.0.2.1");
        assert_eq!(quota_words(&Quota { remaining: Some(1), ..Quota::default() }), "1 pull left");
    }
}
