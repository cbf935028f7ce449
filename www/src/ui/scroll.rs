//! Which rows of a long list can be seen. Browsers cap the height of an element, so a very long list is drawn on a
//! shorter scale: then a pixel of the scroll bar is more than a pixel of rows.

use web_sys::HtmlElement;

use super::format::whole;

/// Height of a row in pixels; `--row` in the styles.
pub const ROW: f64 = 26.0;
/// Heights above this are drawn to a shorter scale (Firefox stops at 17.8 million pixels).
const TALLEST: f64 = 8_000_000.0;
/// Rows drawn above and below those that can be seen.
const OVERSCAN: u64 = 12;

/// The visible part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Window {
    top: f64,
    height: f64,
}

impl Window {
    /// The visible part of an element.
    pub fn of(element: &HtmlElement) -> Self {
        // The head sticks to the top and has the height of a row.
        Self { top: f64::from(element.scroll_top()), height: (f64::from(element.client_height()) - ROW).max(0.0) }
    }

    /// Rows that fit.
    pub fn rows(self) -> u64 {
        whole(self.height / ROW).max(1)
    }

    /// Height of the whole list in pixels, as it is drawn.
    pub fn height(self, count: u32) -> f64 {
        (f64::from(count) * ROW).min(TALLEST)
    }

    /// The first visible row, with its fraction.
    fn first(self, count: u32) -> f64 {
        let (real, drawn) = (f64::from(count) * ROW, self.height(count));
        let top = self.top.clamp(0.0, (drawn - self.height).max(0.0));
        if real <= drawn {
            return top / ROW;
        }
        top / (drawn - self.height) * (real - self.height) / ROW
    }

    /// The rows to draw: from, up to and without.
    pub fn range(self, count: u32) -> (u32, u32) {
        let first = whole(self.first(count));
        let last = first + self.rows() + 2 + OVERSCAN;
        let clamp = |row: u64| u32::try_from(row).unwrap_or(u32::MAX).min(count);
        (clamp(first.saturating_sub(OVERSCAN)), clamp(last))
    }

    /// Where the row `from` is drawn, in pixels from the list's top.
    pub fn place(self, count: u32, from: u32) -> f64 {
        let top = self.top.clamp(0.0, (self.height(count) - self.height).max(0.0));
        top - (self.first(count) - f64::from(from)) * ROW
    }

    /// How far to scroll so that a row can be seen; none when it can be already.
    pub fn scroll_for(self, row: u32, count: u32) -> Option<i32> {
        let first = self.first(count);
        let (row, fit) = (f64::from(row), self.height / ROW);
        let wanted = if row < first {
            row
        } else if row + 1.0 > first + fit {
            row + 1.0 - fit
        } else {
            return None;
        };
        // From far away the row comes to the middle, so that what is around it can be seen.
        let wanted = if (row - first).abs() > 2.0 * fit { row - fit / 2.0 } else { wanted };
        let (real, drawn) = (f64::from(count) * ROW, self.height(count));
        let scale = if real <= drawn { 1.0 } else { (drawn - self.height) / (real - self.height) };
        i32::try_from(whole(wanted.max(0.0) * ROW * scale)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(top: f64) -> Window {
        Window { top, height: 260.0 }
    }

    #[test]
    fn short_lists_are_drawn_to_scale() {
        assert_eq!(at(0.0).range(1_000), (0, 24));
        assert_eq!(at(2_600.0).range(1_000), (88, 124));
        assert!((at(2_600.0).place(1_000, 88) - 88.0 * ROW).abs() < 0.01);
        assert_eq!(at(0.0).range(3), (0, 3));
        assert_eq!(at(0.0).range(0), (0, 0));
    }

    #[test]
    fn the_end_of_a_very_long_list_can_be_reached() {
        let count = 4_000_000;
        let end = at(TALLEST - 260.0);
        assert_eq!(end.range(count).1, count);
        let last = f64::from(count - 1);
        let bottom = end.place(count, count - 10) + 10.0 * ROW;
        assert!((bottom - TALLEST).abs() < 1.0, "{bottom} {last}");
        let to = end.scroll_for(0, count).unwrap();
        assert_eq!(to, 0);
    }

    #[test]
    fn scrolls_only_as_far_as_needed() {
        assert_eq!(at(0.0).scroll_for(9, 1_000), None);
        assert_eq!(at(0.0).scroll_for(10, 1_000), Some(26));
        assert_eq!(at(260.0).scroll_for(5, 1_000), Some(130));
        assert_eq!(at(0.0).scroll_for(500, 1_000), Some(495 * 26));
    }
}
