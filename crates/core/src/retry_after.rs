//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a `Retry-After` value: seconds (`2`, `2.0`) or an HTTP date, which is compared with `now`.
///
/// What is shorter than a second counts as a second, what is longer than a day as a day: a server
/// cannot make us hammer it or forget it. `None` is a value that is neither.
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if value.starts_with(|first: char| first.is_ascii_digit()) {
        seconds(value)?
    } else {
        let date = httpdate::parse_http_date(value).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(wait.clamp(SHORTEST, LONGEST))
}

fn seconds(value: &str) -> Option<Duration> {
    if !value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let seconds: f64 = value.parse().ok()?;
    // Fails for what no duration can hold, which is longer than a day all the same.
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, wait) in [
            ("2", Some(2_000)),
            ("2.0", Some(2_000)),
            (" 1.5 ", Some(1_500)),
            ("0", Some(1_000)),
            ("86400", Some(86_400_000)),
            ("86401", Some(86_400_000)),
            ("999999999999999999999999", Some(86_400_000)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60_000)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(1_000)),
            ("Tue, 08 Nov 1994 08:49:38 GMT", Some(86_400_000)),
            ("", None),
            ("-1", None),
            ("1e3", None),
            ("1.2.3", None),
            ("soon", None),
            ("NaN", None),
            ("2 seconds", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                wait.map(Duration::from_millis),
                "{value}"
            );
        }
    }
}
