//! References: what is read can be written and read again, to the same.
#![no_main]

use lagvis::image::Reference;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Reference::parse(text) {
        Ok(reference) => {
            let familiar = reference.familiar();
            assert_eq!(Reference::parse(&familiar).as_ref(), Ok(&reference), "{familiar}");
            let whole = reference.to_string();
            assert_eq!(Reference::parse(&whole).as_ref(), Ok(&reference), "{whole}");
        }
        Err(error) => {
            let _ = (error.to_string(), error.suggestion());
        }
    }
});
