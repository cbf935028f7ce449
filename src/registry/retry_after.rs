//! `Retry-After`: seconds, or a date (RFC 9110, "Retry-After").

use super::via::HttpResponse;

/// Milliseconds that an answer asks to wait. A date counts from the answer's own `Date`, where that can be read: clocks
/// differ.
pub(super) fn retry_after(response: &HttpResponse, now: u64) -> Option<u64> {
    let value = response.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(value.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1_000));
    }
    let until = date(value)?;
    let from = response.header("date").and_then(date).unwrap_or(now);
    Some(until.saturating_sub(from))
}

/// Milliseconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, "IMF-fixdate").
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: u64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok().filter(|year| (1970..10_000).contains(year))?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<u64>().ok().filter(|part| *part <= 60));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if words.next() != Some("GMT") {
        return None;
    }
    // Days since 1970, with years that begin in March so that a leap day is a year's last.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some((days.checked_sub(719_468)? * 86_400 + hour * 3_600 + minute * 60 + second) * 1_000)
}

/// A span of milliseconds, for people.
pub(super) fn words(milliseconds: u64) -> String {
    let seconds = milliseconds.div_ceil(1_000);
    let count = |number: u64, unit: &str| format!("{number} {unit}{}", if number == 1 { "" } else { "s" });
    match seconds {
        0..120 => count(seconds, "second"),
        120..7_200 => count(seconds.div_ceil(60), "minute"),
        _ => count(seconds.div_ceil(3_600), "hour"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> HttpResponse {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpResponse { headers, ..HttpResponse::default() }
    }

    #[test]
    fn seconds_and_dates() {
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199_000));
        assert_eq!(date("Fri, 01 Mar 2024 00:00:00 GMT"), Some(1_709_251_200_000));
        for wrong in ["", "soon", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert_eq!(retry_after(&answer(&[("retry-after", " 30 ")]), 5), Some(30_000));
        assert_eq!(retry_after(&answer(&[("retry-after", "99999999999999999999999")]), 5), Some(u64::MAX));
        let until = ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(retry_after(&answer(&[until]), 784_111_770_000), Some(7_000));
        assert_eq!(retry_after(&answer(&[until]), 900_000_000_000), Some(0));
        let date = ("date", "Sun, 06 Nov 1994 08:49:27 GMT");
        assert_eq!(retry_after(&answer(&[until, date]), 0), Some(10_000));
        assert_eq!(retry_after(&answer(&[("retry-after", "soon")]), 5), None);
        assert_eq!(retry_after(&answer(&[]), 5), None);
    }

    #[test]
    fn spans_in_words() {
        for (milliseconds, text) in
            [(1, "1 second"), (90_000, "90 seconds"), (120_001, "3 minutes"), (3 * 3_600_000, "3 hours")]
        {
            assert_eq!(words(milliseconds), text);
        }
    }
}
