//! Which layers are looked at, as a range: from one (its changes are marked) up to another.

use lagvis::share::LayerChoice;
use yew::prelude::*;

use super::{driver::Driver, phase::Look, see::See, select::Select};

/// First marked and last layer.
type Ends = (Option<u32>, Option<u32>);

/// Two lists, from and up to, for an image of several layers.
pub fn range(layers: usize, look: &Look, driver: &Driver) -> Html {
    let count = u32::try_from(layers).unwrap_or(u32::MAX);
    if count < 2 {
        return Html::default();
    }
    let (from, to) = ends(look.layer);
    let number = |layer: Option<u32>| layer.map(|layer| layer.to_string()).unwrap_or_default();
    let options = |none: &str| {
        let layers = (0..count).map(|layer| (layer.to_string(), layer.to_string()));
        std::iter::once((String::new(), none.to_owned())).chain(layers).collect::<Vec<_>>()
    };
    let on_change = |choice: fn(Ends, Option<u32>) -> LayerChoice| {
        let driver = driver.clone();
        Callback::from(move |value: String| driver.see(See::Layer(choice((from, to), value.parse().ok()))))
    };
    html! {
        <div class="layer-range" role="group" aria-label="Range of layers" title="Shift-click on a layer does the same">
            <span>{ "Changes from" }</span>
            <Select label="Changes from layer" hook="range-from" value={number(from)} options={options("none")} on_change={on_change(|(_, to), from| choice(from, to))} />
            <span>{ "up to" }</span>
            <Select label="Up to layer" hook="range-to" value={number(to)} options={options("last")} on_change={on_change(|(from, _), to| choice(from, to))} />
        </div>
    }
}

fn ends(choice: LayerChoice) -> Ends {
    match choice {
        LayerChoice::All => (None, None),
        LayerChoice::One(layer) => (Some(layer), Some(layer)),
        LayerChoice::Range { from, to } => (from, to),
    }
}

/// The choice of these ends, whichever was named first.
fn choice(from: Option<u32>, to: Option<u32>) -> LayerChoice {
    match (from, to) {
        (None, None) => LayerChoice::All,
        (Some(from), Some(to)) if from == to => LayerChoice::One(from),
        (Some(from), Some(to)) => LayerChoice::Range { from: Some(from.min(to)), to: Some(from.max(to)) },
        (from, to) => LayerChoice::Range { from, to },
    }
}

/// A layer was chosen in addition: the range grows or shrinks up to it.
pub fn extend(now: LayerChoice, layer: u32) -> LayerChoice {
    let (from, to) = ends(now);
    match from.or(to) {
        Some(anchor) => choice(Some(anchor), Some(layer)),
        None => LayerChoice::One(layer),
    }
}

/// Whether a layer is among those whose changes are marked.
pub fn is_marked(now: LayerChoice, layer: u32) -> bool {
    let (from, to) = ends(now);
    from.is_some_and(|from| from <= layer) && to.is_none_or(|to| layer <= to)
}

/// Whether a layer is above those that are looked at.
pub fn is_beyond(now: LayerChoice, layer: u32) -> bool {
    ends(now).1.is_some_and(|to| layer > to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_from_where_they_began() {
        let range = |from, to| LayerChoice::Range { from: Some(from), to: Some(to) };
        assert_eq!(extend(LayerChoice::All, 3), LayerChoice::One(3));
        assert_eq!(extend(LayerChoice::One(1), 3), range(1, 3));
        assert_eq!(extend(range(1, 3), 2), range(1, 2));
        assert_eq!(extend(range(1, 3), 0), range(0, 1));
        assert_eq!(extend(LayerChoice::One(1), 1), LayerChoice::One(1));
        assert_eq!(choice(None, Some(2)), LayerChoice::Range { from: None, to: Some(2) });
        assert!(is_marked(range(1, 3), 3) && !is_marked(range(1, 3), 0) && !is_marked(choice(None, Some(2)), 1));
        assert!(is_beyond(range(1, 3), 4) && !is_beyond(LayerChoice::All, 9));
    }
}
