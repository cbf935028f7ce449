//! The parts of a tab: a second row of tabs.

use lagvis::share::Part;
use yew::prelude::*;

use super::{
    driver::Driver,
    see::See,
    tabs::{TabItem, tabs},
};

/// Id of what shows a part.
const PANEL: &str = "part";

/// The row. The first part that is listed stands for one that this tab has not.
pub fn parts(listed: &[(Part, String)], shown: Part, name: &'static str, driver: &Driver) -> Html {
    let part = |(part, title): &(Part, String)| {
        let (driver, part) = (driver.clone(), *part);
        let on_choose = Callback::from(move |_: MouseEvent| driver.see(See::Part(part)));
        TabItem { hook: hook(part), title: title.clone().into(), on: part == shown, on_choose }
    };
    tabs(name, "parts", "chip", PANEL, listed.iter().map(part).collect())
}

/// What shows the part.
pub fn panel(shown: Part, content: Html) -> Html {
    html! { <div class="part" role="tabpanel" id={PANEL} aria-labelledby={hook(shown)}>{ content }</div> }
}

fn hook(part: Part) -> String {
    format!("part-{}", part.name())
}

/// The part to be shown.
pub fn shown(listed: &[(Part, String)], wanted: Part) -> Part {
    let known = listed.iter().map(|(part, _)| *part);
    known.clone().find(|part| *part == wanted).or(known.clone().next()).unwrap_or_default()
}

/// A command to paste: its text, which may be several lines, and a copy button.
pub fn command(text: &str, hook: &'static str) -> Html {
    let text = AttrValue::from(text.to_owned());
    html! {
        <div class="command"><code class="lines" data-testid={hook}>{ text.clone() }</code><super::copy::Copy value={text} what="command" /></div>
    }
}
