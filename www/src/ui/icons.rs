//! Drawings. Inline SVG: nothing is fetched, and their colours follow the theme.

use yew::prelude::*;

/// The mark: three strata.
pub fn logo(size: &'static str) -> Html {
    html! {
        <svg class="logo-mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
            <path class="fill-0" d="M2 16.5 12 21l10-4.5-4-1.8-6 2.7-6-2.7z" />
            <path class="fill-2" d="M2 12l10 4.5L22 12l-4-1.8-6 2.7-6-2.7z" />
            <path class="fill-4" d="M12 3 2 7.5 12 12l10-4.5z" />
        </svg>
    }
}

fn stroke(paths: Html) -> Html {
    html! {
        <svg class="icon" width="18" height="18" viewBox="0 0 20 20" fill="none" stroke="currentColor"
            stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{ paths }</svg>
    }
}

/// A tick in a circle.
pub fn tick() -> Html {
    stroke(html! { <><circle cx="10" cy="10" r="8" /><path d="m6.4 10.3 2.5 2.5 4.9-5.2" /></> })
}

/// A cross in a circle.
pub fn cross() -> Html {
    stroke(html! { <><circle cx="10" cy="10" r="8" /><path d="m7.2 7.2 5.6 5.6m0-5.6-5.6 5.6" /></> })
}

/// A dash in a circle.
pub fn unknown() -> Html {
    stroke(html! { <><circle cx="10" cy="10" r="8" /><path d="M6.6 10h6.8" /></> })
}

/// A ring that turns.
pub fn busy() -> Html {
    html! {
        <svg class="icon busy" width="18" height="18" viewBox="0 0 20 20" fill="none" stroke="currentColor"
            stroke-width="2" stroke-linecap="round" aria-hidden="true">
            <circle cx="10" cy="10" r="8" opacity=".25" /><path d="M10 2a8 8 0 0 1 8 8" />
        </svg>
    }
}

/// Two arrows to each other.
pub fn fold() -> Html {
    stroke(html! { <path d="m6 3 4 4 4-4M6 17l4-4 4 4M3.5 10h13" /> })
}

/// Two arrows from each other.
pub fn unfold() -> Html {
    stroke(html! { <path d="m6 7 4-4 4 4M6 13l4 4 4-4M3.5 10h13" /> })
}

/// Two sheets.
pub fn copy() -> Html {
    stroke(
        html! { <><rect x="7" y="7" width="9" height="9" rx="1.6" /><path d="M13 4.2A1.6 1.6 0 0 0 11.6 3.6H5.2a1.6 1.6 0 0 0-1.6 1.6v6.4c0 .6.3 1.1.8 1.4" /></> },
    )
}

/// A sheet that is saved.
pub fn save() -> Html {
    stroke(
        html! { <><path d="M10 3v9m0 0-3.2-3.2M10 12l3.2-3.2" /><path d="M3.8 13.5v2a1.4 1.4 0 0 0 1.4 1.4h9.6a1.4 1.4 0 0 0 1.4-1.4v-2" /></> },
    )
}

/// Two links.
pub fn link() -> Html {
    stroke(
        html! { <><path d="M8.4 11.6a3.2 3.2 0 0 0 4.6 0l2.6-2.6a3.2 3.2 0 0 0-4.6-4.6l-.9.9" /><path d="M11.6 8.4a3.2 3.2 0 0 0-4.6 0l-2.6 2.6a3.2 3.2 0 0 0 4.6 4.6l.9-.9" /></> },
    )
}

/// Sliders.
pub fn settings() -> Html {
    stroke(
        html! { <><path d="M3.5 6h6m4 0h3M3.5 14h3m4 0h6" /><circle cx="11.5" cy="6" r="2" /><circle cx="8.5" cy="14" r="2" /></> },
    )
}

/// A disc half dark.
pub fn theme() -> Html {
    html! {
        <svg class="icon" width="18" height="18" viewBox="0 0 20 20" fill="none" stroke="currentColor"
            stroke-width="1.7" aria-hidden="true">
            <circle cx="10" cy="10" r="7" /><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" stroke="none" />
        </svg>
    }
}

/// A bar to scale: `share` is an SVG length.
pub fn bar(share: String) -> Html {
    html! {
        <svg class="bar" width="100%" height="6" aria-hidden="true" focusable="false">
            <rect width={share} height="6" rx="3" />
        </svg>
    }
}

/// The class that gives a layer its colour.
pub fn colour(layer: u32) -> String {
    format!("c{}", layer % 8)
}
