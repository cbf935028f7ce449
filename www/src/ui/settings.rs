//! How registries are reached, as the person set it, in the browser's local storage, and the dialogs about it.

use lagvis::protocol::VerifyWhen;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    dialog::Dialog,
    driver::Driver,
    logins::For,
    page, recent, way,
    words::{Term, Word},
};

const PROXY: &str = "lagvis.proxy";
const DIRECT: &str = "lagvis.direct";
const PATIENCE: &str = "lagvis.patience";
const VERIFY: &str = "lagvis.verify";
const CONFIRMED: &str = "lagvis.confirmed";

/// Seconds of a registry's silence that are borne, unless the person says otherwise.
const USUAL_PATIENCE: u32 = 30;

/// The proxy's base URL; none: the page's own origin.
pub fn proxy() -> Option<String> {
    page::stored(PROXY).filter(|proxy| !proxy.is_empty())
}

/// Whether registries are asked without a proxy.
pub fn is_direct() -> bool {
    page::stored(DIRECT).is_some_and(|direct| direct == "yes")
}

/// Asks registries without a proxy, or through it.
pub fn set_direct(direct: bool) {
    page::store(DIRECT, if direct { "yes" } else { "" });
}

/// When layers are verified that a table of contents shows.
pub fn verify_when() -> VerifyWhen {
    match page::stored(VERIFY).as_deref() {
        Some("demand") => VerifyWhen::OnDemand,
        _ => VerifyWhen::Background,
    }
}

/// Seconds of silence that are borne before something is sent again.
pub fn patience() -> u32 {
    read_patience(&page::stored(PATIENCE).unwrap_or_default()).unwrap_or(USUAL_PATIENCE)
}

fn read_patience(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|seconds| (1..=3_600).contains(seconds))
}

/// Whether the person allowed this host before.
pub fn is_confirmed(host: &str) -> bool {
    host == page::base() || page::stored(CONFIRMED).is_some_and(|known| known.lines().any(|line| line == host))
}

fn confirm(host: &str) {
    let known = page::stored(CONFIRMED).unwrap_or_default();
    page::store(CONFIRMED, &format!("{known}\n{host}"));
}

/// A base URL as it is used: absolute, http or https, without credentials, ending in a slash.
fn normal(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let url = web_sys::Url::new(text).map_err(|_| "This is not a URL. It looks like https://proxy.example/.")?;
    if !matches!(url.protocol().as_str(), "http:" | "https:") {
        return Err("A proxy's address begins with http:// or https://.");
    }
    if !url.username().is_empty() || !url.password().is_empty() {
        return Err("Leave out name and password: they are asked for when a registry wants them.");
    }
    let path = url.pathname();
    Ok(format!("{}{}{}", url.origin(), path, if path.ends_with('/') { "" } else { "/" }))
}

/// What the dialog shows, until it is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Draft {
    proxy: String,
    direct: bool,
    patience: String,
    memory: bool,
    verify: VerifyWhen,
}

impl Draft {
    fn of_now() -> Self {
        Self {
            proxy: proxy().unwrap_or_default(),
            direct: is_direct(),
            patience: patience().to_string(),
            memory: recent::is_on(),
            verify: verify_when(),
        }
    }

    /// Keeps it, if all of it can be read.
    fn keep(&self) -> Result<(), &'static str> {
        let proxy = normal(&self.proxy)?;
        let seconds = read_patience(&self.patience).ok_or("The patience is 1 to 3600 seconds.")?;
        page::store(PROXY, &proxy);
        page::store(PATIENCE, &if seconds == USUAL_PATIENCE { String::new() } else { seconds.to_string() });
        page::store(VERIFY, if self.verify == VerifyWhen::OnDemand { "demand" } else { "" });
        set_direct(self.direct);
        recent::set_on(self.memory);
        Ok(())
    }
}

/// Properties of [`Settings`].
#[derive(Properties, PartialEq)]
pub struct SettingsProps {
    /// It is to be closed.
    pub on_close: Callback<()>,
    /// The page's hands.
    pub driver: Driver,
    /// What the browser keeps is to be shown.
    pub on_storage: Callback<()>,
}

/// The settings dialog.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let draft = use_state_eq(Draft::of_now);
    let wrong = use_state(|| None::<&'static str>);
    let logins = use_state(|| props.driver.logins());
    let change = |apply: fn(&mut Draft, &HtmlInputElement)| {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                let mut changed = (*draft).clone();
                apply(&mut changed, &field);
                draft.set(changed);
            }
        })
    };
    let on_submit = {
        let (draft, wrong, on_close) = (draft.clone(), wrong.clone(), props.on_close.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match draft.keep() {
                Ok(()) => on_close.emit(()),
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    let close = props.on_close.reform(|_: MouseEvent| ());
    let log_out = |of: &For| {
        let (driver, logins, of) = (props.driver.clone(), logins.clone(), of.clone());
        Callback::from(move |_: MouseEvent| {
            driver.log_out(&of);
            logins.set(driver.logins());
        })
    };
    let login = |(of, name): &(For, String)| {
        let way = of.proxy.as_deref().map_or("directly".to_owned(), |proxy| format!("through {}", way::host(proxy)));
        html! {
            <li data-testid="login-held">{ format!("{name} at {} ({way})", of.registry) }{ " " }
                <button type="button" class="link" onclick={log_out(of)}>{ "Log out" }</button></li>
        }
    };
    html! {
        <Dialog title="Settings" on_close={props.on_close.clone()}>
            <form onsubmit={on_submit} class="stack">
                <fieldset class="choices">
                    <legend>{ "Ask registries" }</legend>
                    <label class="check-line"><input type="radio" name="way" checked={!draft.direct} oninput={change(|draft, field| draft.direct = !field.checked())} data-testid="way-proxy" />{ "through a proxy" }</label>
                    <label class="check-line"><input type="radio" name="way" checked={draft.direct} oninput={change(|draft, field| draft.direct = field.checked())} data-testid="way-direct" />{ "directly, which few allow" }</label>
                </fieldset>
                <label for="proxy">{ "Proxy for registries" }</label>
                <input id="proxy" class="field mono" data-testid="proxy-input" value={draft.proxy.clone()} oninput={change(|draft, field| draft.proxy = field.value())}
                    placeholder={page::base()} spellcheck="false" autocapitalize="off" autocomplete="off" />
                <p class="hint">{ "Most registries do not answer to web pages (they send no CORS headers), so this one asks through a proxy. Empty means the server that this page comes from. The proxy sees which images you open, never files that you drop." }</p>
                <label for="patience">{ "Seconds of silence before a request is sent again" }</label>
                <input id="patience" class="field" type="number" min="1" max="3600" value={draft.patience.clone()} oninput={change(|draft, field| draft.patience = field.value())} data-testid="patience" />
                <fieldset class="choices">
                    <legend>{ "Verify layers that a table of contents shows" }<Word term={Term::Toc} at="settings" /></legend>
                    <label class="check-line"><input type="radio" name="verify" checked={draft.verify == VerifyWhen::Background} oninput={change(|draft, field| if field.checked() { draft.verify = VerifyWhen::Background })} data-testid="verify-background" />{ "at once, in the background" }</label>
                    <label class="check-line"><input type="radio" name="verify" checked={draft.verify == VerifyWhen::OnDemand} oninput={change(|draft, field| if field.checked() { draft.verify = VerifyWhen::OnDemand })} data-testid="verify-demand" />{ "when asked for, which saves transfers" }</label>
                </fieldset>
                if let Some(wrong) = *wrong { <p class="wrong" role="alert">{ wrong }</p> }
                if !logins.is_empty() {
                    <h3>{ "Logged in until this page is closed" }</h3>
                    <ul class="logins">{ for logins.iter().map(login) }</ul>
                }
                <label class="check-line"><input type="checkbox" checked={draft.memory} oninput={change(|draft, field| draft.memory = field.checked())} data-testid="remember" />{ "Remember which images were opened, on this machine only" }</label>
                <button type="button" class="link" onclick={props.on_storage.reform(|_: MouseEvent| ())} data-testid="storage-button">{ "See what this browser keeps of images, and remove it" }</button>
                <div class="buttons">
                    <button type="button" class="btn" onclick={close}>{ "Cancel" }</button>
                    <button class="btn primary">{ "Save" }</button>
                </div>
            </form>
        </Dialog>
    }
}

/// Properties of [`ConfirmHost`].
#[derive(Properties, PartialEq)]
pub struct ConfirmProps {
    /// Base URL of the proxy or registry.
    pub host: String,
    /// It is the registry itself.
    pub direct: bool,
    /// The page's hands.
    pub driver: Driver,
}

/// Asks before another host is talked to for the first time.
#[component]
pub fn ConfirmHost(props: &ConfirmProps) -> Html {
    let cancel = {
        let driver = props.driver.clone();
        Callback::from(move |()| driver.home())
    };
    let allow = {
        let (driver, host) = (props.driver.clone(), props.host.clone());
        Callback::from(move |_: MouseEvent| {
            confirm(&host);
            driver.retry();
        })
    };
    let refuse = cancel.reform(|_: MouseEvent| ());
    html! {
        <Dialog title="Ask this host for images?" on_close={cancel} test_id="confirm-host">
            <p><code class="mono">{ &props.host }</code></p>
            <p>{ if props.direct {
                "This page would ask the registry itself, without a proxy. It will see your address and the names of the images that you open. Everything that it sends is verified as always."
            } else {
                "It is not the server that this page comes from. It will see your address and the names of the images that you open through it. Everything that it sends is verified as always."
            } }</p>
            <div class="buttons">
                <button class="btn" onclick={refuse}>{ "Not now" }</button>
                <button class="btn primary" data-testid="confirm-allow" onclick={allow}>{ "Allow and open" }</button>
            </div>
        </Dialog>
    }
}
