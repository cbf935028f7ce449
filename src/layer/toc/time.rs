//! Times as RFC 3339 has them, to whole seconds.

/// Seconds since 1970, rounded down; none for what is no time.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't'])?;
    let (year, month, day) = three(date, '-')?;
    let (clock, zone) = rest.split_at_checked(8)?;
    let (hour, minute, second) = three(clock, ':')?;
    let zone = zone.strip_prefix('.').map_or(zone, |part| part.trim_start_matches(|c: char| c.is_ascii_digit()));
    let is_time = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    is_time.then(|| Some(seconds - offset(zone)?)).flatten()
}

fn three(text: &str, by: char) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(by).map(|part| part.parse::<u16>().ok().map(i64::from));
    let all = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(all)
}

/// Seconds that a zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    Some(sign * (i64::from(hours.parse::<u8>().ok()?) * 3_600 + i64::from(minutes.parse::<u8>().ok()?) * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar: whole years from March on, then months of that year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let since_march = (month + 9) % 12;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 306 days lie between March and January; year 1969 ends 719,468 days after the first of March of year 0.
    year * 365 + leaps + (since_march * 306 + 5) / 10 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2019-08-20T10:30:43Z", 1_566_297_043),
            ("2000-02-29T23:59:59.999999999Z", 951_868_799),
            ("2022-11-24T01:00:00+01:00", 1_669_248_000),
            ("2022-11-23T18:30:00.5-05:30", 1_669_248_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in ["", "2019", "2019-08-20", "2019-13-20T10:30:43Z", "2019-08-20T10:30:43", "2019-08-20T1é:30:43Z"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
