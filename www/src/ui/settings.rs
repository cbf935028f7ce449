//! The proxy that the person set, in the browser's local storage, and the dialogs about it.

use yew::prelude::*;

use super::{dialog::Dialog, driver::Driver, page, recent};

const PROXY: &str = "lagvis.proxy";
const CONFIRMED: &str = "lagvis.confirmed";

/// The proxy's base URL; none: the page's own origin.
pub fn proxy() -> Option<String> {
    page::stored(PROXY).filter(|proxy| !proxy.is_empty())
}

/// Whether the person allowed this proxy before.
pub fn is_confirmed(proxy: &str) -> bool {
    proxy == page::base() || page::stored(CONFIRMED).is_some_and(|known| known.lines().any(|line| line == proxy))
}

fn confirm(proxy: &str) {
    let known = page::stored(CONFIRMED).unwrap_or_default();
    page::store(CONFIRMED, &format!("{known}\n{proxy}"));
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
        return Err("Leave out name and password: Lagvis keeps no credentials.");
    }
    let path = url.pathname();
    Ok(format!("{}{}{}", url.origin(), path, if path.ends_with('/') { "" } else { "/" }))
}

/// Properties of [`Settings`].
#[derive(Properties, PartialEq)]
pub struct SettingsProps {
    /// It is to be closed.
    pub on_close: Callback<()>,
    /// What the browser keeps is to be shown.
    pub on_storage: Callback<()>,
}

/// The settings dialog.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let field = use_node_ref();
    let memory = use_node_ref();
    let wrong = use_state(|| None::<&'static str>);
    let on_submit = {
        let (field, memory, wrong, on_close) = (field.clone(), memory.clone(), wrong.clone(), props.on_close.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let value = field.cast::<web_sys::HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            match normal(&value) {
                Ok(proxy) => {
                    page::store(PROXY, &proxy);
                    recent::set_on(memory.cast::<web_sys::HtmlInputElement>().is_none_or(|memory| memory.checked()));
                    on_close.emit(());
                }
                Err(why) => wrong.set(Some(why)),
            }
        })
    };
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog title="Settings" on_close={props.on_close.clone()}>
            <form onsubmit={on_submit} class="stack">
                <label for="proxy">{ "Proxy for registries" }</label>
                <input id="proxy" class="field mono" ref={field} value={proxy().unwrap_or_default()}
                    placeholder={page::base()} spellcheck="false" autocapitalize="off" autocomplete="off" />
                if let Some(wrong) = *wrong { <p class="wrong" role="alert">{ wrong }</p> }
                <p class="hint">{ "Most registries do not answer to web pages, so this one asks through a proxy. Empty means the server that this page comes from. The proxy sees which images you open, never files that you drop." }</p>
                <label class="check-line"><input type="checkbox" ref={memory} checked={recent::is_on()} data-testid="remember" />{ "Remember which images were opened, on this machine only" }</label>
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
    /// Base URL of the proxy.
    pub proxy: String,
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
        let (driver, proxy) = (props.driver.clone(), props.proxy.clone());
        Callback::from(move |_: MouseEvent| {
            confirm(&proxy);
            driver.retry();
        })
    };
    let refuse = cancel.reform(|_: MouseEvent| ());
    html! {
        <Dialog title="Ask this host for images?" on_close={cancel} test_id="confirm-host">
            <p><code class="mono">{ &props.proxy }</code></p>
            <p>{ "It is not the server that this page comes from. It will see your address and the names of the images that you open through it. Everything that it sends is verified as always." }</p>
            <div class="buttons">
                <button class="btn" onclick={refuse}>{ "Not now" }</button>
                <button class="btn primary" data-testid="confirm-allow" onclick={allow}>{ "Allow and open" }</button>
            </div>
        </Dialog>
    }
}
