//! Asks for name and password where a registry refuses.

use lagvis::{problem::ProblemKind, protocol::Via};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{driver::Driver, way};

/// Whether a login could help against a problem.
pub fn helps(kind: ProblemKind) -> bool {
    matches!(kind, ProblemKind::AccessDenied | ProblemKind::LoginRefused)
}

/// Properties of [`LoginForm`].
#[derive(Properties, PartialEq)]
pub struct LoginProps {
    /// The page's hands.
    pub driver: Driver,
}

/// Name and password for the registry that refused.
#[component]
pub fn LoginForm(props: &LoginProps) -> Html {
    let password = use_node_ref();
    let name = {
        let driver = props.driver.clone();
        use_state_eq(move || driver.refused_name().unwrap_or_default())
    };
    let on_name = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                name.set(field.value());
            }
        })
    };
    let wrong = use_state(|| None::<String>);
    let on_submit = {
        let (driver, name, password, wrong) = (props.driver.clone(), name.clone(), password.clone(), wrong.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(password) = password.cast::<HtmlInputElement>() else { return };
            let outcome = driver.log_in(&name, &password.value());
            password.set_value("");
            wrong.set(outcome.err());
        })
    };
    let Some((via, registry)) = props.driver.asked_registry() else { return Html::default() };
    let to = match &via {
        Via::Proxy { base } => format!(
            "It is sent to the proxy {}, which exchanges it for a token to pull from this repository.",
            way::host(base)
        ),
        Via::Direct { .. } => {
            "It is sent to the registry's own token server, or to the registry where that has none.".to_owned()
        }
    };
    html! {
        <form class="login stack" onsubmit={on_submit} aria-label={format!("Log in to {registry}")} data-testid="login">
            <h2>{ "Log in to " }<span class="mono">{ &registry }</span></h2>
            <div class="login-fields">
                <label for="login-name">{ "User name" }</label>
                <input id="login-name" class="field" value={(*name).clone()} oninput={on_name} data-testid="login-name"
                    autocomplete="off" autocapitalize="off" spellcheck="false" />
                <label for="login-password">{ "Password or access token" }</label>
                <input id="login-password" class="field" ref={password} type="password" data-testid="login-password" autocomplete="off" />
            </div>
            if let Some(wrong) = &*wrong { <p class="wrong" role="alert">{ wrong }</p> }
            <p class="hint">{ "Held in memory until this page is closed or loaded anew, and written nowhere. " }{ to }</p>
            <div class="buttons"><button class="btn primary" data-testid="login-button">{ "Log in and open" }</button></div>
        </form>
    }
}
