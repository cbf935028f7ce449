//! The top of an open image: its name and the page's buttons, then verdict and facts.

use lagvis::{
    protocol::{ImageSummary, ToSession},
    share::Tab,
    verify::{AnchorKind, Verdict},
};
use yew::prelude::*;

use super::{
    copy::Short,
    dialog::Dialog,
    driver::{self, Driver},
    format, icons,
    phase::{Open, verified},
    picker,
    see::See,
    share_button::ShareButton,
    theme::ThemeButton,
    words::{Term, Word},
};

/// Properties of the header's components.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// The image.
    pub open: Open,
    /// The page's hands.
    pub driver: Driver,
    /// The settings are wanted.
    pub on_settings: Callback<()>,
}

/// Name and buttons.
#[component]
pub fn TopBar(props: &HeaderProps) -> Html {
    let open = &props.open;
    let picking = use_state(|| false);
    let set_picking = |open: bool| {
        let picking = picking.clone();
        Callback::from(move |()| picking.set(open))
    };
    let home = on(&props.driver, Driver::home);
    let receipt = on(&props.driver, |driver| driver.send(ToSession::Receipt));
    let platform = open.platforms.shown().or(open.summary.platform.as_ref()).map(ToString::to_string);
    let several = open.platforms.choices.len() > 1;
    html! {
        <header class="topbar">
            <button class="logo" onclick={home} title="Back to the start">{ icons::logo("24") }<span>{ "Lagvis" }</span></button>
            <h1 class="ref mono" title={name(&open.summary)}><b>{ name(&open.summary) }</b></h1>
            if open.images > 1 {
                <button class="btn" data-testid="images-button" onclick={on(&props.driver, Driver::retry)}>{ format!("1 of {} images ▾", open.images) }</button>
            }
            if let Some(platform) = platform {
                if several {
                    <button class="btn" data-testid="platform-button" onclick={set_picking(true).reform(|_: MouseEvent| ())}>{ platform }{ " ▾" }</button>
                } else {
                    <span class="platform">{ platform }</span>
                }
            }
            <span class="spring" />
            <button class="btn icon-only" title="Settings" aria-label="Settings" onclick={props.on_settings.reform(|_: MouseEvent| ())}>{ icons::settings() }</button>
            <ThemeButton />
            <button class="btn" data-testid="receipt-button" title="Save what was verified, as JSON" onclick={receipt}>{ icons::save() }<span class="label">{ "Receipt" }</span></button>
            <ShareButton of_file={driver::needs_file(&open.summary)} />
            if *picking {
                <Dialog title="Platforms of this image" on_close={set_picking(false)}>
                    { picker::platforms(&open.platforms, &props.driver, picker::How::Reopen) }
                </Dialog>
            }
        </header>
    }
}

fn on(driver: &Driver, act: fn(&Driver)) -> Callback<MouseEvent> {
    let driver = driver.clone();
    Callback::from(move |_: MouseEvent| act(&driver))
}

/// The image's name: the pinned reference, else its first name, else the file's.
pub fn name(summary: &ImageSummary) -> String {
    let first = || summary.names.first().cloned();
    summary.pinned.clone().or_else(first).unwrap_or_else(|| summary.source_name.clone())
}

/// Verdict and facts.
#[component]
pub fn Head(props: &HeaderProps) -> Html {
    let open = &props.open;
    let summary = &open.summary;
    let (transported, unpacked) = open.sizes();
    let size = |size: Option<u64>| size.map_or_else(|| "…".to_owned(), format::bytes);
    let last = open.tree.as_ref().map(|tree| tree.bytes);
    let empty = summary.steps.iter().filter(|step| step.layer.is_none()).count();
    let layers = match empty {
        0 => open.layers.len().to_string(),
        empty => format!("{} (+{empty} empty)", open.layers.len()),
    };
    let base = open.tree.as_ref().and_then(|tree| tree.distribution.clone());
    html! {
        <section class="head" aria-label="Image">
            <VerdictBadge open={open.clone()} driver={props.driver.clone()} on_settings={props.on_settings.clone()} />
            if let Some(id) = &summary.image_id {
                { fact("Image ID", Some(Term::ImageId), html! { <span data-testid="image-id" data-value={id.to_string()}><Short value={id.to_string()} what="image ID" /></span> }) }
            }
            if let Some(digest) = &summary.manifest_digest {
                { fact("Manifest", Some(Term::Manifest), html! { <Short value={digest.to_string()} what="manifest digest" /> }) }
            }
            if let Some(base) = base { { fact("Base", None, html! { { base } }) } }
            if let Some(created) = &summary.created { { fact("Created", None, html! { <time datetime={created.clone()}>{ format::created(created) }</time> }) } }
            { fact("Transported", Some(Term::Transported), html! { { size(transported) } }) }
            { fact("Unpacked", Some(Term::Unpacked), html! { { size(unpacked) } }) }
            { fact("Final", Some(Term::Final), html! { { size(last) } }) }
            { fact("Layers", Some(Term::Layer), html! { { layers } }) }
        </section>
    }
}

fn fact(name: &'static str, term: Option<Term>, value: Html) -> Html {
    let word = term.map(|term| html! { <Word {term} at="head" /> });
    html! { <div class="fact"><span>{ name }{ word }</span><div>{ value }</div></div> }
}

#[component]
fn VerdictBadge(props: &HeaderProps) -> Html {
    let open = &props.open;
    let checks = open.checks();
    let to_checks = on(&props.driver, |driver| driver.see(See::Tab(Tab::Checks)));
    let (text, state, icon) = match open.outcome.as_ref().map(|outcome| outcome.verdict) {
        None if open.is_held() => ("TOC verified", "checking", icons::unknown()),
        None => ("Checking", "checking", icons::busy()),
        Some(Verdict::Verified) => ("Verified", "verified", icons::tick()),
        Some(Verdict::Mismatched) => ("Mismatched", "mismatched", icons::cross()),
        Some(Verdict::Unverifiable) => ("Unverifiable", "unverifiable", icons::unknown()),
        Some(Verdict::Absent) => ("Absent", "absent", icons::unknown()),
    };
    let (done, total) = open.progress();
    let words = anchor(&open.summary, open.outcome.as_ref().map(|outcome| outcome.verdict));
    html! {
        <div class={classes!("verdict-box", format!("is-{state}"))}>
            <button class="verdict" onclick={to_checks} title="Show each check">
                { icon }<span data-testid="verdict" data-state={state}>{ text }</span>
                <small>{ if open.outcome.is_some() || open.is_held() {
                    format!("{} of {} checks", verified(&checks), checks.len())
                } else {
                    format!("{} of {}", format::bytes(done), format::bytes(total))
                } }</small>
            </button>
            <span class="anchor" data-testid="anchor" title={words.clone()} data-kind={anchor_kind(open.summary.anchor.kind)}>{ words }</span>
            if open.outcome.is_none() && !open.is_held() { <span class="sr" data-testid="progress" role="status">{ format!("{}%", format::percent(done, total) / 25 * 25) }</span> }
        </div>
    }
}

fn anchor_kind(kind: AnchorKind) -> &'static str {
    match kind {
        AnchorKind::Digest => "digest",
        AnchorKind::Tag => "tag",
        AnchorKind::None => "none",
    }
}

/// What the verdict rests on, in words. What did not match is not said to.
fn anchor(summary: &ImageSummary, verdict: Option<Verdict>) -> String {
    let anchor = &summary.anchor;
    let holds = verdict == Some(Verdict::Verified);
    match anchor.kind {
        AnchorKind::Digest => {
            let short: String = anchor.value.chars().take("sha256:".len() + 12).collect();
            format!("{} {short}… from the link", if holds { "matches" } else { "checked against" })
        }
        AnchorKind::Tag => format!("as told by {}", anchor.value),
        AnchorKind::None => match verdict {
            verdict if summary.image_id.is_none() && verdict != Some(Verdict::Mismatched) => {
                "no image ID: nothing says what it should be".to_owned()
            }
            Some(Verdict::Verified) => "consistent with itself; compare the image ID".to_owned(),
            Some(Verdict::Mismatched) => "contradicts itself: do not rely on it".to_owned(),
            _ => "checked against itself; compare the image ID".to_owned(),
        },
    }
}
