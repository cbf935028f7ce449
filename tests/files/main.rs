//! What files are said to be, against the tools of the system: `readelf`, `zip`, `tar` and Python.

mod archives;
mod programs;

use std::path::Path;

use lagvis::file::{Examiner, Step, Summary};

/// Examines a file, counting the bytes that are read.
fn examine(path: &Path) -> (Summary, u64) {
    let bytes = std::fs::read(path).unwrap();
    let mut examiner = Examiner::new(path.file_name().unwrap().as_encoded_bytes(), bytes.len() as u64);
    let mut read = 0;
    loop {
        match examiner.poll() {
            Step::Done(summary) => return (*summary, read),
            Step::Read { offset, length } => {
                read += length;
                let (from, to) = (usize::try_from(offset).unwrap(), usize::try_from(offset + length).unwrap());
                examiner.provide(bytes[from..to].to_vec());
            }
        }
    }
}
