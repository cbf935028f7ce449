//! Sizes as people type them.

/// Units, decimal and binary. Ordered so that a longer name is tried before its end.
const UNITS: [(&str, f64); 8] = [
    ("kib", 1_024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("b", 1.0),
    ("", 1.0),
];

/// `1.5 MB`, `10k`, `4 KiB`, `512`; nothing for no size. None when it cannot be read.
pub fn read_size(text: &str) -> Option<Option<u64>> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(digits.len()..)?;
    let unit = if matches!(unit, "k" | "m" | "g") { format!("{unit}b") } else { unit.to_owned() };
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number: f64 = digits.trim().replace(',', ".").parse().ok()?;
    let bytes = (number * factor).round();
    (0.0..1e18).contains(&bytes).then(|| Some(super::format::whole(bytes)))
}

/// The shortest text that is read as this size exactly.
pub fn write_size(bytes: u64) -> String {
    let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match units.into_iter().find(|(_, factor)| bytes > 0 && bytes.is_multiple_of(*factor)) {
        Some((unit, factor)) => format!("{} {unit}", bytes / factor),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_type_them() {
        for (text, size) in [
            ("", Some(None)),
            ("512", Some(Some(512))),
            ("1.5 MB", Some(Some(1_500_000))),
            ("1,5mb", Some(Some(1_500_000))),
            ("10k", Some(Some(10_000))),
            ("4 KiB", Some(Some(4_096))),
            ("3 G", Some(Some(3_000_000_000))),
            ("7 b", Some(Some(7))),
            ("x", None),
            ("-1", None),
            ("1 tb", None),
            ("inf", None),
        ] {
            assert_eq!(read_size(text), size, "{text}");
        }
        for size in [0, 1, 999, 1_000, 1_500, 2_000_000, 3_000_000_000] {
            assert_eq!(read_size(&write_size(size)), Some(Some(size)));
        }
    }
}
