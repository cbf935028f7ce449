//! What entries must be like: a panel to choose it, and a chip for each choice that takes it away again.

use std::rc::Rc;

use lagvis::protocol::{Change, EntryType, Filter, ModeTest};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    driver::Driver,
    format, page,
    see::See,
    size_text::{read_size, write_size},
};

/// Properties of [`FilterPanel`].
#[derive(Properties, PartialEq)]
pub struct FilterProps {
    /// The filter as it is.
    pub filter: Filter,
    /// How many layers the image has.
    pub layers: u32,
    /// Whether layers are marked, so that there are changes to choose from.
    pub marked: bool,
    /// The page's hands.
    pub driver: Driver,
}

/// The button, and the panel that it opens.
#[component]
pub fn FilterPanel(props: &FilterProps) -> Html {
    let open = use_state_eq(|| false);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let on_key = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *open {
                event.stop_propagation();
                open.set(false);
                page::focus("filter-button");
            }
        })
    };
    let place = use_node_ref();
    let on_leave = {
        let (open, place) = (open.clone(), place.clone());
        Callback::from(move |event: FocusEvent| {
            let to: Option<web_sys::Node> = event.related_target().and_then(|target| target.dyn_into().ok());
            if !place.get().is_some_and(|place| place.contains(to.as_ref())) {
                open.set(false);
            }
        })
    };
    let count = chips(&props.filter, props.marked).len();
    html! {
        <div ref={place} class="filters" onkeydown={on_key} onfocusout={on_leave}>
            <button type="button" class={classes!("chip", (count > 0).then_some("on"))} aria-expanded={open.to_string()} aria-controls="filter-panel" data-testid="filter-button" onclick={toggle}>
                { "Filter" }if count > 0 { <b>{ count }</b> }
            </button>
            <div id="filter-panel" class="filter-panel" role="group" aria-label="Filter" tabindex="-1" hidden={!*open}>
                if *open { { fields(props) } }
            </div>
        </div>
    }
}

fn fields(props: &FilterProps) -> Html {
    let FilterProps { filter, driver, .. } = props;
    let changes = Change::ALL.into_iter().filter(|change| *change != Change::None);
    let types = EntryType::ALL.into_iter().map(|kind| {
        check(
            driver,
            format::kind_name(kind),
            &format!("type-{}", kind.name()),
            filter.types.contains(&kind),
            with(filter, |f| toggle(&mut f.types, kind)),
        )
    });
    let modes = ModeTest::NAMED.into_iter().map(|(name, test)| {
        check(
            driver,
            name,
            &format!("mode-{name}"),
            filter.modes.contains(&test),
            with(filter, |f| toggle(&mut f.modes, test)),
        )
    });
    let other = filter.modes.iter().copied().find(|test| test.name().is_none());
    let id = |id: Option<u32>| id.map(|id| id.to_string()).unwrap_or_default();
    let size = |size: Option<u64>| size.map(write_size).unwrap_or_default();
    let layers = (0..props.layers).map(|layer| {
        check(
            driver,
            &layer.to_string(),
            &format!("set-{layer}"),
            filter.layers.contains(&layer),
            with(filter, |f| toggle(&mut f.layers, layer)),
        )
    });
    html! { <>
        if props.marked {
            <fieldset><legend>{ "Change by the marked layers" }</legend>
                { for changes.map(|change| check(driver, change.name(), &format!("change-{}", change.name()), filter.changes.contains(&change), with(filter, |f| toggle(&mut f.changes, change)))) }
            </fieldset>
        }
        <fieldset><legend>{ "Type" }</legend>{ for types }</fieldset>
        <fieldset><legend>{ "Size" }</legend>
            { text(props, "from", "size-min", "1 MB", size(filter.min_size), |f, text| read_size(text).map(|size| f.min_size = size)) }
            { text(props, "to", "size-max", "2 GB", size(filter.max_size), |f, text| read_size(text).map(|size| f.max_size = size)) }
        </fieldset>
        <fieldset><legend>{ "Owner" }</legend>
            { text(props, "user id", "uid", "0", id(filter.uid), |f, text| read_id(text).map(|id| f.uid = id)) }
            { text(props, "group id", "gid", "0", id(filter.gid), |f, text| read_id(text).map(|id| f.gid = id)) }
        </fieldset>
        <fieldset><legend>{ "Mode" }</legend>
            { for modes }
            { text(props, "octal", "mode-octal", "-4000, /111, 644", other.map(|test| test.to_string()).unwrap_or_default(), |f, text| {
                let test = if text.is_empty() { None } else { Some(ModeTest::parse(text)?) };
                f.modes.retain(|test| test.name().is_some());
                f.modes.extend(test.filter(|test| !f.modes.contains(test)));
                Some(())
            }) }
        </fieldset>
        <fieldset class="by-layer"><legend>{ "Last set by layer" }</legend>{ for layers }</fieldset>
    </> }
}

fn with(filter: &Filter, change: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = filter.clone();
    change(&mut filter);
    filter
}

/// Takes an item in or out; the list stays in its order.
fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|known| *known == item) {
        Some(at) => drop(list.remove(at)),
        None => list.push(item),
    }
}

fn check(driver: &Driver, name: &str, hook: &str, on: bool, after: Filter) -> Html {
    let driver = driver.clone();
    let on_change = Callback::from(move |_: Event| driver.see(See::Filter(after.clone())));
    html! { <label class="tick"><input type="checkbox" checked={on} data-testid={format!("filter-{hook}")} onchange={on_change} />{ name }</label> }
}

/// A field that is read when it is left; what cannot be read is marked and changes nothing.
fn text(
    props: &FilterProps,
    name: &'static str,
    hook: &'static str,
    example: &'static str,
    value: String,
    read: impl Fn(&mut Filter, &str) -> Option<()> + 'static,
) -> Html {
    let (filter, driver) = (Rc::new(props.filter.clone()), props.driver.clone());
    let on_change = Callback::from(move |event: Event| {
        let field: HtmlInputElement = event.target_unchecked_into();
        let mut after = (*filter).clone();
        let is_read = read(&mut after, field.value().trim()).is_some();
        field.set_custom_validity(if is_read { "" } else { "This cannot be read" });
        if is_read {
            driver.see(See::Filter(after));
        }
    });
    html! { <label class="typed">{ name }<input type="text" {value} placeholder={example} autocomplete="off" spellcheck="false" data-testid={format!("filter-{hook}")} onchange={on_change} /></label> }
}

/// A number, or nothing for no field at all.
fn read_id(text: &str) -> Option<Option<u32>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// Each choice in words, with the filter without it.
fn chips(filter: &Filter, marked: bool) -> Vec<(String, Filter)> {
    let mut chips = Vec::new();
    for change in filter.changes.iter().filter(|_| marked) {
        chips.push((change.name().to_owned(), with(filter, |f| f.changes.retain(|c| c != change))));
    }
    for kind in &filter.types {
        chips.push((format::kind_name(*kind).to_owned(), with(filter, |f| f.types.retain(|k| k != kind))));
    }
    if let Some(size) = filter.min_size {
        chips.push((format!("≥ {}", format::bytes(size)), with(filter, |f| f.min_size = None)));
    }
    if let Some(size) = filter.max_size {
        chips.push((format!("≤ {}", format::bytes(size)), with(filter, |f| f.max_size = None)));
    }
    if let Some(uid) = filter.uid {
        chips.push((format!("user {uid}"), with(filter, |f| f.uid = None)));
    }
    if let Some(gid) = filter.gid {
        chips.push((format!("group {gid}"), with(filter, |f| f.gid = None)));
    }
    for test in &filter.modes {
        let name = test.name().map_or_else(|| format!("mode {test}"), str::to_owned);
        chips.push((name, with(filter, |f| f.modes.retain(|t| t != test))));
    }
    for layer in &filter.layers {
        chips.push((format!("layer {layer}"), with(filter, |f| f.layers.retain(|l| l != layer))));
    }
    chips
}

/// The chips, and one that takes all away.
pub fn chip_list(filter: &Filter, marked: bool, driver: &Driver) -> Html {
    let chips = chips(filter, marked);
    let several = chips.len() > 1;
    let to = |after: Filter| {
        let driver = driver.clone();
        Callback::from(move |_: MouseEvent| driver.see(See::Filter(after.clone())))
    };
    let chip = |(name, after): (String, Filter)| {
        html! { <button key={name.clone()} type="button" class="chip on" data-testid="filter-chip" aria-label={format!("Remove the filter {name}")} onclick={to(after)}>{ name }<span aria-hidden="true">{ "×" }</span></button> }
    };
    html! { <>
        { for chips.into_iter().map(chip) }
        if several { <button type="button" class="link" data-testid="filter-clear" onclick={to(Filter::default())}>{ "Clear" }</button> }
    </> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chip_takes_its_own_choice_away() {
        let filter = Filter {
            changes: vec![Change::Added],
            types: vec![EntryType::File, EntryType::Dir],
            min_size: Some(1_000),
            max_size: Some(2_000_000),
            layers: vec![3],
            uid: Some(0),
            gid: Some(5),
            modes: vec![ModeTest::All(0o4000), ModeTest::Exactly(0o644)],
        };
        let all = chips(&filter, true);
        assert_eq!((all.len(), chips(&filter, false).len()), (10, 9));
        let mut left = filter;
        for _ in 0..10 {
            let next = chips(&left, true).swap_remove(0).1;
            assert_ne!(next, left);
            left = next;
        }
        assert!(left.is_empty());
    }
}
