//! The members of an archive.

use lagvis::{
    file::{Listing, Member, MemberKind},
    protocol::FileAt,
};
use yew::prelude::*;

use crate::ui::format;

/// Members drawn at once.
const PAGE: usize = 250;

/// Properties of [`ListingView`].
#[derive(Properties, PartialEq)]
pub struct ListingProps {
    /// The archive.
    pub file: FileAt,
    /// What it holds.
    pub listing: Listing,
}

/// The members, page by page.
#[component]
pub fn ListingView(props: &ListingProps) -> Html {
    let page = use_state_eq(|| 0_usize);
    {
        let page = page.clone();
        use_effect_with(props.file, move |_| page.set(0));
    }
    let members = &props.listing.members;
    let pages = members.len().div_ceil(PAGE).max(1);
    let at = (*page).min(pages - 1);
    let total = props.listing.total.unwrap_or(members.len() as u64);
    let go = |to: usize| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.set(to))
    };
    let size: u64 = members.iter().filter_map(|member| member.size).sum();
    html! {
        <>
            <p class="hint" data-testid="content-members-count">{ format!("{}, {} unpacked", format::plural(total, "member"), format::bytes(size)) }</p>
            <div class="members" tabindex="0" role="region" aria-label="Members">
                <table>
                    <thead><tr><th scope="col">{ "Name" }</th><th scope="col">{ "Size" }</th><th scope="col">{ "Changed" }</th></tr></thead>
                    <tbody>{ for members.iter().skip(at * PAGE).take(PAGE).map(member) }</tbody>
                </table>
            </div>
            if pages > 1 {
                <div class="content-bar">
                    <button class="chip" disabled={at == 0} onclick={go(at.saturating_sub(1))}>{ "Back" }</button>
                    <button class="chip" disabled={at + 1 >= pages} data-testid="content-next" onclick={go(at + 1)}>{ "Next" }</button>
                    <span class="dim">{ format!("page {} of {pages}", at + 1) }</span>
                </div>
            }
        </>
    }
}

fn member(member: &Member) -> Html {
    let name = match (&member.link, member.kind) {
        (Some(link), _) => format!("{} → {link}", member.name),
        (None, MemberKind::Other) => format!("{} (special)", member.name),
        _ => member.name.clone(),
    };
    let size = member.size.filter(|_| member.kind == MemberKind::File).map_or("–".to_owned(), format::bytes);
    let packed = member.packed.map(|packed| format!("{} in the archive", format::bytes(packed)));
    html! {
        <tr data-testid="content-member">
            <td class="mono">{ name }</td>
            <td class="num" title={packed}>{ size }</td>
            <td class="num dim">{ member.mtime.map(format::time).unwrap_or_default() }</td>
        </tr>
    }
}
