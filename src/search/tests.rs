use proptest::prelude::*;

use super::*;

fn needle(text: &str, any_case: bool) -> Needle {
    Needle::new(&SearchSpec { text: text.to_owned(), any_case, ..SearchSpec::default() }).unwrap()
}

fn places(needle: &Needle, content: &[u8], bite: usize) -> Vec<Place> {
    let (mut scan, mut places) = (Scan::default(), Vec::new());
    for bytes in content.chunks(bite) {
        scan.push(needle, bytes, false, &mut |place| places.push(place));
    }
    scan.push(needle, &[], true, &mut |place| places.push(place));
    places
}

#[test]
fn needles_are_text_in_either_case_or_bytes() {
    let hex = |text: &str| Needle::new(&SearchSpec { text: text.into(), hex: true, ..SearchSpec::default() });
    assert_eq!(hex("7f 45 4C46").unwrap().find(b"..\x7fELF", 0), Some(2));
    for wrong in ["7", "7g", "0x7f", "7f 4", "ä"] {
        assert_eq!(hex(wrong).unwrap_err(), NeedleError::Hex, "{wrong}");
    }
    assert_eq!(hex(" ").unwrap_err(), NeedleError::Empty);
    let long = SearchSpec { text: "x".repeat(limits::NEEDLE_BYTES + 1), ..SearchSpec::default() };
    assert_eq!(Needle::new(&long).unwrap_err(), NeedleError::TooLong);
    for (text, any_case, content, expected) in [
        ("Pass", false, "no pass, Pass", Some(9)),
        ("Pass", true, "no pass, Pass", Some(3)),
        ("pASS", true, "PASS", Some(0)),
        ("a", false, "", None),
        ("aab", false, "aaaab", Some(2)),
        ("é", false, "café", Some(3)),
    ] {
        assert_eq!(needle(text, any_case).find(content.as_bytes(), 0), expected, "{text} in {content}");
    }
}

#[test]
fn a_place_comes_with_its_line() {
    let content = format!("first\n{}token=secret # not for you\nlast\n", "-".repeat(60));
    for bite in [1, 7, 1000] {
        let places = places(&needle("secret", false), content.as_bytes(), bite);
        let [place] = places.as_slice() else { panic!("{places:?}") };
        assert_eq!(place.offset, 72);
        let [before, found, behind] = &place.excerpt;
        assert!(before.ends_with(b"--token=") && before.len() == 40, "{before:?}");
        assert_eq!((found.as_slice(), behind.as_slice()), (b"secret".as_slice(), b" # not for you".as_slice()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_place_is_found_however_the_content_arrives(
        content in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(b'\n')], 0..600),
        text in prop::collection::vec(prop_oneof![Just('a'), Just('b')], 1..=5).prop_map(String::from_iter),
        bite in 1_usize..300,
    ) {
        let mut expected = Vec::new();
        let mut at = 0;
        while let Some(found) = content[at..].windows(text.len()).position(|bytes| bytes == text.as_bytes()) {
            expected.push((at + found) as u64);
            at += found + text.len();
        }
        let places = places(&needle(&text, false), &content, bite);
        prop_assert_eq!(places.iter().map(|place| place.offset).collect::<Vec<_>>(), expected);
        for place in places {
            prop_assert_eq!(&place.excerpt[1], text.as_bytes());
        }
    }
}
