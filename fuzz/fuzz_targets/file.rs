//! What a file is: examining ends within a few reads whatever the bytes are, and reads only within the file. The first
//! byte says how much of the file is missing behind what it says.
#![no_main]

use lagvis::file::{Examiner, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((missing, bytes)) = data.split_first() else { return };
    let size = bytes.len() as u64 + u64::from(*missing / 16);
    let mut examiner = Examiner::new(b"a/b.gz", size);
    for _ in 0..1_000 {
        match examiner.poll() {
            Step::Done(summary) => {
                assert_eq!(summary.size, size);
                return;
            }
            Step::Read { offset, length } => {
                assert!(length > 0 && offset + length <= size, "{length} bytes at {offset} of {size}");
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                examiner.provide(bytes[place(offset)..place(offset + length)].to_vec());
            }
        }
    }
    panic!("it never ends");
});
