//! Numbers, times and modes as people read them. Depends on nothing of the page.

use lagvis::protocol::EntryType;

/// Bytes with decimal units and three significant digits, as Docker prints them: `8 kB`, `28.4 MB`, `1.05 GB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    // Whole numbers throughout: floats would round twice.
    let count = u128::from(count);
    let (mut unit, mut size) = (0, 1_000);
    while count * 1_000 >= size * 999_500 && unit + 1 < UNITS.len() {
        unit += 1;
        size *= 1_000;
    }
    let name = UNITS.get(unit).copied().unwrap_or("PB");
    let rounded = |parts: u128| (count * parts + size / 2) / size;
    let text = match (rounded(100), rounded(10)) {
        (hundredths @ 0..1_000, _) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        (_, tenths @ 0..1_000) => format!("{}.{}", tenths / 10, tenths % 10),
        _ => rounded(1).to_string(),
    };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {name}")
}

/// A count with commas: `38,833`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 layer`, `6 layers`.
pub fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// Mode as `ls` prints it, with the type's letter.
pub fn mode(kind: EntryType, mode: u32) -> String {
    let letter = match kind {
        EntryType::File | EntryType::Hardlink => '-',
        EntryType::Dir => 'd',
        EntryType::Symlink => 'l',
        EntryType::Char => 'c',
        EntryType::Block => 'b',
        EntryType::Fifo => 'p',
    };
    let mut out = String::from(letter);
    for (shift, special, set, unset) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let bits = mode >> shift;
        out.push(if bits & 4 == 0 { '-' } else { 'r' });
        out.push(if bits & 2 == 0 { '-' } else { 'w' });
        out.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => set,
            (true, false) => unset,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    out
}

/// Year, month and day of a count of days since 1970 (proleptic Gregorian, in eras of 400 years).
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `2026-11-24 03:02` in UTC, of seconds since 1970.
pub fn time(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", second / 3_600, second / 60 % 60)
}

/// As [`time`], with seconds and the zone.
pub fn time_exact(seconds: i64) -> String {
    format!("{}:{:02} UTC", time(seconds), seconds.rem_euclid(60))
}

/// `24 Nov 2026, 03:05` of an RFC 3339 time; as it is when it is none.
pub fn created(text: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts = || {
        let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..10)?);
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        let day = day.parse::<u32>().ok()?;
        year.parse::<u32>().ok()?;
        Some(format!("{day} {month} {year}, {}", text.get(11..16)?))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

/// Whole percent of `done` in `total`; all of nothing is 100.
pub fn percent(done: u64, total: u64) -> u64 {
    if total == 0 {
        return 100;
    }
    let share = u128::from(done.min(total)) * 100 / u128::from(total);
    u64::try_from(share).unwrap_or(100)
}

/// How far something is, by quarters: what is read out is not read out at each step.
pub fn quarters(done: u64, total: u64) -> String {
    let quarters = if total == 0 { 0 } else { percent(done, total) / 25 * 25 };
    format!("{quarters} %")
}

/// Share of `part` in `whole` as an SVG length, at least a sliver when there is anything.
pub fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0".to_owned();
    }
    let permille = (u128::from(part.min(whole)) * 1_000 / u128::from(whole)).max(8);
    format!("{}.{}%", permille / 10, permille % 10)
}

/// Bytes a second.
pub fn speed(bytes_done: u64, milliseconds: f64) -> Option<String> {
    if milliseconds < 300.0 {
        return None;
    }
    let rate = u128::from(bytes_done) * 1_000 / u128::from(whole(milliseconds).max(1));
    Some(format!("{}/s", bytes(u64::try_from(rate).unwrap_or(u64::MAX))))
}

/// A duration: `0.4 s`, `2.3 s`, `1 min 12 s`.
pub fn duration(milliseconds: f64) -> String {
    let tenths = (whole(milliseconds) + 50) / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    format!("{} min {} s", tenths / 600, tenths % 600 / 10)
}

/// A number of the browser (pixels, milliseconds) as a whole number; what is below zero counts as zero.
pub fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and NaN becomes 0")]
    {
        number as u64
    }
}

/// Type of an entry, for people.
pub fn kind_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::File => "file",
        EntryType::Dir => "folder",
        EntryType::Symlink => "symbolic link",
        EntryType::Hardlink => "hard link",
        EntryType::Char => "character device",
        EntryType::Block => "block device",
        EntryType::Fifo => "named pipe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_docker_prints_them() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (4_096, "4.1 kB"),
            (8_000, "8 kB"),
            (28_412_345, "28.4 MB"),
            (99_960, "100 kB"),
            (447_900_000, "448 MB"),
            (999_499, "999 kB"),
            (999_500, "1 MB"),
            (1_050_000_000, "1.05 GB"),
            (u64::MAX, "18447 PB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn counts_have_commas() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(38_833), "38,833");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(plural(1, "layer"), "1 layer");
        assert_eq!(plural(2, "layer"), "2 layers");
    }

    #[test]
    fn modes_as_ls_prints_them() {
        for (kind, bits, text) in [
            (EntryType::File, 0o644, "-rw-r--r--"),
            (EntryType::Dir, 0o1777, "drwxrwxrwt"),
            (EntryType::File, 0o4755, "-rwsr-xr-x"),
            (EntryType::File, 0o2644, "-rw-r-Sr--"),
            (EntryType::Symlink, 0o777, "lrwxrwxrwx"),
        ] {
            assert_eq!(mode(kind, bits), text);
        }
    }

    #[test]
    fn times_before_and_after_1970() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00"),
            (-1, "1969-12-31 23:59"),
            (951_782_400, "2000-02-29 00:00"),
            (1_795_489_331, "2026-11-24 03:02"),
        ] {
            assert_eq!(time(seconds), text);
        }
        assert_eq!(created("2026-11-24T03:05:12.123Z"), "24 Nov 2026, 03:05");
        assert_eq!(created("yesterday"), "yesterday");
    }

    #[test]
    fn shares_are_never_more_than_all() {
        assert_eq!(percent(5, 10), 50);
        assert_eq!(percent(20, 10), 100);
        assert_eq!(percent(0, 0), 100);
        assert_eq!(share(1, 1_000_000), "0.8%");
        assert_eq!(share(10, 10), "100.0%");
        assert_eq!(share(0, 10), "0");
    }
}
