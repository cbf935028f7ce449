//! Share links: what is read is written and read again, to the same.
#![no_main]

use lagvis::share::{decode, encode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|fragment: &str| {
    if let Ok((link, _)) = decode(fragment) {
        let again = encode(&link);
        match decode(&again) {
            Ok((read, problems)) => {
                assert_eq!(read, link, "{again}");
                assert!(problems.is_empty(), "{again}: {problems:?}");
            }
            Err(problem) => panic!("{again}: {problem:?}"),
        }
    }
});
