use proptest::prelude::*;

use super::*;

fn text(difference: Difference) -> TextDifference {
    match difference {
        Difference::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

/// The lines of a comparison as `diff -u` marks them, hunks set apart.
fn unified(difference: &TextDifference) -> String {
    let mark = |line: &DiffLine| match (line.old, line.new) {
        (Some(_), Some(_)) => ' ',
        (Some(_), None) => '-',
        _ => '+',
    };
    let hunk = |hunk: &Vec<DiffLine>| {
        hunk.iter()
            .map(|line| format!("{}{}{}\n", mark(line), line.text, if line.unended { "\\" } else { "" }))
            .collect()
    };
    difference.hunks.iter().map(hunk).collect::<Vec<String>>().join("@\n")
}

#[test]
fn lines_that_differ_come_with_their_neighbours() {
    for (old, new, expected) in [
        ("a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n"),
        ("", "a\n", "+a\n"),
        ("a\n", "", "-a\n"),
        ("a", "a\n", "-a\\\n+a\n"),
        ("a\nb", "a\nb\nc", " a\n-b\\\n+b\n+c\\\n"),
        ("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n", "+0\n 1\n 2\n 3\n@\n 6\n 7\n 8\n-9\n"),
        ("1\n2\n3\n4\n5\n6\n", "0\n1\n2\n3\n4\n5\n6\n7\n", "+0\n 1\n 2\n 3\n 4\n 5\n 6\n+7\n"),
        ("a\r\n", "a\n", "-a\r\n+a\n"),
    ] {
        assert_eq!(unified(&text(compare(old.as_bytes(), new.as_bytes()))), expected, "{old:?} {new:?}");
    }
    let lines = text(compare(b"same\nold\n", b"same\nnew\nmore\n"));
    assert_eq!((lines.added, lines.removed, lines.left_out), (2, 1, 0));
    let numbers: Vec<_> = lines.hunks[0].iter().map(|line| (line.old, line.new)).collect();
    assert_eq!(numbers, [(Some(1), Some(1)), (Some(2), None), (None, Some(2)), (None, Some(3))]);
}

#[test]
fn what_is_no_text_is_said_with_its_first_difference() {
    assert_eq!(compare(b"same", b"same"), Difference::None);
    assert_eq!(compare(b"", b""), Difference::None);
    assert_eq!(compare(b"ab\0c", b"ab\0d"), Difference::Binary { first: 3 });
    assert_eq!(compare(b"ab", b"ab\0"), Difference::Binary { first: 2 });
}

#[test]
fn much_is_counted_and_not_shown() {
    let old: String = (0..5000).map(|n| format!("old {n}\n")).collect();
    let lines = text(compare(old.as_bytes(), b"new\n"));
    assert_eq!((lines.removed, lines.added, lines.left_out), (5000, 1, 3001));
    assert_eq!(lines.hunks.iter().map(Vec::len).sum::<usize>(), limits::DIFF_LINES);
    let long = text(compare(b"", "x".repeat(2_500).as_bytes()));
    let line = &long.hunks[0][0];
    assert_eq!((line.text.len(), line.cut), (2_000, 500));
}

/// Length of the longest common subsequence, by the table.
fn common(a: &[u32], b: &[u32]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { corner + 1 } else { row[j].max(above) };
            corner = above;
        }
    }
    row[b.len()]
}

/// Lines of three kinds, the last one with or without its end.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![Just("a\n"), Just("b\n"), Just("c\n")];
    let last = prop_oneof![Just(""), Just("a"), Just("b"), Just("c")];
    (prop::collection::vec(line, 0..=30), last).prop_map(|(lines, last)| lines.concat() + last)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_way_is_right_and_the_shortest(
        a in prop::collection::vec(0..6_u32, 0..60),
        b in prop::collection::vec(0..6_u32, 0..60),
    ) {
        let (removed, added) = edit::changes(&a, &b);
        let stay = |items: &[u32], flags: &[bool]| -> Vec<u32> {
            items.iter().zip(flags).filter(|(_, changed)| !**changed).map(|(item, _)| *item).collect()
        };
        let kept = stay(&a, &removed);
        prop_assert_eq!(&kept, &stay(&b, &added));
        prop_assert_eq!(kept.len(), common(&a, &b));
    }

    /// What is shown, put into the old text, gives the new one.
    #[test]
    fn a_difference_applied_to_the_old_text_gives_the_new(
        old in lines(),
        new in lines(),
    ) {
        let difference = match compare(old.as_bytes(), new.as_bytes()) {
            Difference::None => { prop_assert_eq!(old, new); return Ok(()); }
            other => text(other),
        };
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut at, mut made) = (0, String::new());
        for line in difference.hunks.iter().flatten() {
            if let Some(number) = line.old {
                let number = number as usize - 1;
                made.push_str(&old[at..number].concat());
                prop_assert_eq!(old[number].trim_end_matches('\n'), &line.text);
                at = number + 1;
            }
            if line.new.is_some() {
                // Lines that are added before any of the old text's stand where the equal lines before them end.
                if line.old.is_none() {
                    let new = line.new.unwrap() as usize - 1;
                    while made.split_inclusive('\n').count() < new { made.push_str(old[at]); at += 1; }
                }
                made.push_str(&line.text);
                if !line.unended { made.push('\n'); }
            }
        }
        made.push_str(&old[at..].concat());
        prop_assert_eq!(made, new);
    }
}

#[test]
fn long_ways_end_and_are_right() {
    // More differences than the effort: right, though not the shortest.
    let item = |n: u32, seed: u32| n.wrapping_mul(2_654_435_761).wrapping_add(seed) % 97;
    let a: Vec<u32> = (0..6000).map(|n| item(n, 1)).collect();
    let b: Vec<u32> = (0..6000_u32).map(|n| item(n.wrapping_mul(n), 50)).collect();
    let (removed, added) = edit::changes(&a, &b);
    let stay = |items: &[u32], flags: &[bool]| -> Vec<u32> {
        items.iter().zip(flags).filter(|(_, changed)| !**changed).map(|(item, _)| *item).collect()
    };
    assert_eq!(stay(&a, &removed), stay(&b, &added));
}
