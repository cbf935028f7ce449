//! Every request that was sent for images since the page was loaded.

use std::rc::Rc;

use lagvis::protocol::{Peer, Request};
use yew::prelude::*;

use super::{
    dialog::Dialog,
    format,
    phase::{Log, Open},
    waiting::quota_words,
    way,
};

/// The part of an open image.
pub fn requests(open: &Open, log: &Log) -> Html {
    html! {
        <>
            <h2>{ heading(log) }</h2>
            <p>{ explained(log) }</p>
            if open.summary.pinned.is_none() { <p class="hint">{ "This image was read in place, from a file of your machine: that took no request." }</p> }
            if let Some(via) = &open.via { <p data-testid="way" data-way={way::name(via)}>{ "The registry was asked " }{ way::words(via) }{ "." }</p> }
            { told(log) }
        </>
    }
}

/// Properties of [`Requests`].
#[derive(Properties, PartialEq)]
pub struct RequestsProps {
    /// What was asked.
    pub log: Rc<Log>,
    /// It is to be closed.
    pub on_close: Callback<()>,
}

/// The same as a dialog, for where no image is open: while one is opened, after that failed, in a repository.
#[component]
pub fn Requests(props: &RequestsProps) -> Html {
    let close = props.on_close.reform(|_: MouseEvent| ());
    html! {
        <Dialog title={heading(&props.log)} on_close={props.on_close.clone()} test_id="requests">
            <p class="hint">{ explained(&props.log) }</p>
            { told(&props.log) }
            <div class="buttons"><button class="btn primary" onclick={close}>{ "Close" }</button></div>
        </Dialog>
    }
}

fn heading(log: &Log) -> String {
    format!("{}, 0 bytes uploaded", format::plural(log.requests.len() as u64, "request"))
}

fn explained(log: &Log) -> String {
    let received = log.requests.iter().map(|request| request.bytes).sum();
    format!(
        "Since the page was loaded, beside the page's own parts: {} received. Each is a GET or HEAD without a body: nothing was sent but the address, and a login or token where one is needed.",
        format::bytes(received)
    )
}

/// What the registry said of quotas and otherwise, and the requests.
fn told(log: &Log) -> Html {
    html! {
        <>
            if let Some(quota) = &log.quota { <p data-testid="quota">{ "The registry's quota: " }{ quota_words(quota) }{ "." }</p> }
            { for log.warnings.iter().map(|heard| html! { <p>{ "The registry said: " }<q>{ &heard.text }</q></p> }) }
            if !log.requests.is_empty() {
                <div class="scroll-x" tabindex="0" role="region" aria-label="Requests">
                <table class="log" data-testid="log">
                    <thead><tr><th scope="col">{ "Time (UTC)" }</th><th scope="col">{ "Method" }</th><th scope="col">{ "To" }</th><th scope="col">{ "Host" }</th><th scope="col">{ "Path" }</th><th scope="col">{ "Status" }</th><th scope="col">{ "Bytes" }</th><th scope="col">{ "Took" }</th></tr></thead>
                    <tbody>{ for log.requests.iter().map(row) }</tbody>
                </table>
                </div>
            }
        </>
    }
}

fn row(request: &Request) -> Html {
    let (host, path) = request.host_and_path();
    let status = request.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    html! {
        <tr data-testid="log-row" data-path={path.to_owned()} data-status={status.clone()} data-bytes={request.bytes.to_string()} data-to={peer(request.to)}>
            <td class="num">{ clock(request.at) }</td><td>{ &request.method }</td><td>{ peer(request.to) }</td><td>{ host }</td><td class="mono">{ path }</td>
            <td class={classes!("num", request.error.is_some().then_some("bad"))} title={request.error.clone()}>{ status }</td>
            <td class="num" title={format!("{} bytes", format::count(request.bytes))}>{ format::bytes(request.bytes) }</td>
            <td class="num">{ format!("{} ms", format::count(request.took)) }</td>
        </tr>
    }
}

fn peer(peer: Peer) -> &'static str {
    match peer {
        Peer::Site => "site",
        Peer::Proxy => "proxy",
        Peer::Registry => "registry",
        Peer::TokenServer => "token server",
    }
}

/// `17:03:05.120`.
fn clock(milliseconds: u64) -> String {
    let (seconds, part) = (milliseconds / 1_000 % 86_400, milliseconds % 1_000);
    format!("{:02}:{:02}:{:02}.{part:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_time_of_day() {
        assert_eq!(super::clock(86_400_000 + 3_723_004), "01:02:03.004");
    }
}
