//! Why a version of a path differs from the one before: each reason with what was and what is.

use lagvis::protocol::{Change, Reason};
use yew::prelude::*;

use super::format;

/// The reasons as a list; nothing where there are none.
pub fn reasons(list: &[Reason]) -> Html {
    if list.is_empty() {
        return Html::default();
    }
    let line = |reason: &Reason| {
        html! { <li data-testid="timeline-reason" data-reason={reason.name()}>{ name(reason) }if let Some(values) = values(reason) { { " " }<span class="mono">{ values }</span> }</li> }
    };
    html! { <ul class="reasons">{ for list.iter().map(line) }</ul> }
}

fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Xattrs(_) => "extended attributes",
        reason => reason.name(),
    }
}

fn values(reason: &Reason) -> Option<String> {
    let change = |old: &str, new: &str| Some(format!("{old} → {new}"));
    let pair = |(first, second): &(u32, u32)| format!("{first}:{second}");
    match reason {
        Reason::Content => None,
        Reason::Type(old, new) => change(format::kind_name(*old), format::kind_name(*new)),
        Reason::Link(old, new) => change(old, new),
        Reason::Device(old, new) | Reason::Owner(old, new) => change(&pair(old), &pair(new)),
        Reason::Mode(old, new) => change(&format!("{old:04o}"), &format!("{new:04o}")),
        Reason::Time(old, new) => change(&format::time_exact(*old), &format::time_exact(*new)),
        Reason::Xattrs(names) => Some(xattrs(names)),
    }
}

fn xattrs(names: &[(String, Change)]) -> String {
    if names.is_empty() {
        return "in another order".to_owned();
    }
    let said = |(name, change): &(String, Change)| match change {
        Change::Added => format!("+{name}"),
        Change::Removed => format!("−{name}"),
        Change::Modified | Change::None => format!("~{name}"),
    };
    names.iter().map(said).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_and_what_is() {
        let xattr = |name: &str, change| (name.to_owned(), change);
        for (reason, text) in [
            (Reason::Content, None),
            (Reason::Mode(0o644, 0o4755), Some("0644 → 4755")),
            (Reason::Owner((0, 0), (5, 6)), Some("0:0 → 5:6")),
            (Reason::Link("a".to_owned(), "b".to_owned()), Some("a → b")),
            (Reason::Xattrs(Vec::new()), Some("in another order")),
            (
                Reason::Xattrs(vec![
                    xattr("a", Change::Removed),
                    xattr("b", Change::Modified),
                    xattr("c", Change::Added),
                ]),
                Some("−a, ~b, +c"),
            ),
        ] {
            assert_eq!(values(&reason).as_deref(), text);
        }
    }
}
