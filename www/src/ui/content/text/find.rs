//! The search within a part of a text: its field, its keys, the places it leads to.

use std::{ops::Range, rc::Rc};

use lagvis::{
    share::FileLook,
    text::{Found, find},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::part::Part;
use crate::ui::{
    driver::Driver,
    format, page,
    see::{See, SeeFile},
};

/// The search within a part.
pub(super) struct Seek {
    pub(super) at_page: UseStateHandle<Option<usize>>,
    pub(super) look: FileLook,
    pub(super) driver: Driver,
}

impl Seek {
    /// Goes to the next place, or to the one before; around the end.
    fn step(&self, part: &Part, found: &Found) -> impl Fn(bool) + 'static {
        let pages: Vec<usize> = found.places.iter().map(|place| part.page_of(place.start)).collect();
        let (current, at_page, driver) = (self.look.nth as usize, self.at_page.clone(), self.driver.clone());
        move |backwards: bool| {
            let by = if backwards { pages.len().saturating_sub(1) } else { 1 };
            let next = (current + by).checked_rem(pages.len()).unwrap_or_default();
            if let Some(page) = pages.get(next) {
                driver.see(See::File(SeeFile::Nth(u32::try_from(next).unwrap_or_default())));
                at_page.set(Some(*page));
            }
        }
    }

    /// Ctrl-F goes to the field, n and N to places.
    pub(super) fn keys(&self, part: &Part, found: &Found) -> Callback<KeyboardEvent> {
        let step = self.step(part, found);
        Callback::from(move |event: KeyboardEvent| {
            let typing = event.target_dyn_into::<HtmlInputElement>().is_some();
            let with = event.ctrl_key() || event.meta_key();
            match event.key().as_str() {
                "f" if with => page::focus("content-find"),
                "n" if !typing && !with => step(false),
                "N" if !typing && !with => step(true),
                _ => return,
            }
            event.prevent_default();
        })
    }

    pub(super) fn field(&self, part: &Part, found: &Found, in_part: bool) -> Html {
        let on_input = {
            let (driver, at_page) = (self.driver.clone(), self.at_page.clone());
            let text: Rc<str> = part.text.as_str().into();
            let pages: Vec<Range<usize>> = part.page_bytes();
            Callback::from(move |event: InputEvent| {
                let field: HtmlInputElement = event.target_unchecked_into();
                let first = find(&text, &field.value()).places.first().map(|place| place.start);
                let page = first.and_then(|first| pages.iter().position(|page| page.contains(&first)));
                driver.see(See::File(SeeFile::Find(field.value())));
                if page.is_some() {
                    at_page.set(page);
                }
            })
        };
        let on_key = {
            let (step, driver) = (self.step(part, found), self.driver.clone());
            let is_finding = !self.look.find.is_empty();
            Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" => {
                    event.prevent_default();
                    step(event.shift_key());
                }
                "Escape" if is_finding => {
                    event.prevent_default();
                    driver.see(See::File(SeeFile::Find(String::new())));
                }
                _ => {}
            })
        };
        let (count, more) = (found.places.len() as u64, if found.more { "+" } else { "" });
        let place = if in_part { " in this part" } else { "" };
        let said = match (self.look.find.is_empty(), count) {
            (true, _) => String::new(),
            (false, 0) => format!("not found{place}"),
            (false, _) => {
                format!("{} of {}{more}{place}", format::count(u64::from(self.look.nth) + 1), format::count(count))
            }
        };
        html! {
            <div class="content-bar" role="search">
                <input class="chip find" type="text" placeholder="Find in the text" aria-label="Find in the text" data-testid="content-find"
                    value={self.look.find.clone()} oninput={on_input} onkeydown={on_key} />
                <span class="dim num" role="status" data-testid="content-found">{ said }</span>
            </div>
        }
    }
}
