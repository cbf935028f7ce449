//! Durations and sizes as people write them in flags: `500ms`, `30s`, `5m`, `1h`; `64MB`, `1GB`.

use std::time::Duration;

/// A duration: a number with `ms`, `s`, `m` or `h`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("{unit:?} is no unit of time: ms, s, m or h")),
    };
    Ok(Duration::from_millis(times(number, millis)?))
}

/// A number of bytes with `B`, `KB`, `MB` or `GB`, decimal; a bare number is bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let each = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("{unit:?} is no unit of size: B, KB, MB or GB")),
    };
    times(number, each)
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    (number, unit.trim())
}

fn times(number: &str, each: u64) -> Result<u64, String> {
    let number: u64 = number.parse().map_err(|_| "a whole number is wanted, with its unit behind it".to_owned())?;
    number.checked_mul(each).ok_or_else(|| "that is too much".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_with_their_units() {
        for (text, millis) in [("500ms", 500), ("30s", 30_000), ("30", 30_000), ("5m", 300_000), ("1 h", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for (text, number) in [("64MB", 64_000_000), ("1gb", 1_000_000_000), ("12", 12), ("0", 0)] {
            assert_eq!(bytes(text), Ok(number), "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "1 day", "99999999999999999999"] {
            assert!(duration(text).is_err() && bytes(text).is_err(), "{text}");
        }
        assert!(bytes("18446744073709551615GB").is_err());
    }
}
