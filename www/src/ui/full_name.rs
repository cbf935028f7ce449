//! What a typed name stands for, shown as it is typed: the registry, folder and tag that Docker fills in.

use lagvis::image::{Reference, ReferenceError};
use yew::prelude::*;

/// What is said of a typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing: it is empty, as full as it can be, or not yet a name.
    Nothing,
    /// It stands for this, since these things are filled in.
    Full(String, Vec<&'static str>),
    /// A command or web address means this.
    Meant(String),
    /// It is no name, but this would be one.
    Correction(String),
}

/// What is said of a text.
pub fn said(text: &str) -> Said {
    let text = text.trim();
    match Reference::parse(text) {
        Ok(reference) if is_misread(&reference) => Said::Correction(lowered(text, &reference)),
        Ok(reference) => full(text, &reference),
        Err(ReferenceError::Empty) => Said::Nothing,
        Err(error) => match (error.meant(), error.suggestion()) {
            (Some(reference), _) => Said::Meant(reference.familiar()),
            (None, Some(offer)) => match Reference::parse(&offer) {
                Ok(reference) if is_misread(&reference) => Said::Correction(lowered(&offer, &reference)),
                Ok(_) => Said::Correction(offer),
                Err(_) => Said::Nothing,
            },
            (None, None) => Said::Nothing,
        },
    }
}

/// By its grammar, `Owner/app` is an image of a registry called Owner. Nobody means that.
fn is_misread(reference: &Reference) -> bool {
    let domain = reference.domain();
    !domain.contains(['.', ':']) && domain.to_lowercase() != domain
}

fn lowered(text: &str, reference: &Reference) -> String {
    text.replacen(reference.domain(), &reference.domain().to_lowercase(), 1)
}

fn full(text: &str, reference: &Reference) -> Said {
    let name = text.split('@').next().unwrap_or(text);
    let hub = reference.is_docker_hub();
    let names_hub = name.starts_with("docker.io/") || name.starts_with("index.docker.io/");
    let path = if names_hub { name.split_once('/').map_or(name, |(_, path)| path) } else { name };
    let filled = [
        (hub && !names_hub, "no registry is named, so it is Docker Hub’s, docker.io"),
        (hub && !path.contains('/'), "a name of one part is one of its official images, kept under library"),
        (reference.tag() == Some("latest") && !name.ends_with(":latest"), "no tag is named, so it is latest"),
    ];
    let filled: Vec<&'static str> = filled.into_iter().filter(|(is, _)| *is).map(|(_, why)| why).collect();
    if filled.is_empty() { Said::Nothing } else { Said::Full(reference.to_string(), filled) }
}

/// The line below the field.
pub fn line(said: &Said, on_use: &Callback<String>) -> Html {
    let offer = |offer: &str| {
        let (on_use, value) = (on_use.clone(), offer.to_owned());
        let on_click = Callback::from(move |_: MouseEvent| on_use.emit(value.clone()));
        html! { <button type="button" class="example mono" data-testid="use-offer" onclick={on_click}>{ offer }</button> }
    };
    html! {
        <p class="full-name hint" data-testid="full-name" aria-live="polite">
            { match said {
                Said::Nothing => Html::default(),
                Said::Full(name, why) => html! { <>{ "Full name " }<code>{ name }</code>{ ": " }{ why.join("; ") }{ "." }</> },
                Said::Meant(name) => html! { <>{ "This means " }{ offer(name) }</> },
                Said::Correction(name) => html! { <>{ "Names are lower case. Did you mean " }{ offer(name) }{ "?" }</> },
            } }
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_said() {
        let filled = |text: &str| match said(text) {
            Said::Full(name, why) => (name, why.len()),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(filled("busybox"), ("docker.io/library/busybox:latest".to_owned(), 3));
        assert_eq!(filled("busybox:1"), ("docker.io/library/busybox:1".to_owned(), 2));
        assert_eq!(filled("owner/app:1"), ("docker.io/owner/app:1".to_owned(), 1));
        assert_eq!(filled("docker.io/busybox:latest"), ("docker.io/library/busybox:latest".to_owned(), 1));
        assert_eq!(filled("ghcr.io/a/b"), ("ghcr.io/a/b:latest".to_owned(), 1));
        let pinned = format!("a/b@sha256:{}", "ab".repeat(32));
        assert_eq!(filled(&pinned), (format!("docker.io/{pinned}"), 1), "a digest needs no tag");
    }

    #[test]
    fn what_is_full_empty_or_unfinished_is_left_alone() {
        for text in ["", "  ", "ghcr.io/a/b:1", "docker.io/library/busybox:1", "ghcr.io/", "a b", "x:"] {
            assert_eq!(said(text), Said::Nothing, "{text}");
        }
        assert_eq!(said("docker pull nginx"), Said::Meant("nginx:latest".to_owned()));
        for text in ["Owner/App:V1", "Owner/app:V1"] {
            assert_eq!(said(text), Said::Correction("owner/app:V1".to_owned()));
        }
        assert_eq!(said("owner/App"), Said::Correction("owner/app".to_owned()));
    }
}
