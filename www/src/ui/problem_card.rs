//! A problem as a card: what happened, where, the likely cause, what to do.

use lagvis::problem::{Problem, ProblemKind};
use yew::prelude::*;

use super::{
    driver::Driver,
    icons,
    login::{self, LoginForm},
    page,
    phase::Look,
    problem_text::{Remedy, words},
};

/// Properties of [`ProblemCard`].
#[derive(Properties, PartialEq)]
pub struct ProblemCardProps {
    /// The problem.
    pub problem: Problem,
    /// The page's hands.
    pub driver: Driver,
    /// For a problem that leaves the page usable: put it away.
    #[prop_or_default]
    pub on_dismiss: Option<Callback<()>>,
    /// The settings are wanted.
    pub on_settings: Callback<()>,
    /// The page is about it alone: its title is the page's.
    #[prop_or_default]
    pub is_page: bool,
    /// What the tag named when it was last opened, which may be kept here.
    #[prop_or_default]
    pub remembered: Option<String>,
}

/// A problem as a card.
#[component]
pub fn ProblemCard(props: &ProblemCardProps) -> Html {
    let words = words(props.problem.kind);
    let fatal = props.on_dismiss.is_none();
    html! {
        <section class={classes!("problem", (!fatal).then_some("small"))} role="alert" data-testid="error"
            data-kind={props.problem.kind.name()}>
            <div class="problem-head">
                <span class="problem-icon">{ icons::cross() }</span>
                if props.is_page { <h1>{ words.title }</h1> } else { <h2>{ words.title }</h2> }
                if let Some(dismiss) = &props.on_dismiss {
                    <button class="btn quiet" onclick={dismiss.reform(|_: MouseEvent| ())}>{ "Dismiss" }</button>
                }
            </div>
            <dl class="facts">
                <dt>{ "Where" }</dt><dd class="mono">{ &props.problem.place }</dd>
                if !props.problem.detail.is_empty() {
                    <dt>{ "Detail" }</dt><dd class="mono">{ &props.problem.detail }</dd>
                }
                if props.problem.kind != ProblemKind::LinkInvalid || fatal {
                    <dt>{ "Likely cause" }</dt><dd>{ words.cause }</dd>
                }
                <dt>{ "What to do" }</dt><dd>{ words.remedy }</dd>
            </dl>
            if fatal && login::helps(props.problem.kind) { <LoginForm driver={props.driver.clone()} /> }
            if fatal { { buttons(props, words.action) } }
        </section>
    }
}

fn buttons(props: &ProblemCardProps, action: Remedy) -> Html {
    let on = |act: fn(&Driver)| {
        let driver = props.driver.clone();
        Callback::from(move |_: MouseEvent| act(&driver))
    };
    let first = match action {
        Remedy::Retry => {
            html! { <button class="btn primary" data-testid="retry-button" onclick={on(Driver::retry)}>{ "Try again" }</button> }
        }
        Remedy::ChooseFile => {
            html! { <button class="btn primary" onclick={on(|_| page::press("file-input"))}>{ "Choose a file" }</button> }
        }
        Remedy::EditReference => {
            html! { <button class="btn primary" onclick={on(|_| page::focus("reference-input"))}>{ "Correct the reference" }</button> }
        }
        Remedy::Settings => {
            html! { <button class="btn primary" onclick={props.on_settings.reform(|_: MouseEvent| ())}>{ "Set another proxy" }</button> }
        }
        Remedy::UseProxy => {
            html! { <button class="btn primary" data-testid="use-proxy" onclick={on(Driver::use_proxy)}>{ "Ask through the proxy" }</button> }
        }
        Remedy::Reload => {
            html! { <button class="btn primary" onclick={on(|_| page::reload())}>{ "Load the page anew" }</button> }
        }
        Remedy::None => Html::default(),
    };
    html! {
        <div class="buttons">
            { first }
            if props.problem.kind == ProblemKind::ManifestUnknown {
                <button class="btn" data-testid="see-tags" onclick={on(|driver| driver.open_repository(&driver.typed(), Look::default()))}>{ "See which tags there are" }</button>
            }
            if action == Remedy::Settings { <button class="btn" onclick={on(Driver::retry)}>{ "Try again" }</button> }
            { copy(props) }
            <button class="btn" data-testid="back-button" onclick={on(Driver::home)}>{ "Back to the start" }</button>
        </div>
    }
}

/// Where nobody answers: what the tag named before, from the copy that is kept here.
fn copy(props: &ProblemCardProps) -> Html {
    let is_away = matches!(
        props.problem.kind,
        ProblemKind::RegistryUnreachable | ProblemKind::ProxyUnreachable | ProblemKind::Offline
    );
    let Some(reference) = props.remembered.clone().filter(|_| is_away) else { return Html::default() };
    let (driver, title) = (props.driver.clone(), format!("Open {reference}, as kept in this browser"));
    let on_click = Callback::from(move |_: MouseEvent| driver.open_reference(&reference, None, Look::default()));
    html! { <button class="btn" data-testid="open-kept" {title} onclick={on_click}>{ "Open what the tag named before" }</button> }
}
