//! Where an arrow key leads on a treemap.

use lagvis::protocol::Cell;

/// The cell that is next in the key's direction; none when there is none, or the key is no arrow.
pub fn next(cells: &[Cell], at: usize, key: &str) -> Option<usize> {
    let (axis, sign) = match key {
        "ArrowLeft" => (0, -1.0),
        "ArrowRight" => (0, 1.0),
        "ArrowUp" => (1, -1.0),
        "ArrowDown" => (1, 1.0),
        "Home" => return cells.iter().position(is_reached),
        "End" => return cells.iter().rposition(is_reached),
        _ => return None,
    };
    let here = corner(cells.get(at)?);
    let ahead = |cell: &Cell| sign * (corner(cell)[axis] - here[axis]);
    // Across the direction a pixel counts thrice: what lies straight ahead comes first.
    let distance = |cell: &Cell| ahead(cell) + 3.0 * (corner(cell)[1 - axis] - here[1 - axis]).abs();
    let candidates = cells.iter().enumerate().filter(|(index, cell)| *index != at && is_reached(cell));
    candidates
        .filter(|(_, cell)| ahead(cell) > 0.5)
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map(|(index, _)| index)
}

fn is_reached(cell: &Cell) -> bool {
    cell.path.is_some()
}

/// Cells begin with their names at the top left: people see them there.
fn corner(cell: &Cell) -> [f32; 2] {
    let [left, top, ..] = cell.place;
    [left, top]
}

#[cfg(test)]
mod tests {
    use lagvis::protocol::{Cell, Change, EntryType};

    use super::next;

    fn cell(path: Option<&str>, left: f32, top: f32) -> Cell {
        Cell {
            path: path.map(str::to_owned),
            name: String::new(),
            kind: EntryType::File,
            bytes: 1,
            entries: 1,
            depth: 0,
            place: [left, top, 10.0, 10.0],
            layer: 0,
            change: Change::None,
        }
    }

    #[test]
    fn arrows_lead_to_the_neighbour_and_stop_at_the_rim() {
        let cells =
            [cell(Some("a"), 0.0, 0.0), cell(Some("b"), 10.0, 0.0), cell(Some("c"), 0.0, 10.0), cell(None, 10.0, 10.0)];
        for (at, key, to) in [
            (0, "ArrowRight", Some(1)),
            (0, "ArrowDown", Some(2)),
            (1, "ArrowLeft", Some(0)),
            (2, "ArrowUp", Some(0)),
            (1, "ArrowDown", Some(2)),
            (0, "ArrowLeft", None),
            (0, "End", Some(2)),
            (2, "Home", Some(0)),
            (0, "x", None),
            (9, "ArrowLeft", None),
        ] {
            assert_eq!(next(&cells, at, key), to, "{at} {key}");
        }
    }
}
