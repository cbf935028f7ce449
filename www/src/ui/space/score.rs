//! How much of what is shipped is needed: our figure, dive's beside it, and why they differ.

use lagvis::protocol::SpaceReport;
use yew::prelude::*;

use crate::ui::{
    format,
    words::{Term, Word},
};

/// The figures.
pub fn score(report: &SpaceReport) -> Html {
    let waste = &report.waste;
    let dive = &report.dive;
    let figure = |hook: &'static str, title: Html, value: f64, hint: String| {
        html! { <div class="score"><span>{ title }</span><b class="num" data-testid={hook} data-value={format!("{value:.6}")}>{ percent(value) }</b><small>{ hint }</small></div> }
    };
    let ours = format!("{} of {} wasted", format::bytes(waste.wasted), format::bytes(waste.shipped));
    let theirs = format!("{} in paths with several sizes", format::bytes(dive.inefficient));
    html! {
        <>
            <div class="scores">
                { figure("efficiency", html! { <>{ "Efficiency" }<Word term={Term::Efficiency} at="space" /></> }, waste.efficiency(), ours) }
                { figure("dive-efficiency", html! { "By dive's definition" }, dive.efficiency, theirs) }
            </div>
            <details class="why">
                <summary>{ "Why they differ" }</summary>
                <ul>
                    <li>{ "Here each byte that could be saved counts once: of two copies one is waste. dive adds up all sizes of a path that several layers have, also the copy that is needed." }</li>
                    <li>{ "dive goes by path alone: it knows no caches, no same content at another path, and no folder that is deleted whole." }</li>
                    <li>{ "A file that a hard link still names is not waste here, though its first path is overwritten or deleted." }</li>
                    <li>{ "dive counts every layer; here the layers of the base image can be left out." }</li>
                    <li>{ "Bytes are those of unpacked files. Transport shrinks them, and the saving with them." }</li>
                </ul>
            </details>
        </>
    }
}

/// Per cent with one digit; 100 only for all of it.
fn percent(value: f64) -> String {
    let tenths = (value * 1_000.0).round().min(1_000.0);
    let tenths = if value < 1.0 { tenths.min(999.0) } else { tenths };
    format!("{:.1} %", tenths / 10.0)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn all_is_only_all() {
        assert_eq!([1.0, 0.99999, 0.5, 0.0].map(percent), ["100.0 %", "99.9 %", "50.0 %", "0.0 %"]);
    }
}
