//! Times on the command line.

use chrono::{DateTime, NaiveDate};
use orderbridge_core::parse_duration;
use orderbridge_event::Timestamp;

use crate::{Exit, Failed};

/// A time: an age such as 90d, a day such as 2026-01-31, or a time with its offset.
pub(super) fn read(flag: &str, text: &str, now: Timestamp) -> Result<Timestamp, Failed> {
    let age = parse_duration(text).ok().map(|age| now.minus(age));
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Timestamp::from_unix(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
    };
    age.or_else(day).or_else(|| Timestamp::parse(text)).ok_or_else(|| {
        let message = format!(
            "{flag}: {text:?} is neither an age such as 90d, nor a day such as 2026-01-31, nor a \
             time with its offset"
        );
        (Exit::Usage, message)
    })
}

/// A span of time, of which something is left.
pub(super) fn span(
    since: &str,
    until: Option<&str>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Failed> {
    let since = read("--since", since, now)?;
    let until = until.map_or(Ok(now), |until| read("--until", until, now))?;
    if until.min(now) <= since {
        let message = "--since has to be before --until, and in the past";
        return Err((Exit::Usage, message.to_owned()));
    }
    Ok((since, until.min(now)))
}

/// The time now.
pub(super) fn now() -> Timestamp {
    Timestamp::from_unix_millis(chrono_now())
}

fn chrono_now() -> i64 {
    use orderbridge_core::dispatch::{Clock as _, SystemClock};
    SystemClock.now().get()
}

/// A time for people.
pub(super) fn shown(seconds: i64) -> String {
    let time = DateTime::from_timestamp(seconds, 0);
    time.map(|time| time.format("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ages_days_and_times() {
        let now = Timestamp::parse("2026-03-02T10:00:00Z").unwrap();
        for (text, expected) in [
            ("2d", Some("2026-02-28T10:00:00Z")),
            ("2026-01-31", Some("2026-01-31T00:00:00Z")),
            (
                "2026-01-31T12:00:00+01:00",
                Some("2026-01-31T12:00:00+01:00"),
            ),
            ("yesterday", None),
            ("2026-13-01", None),
        ] {
            let found = read("--since", text, now).ok().map(|time| time.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
        assert!(span("1d", Some("2d"), now).is_err());
        assert!(span("2027-01-01", None, now).is_err());
        let (_, until) = span("2d", Some("2027-01-01"), now).unwrap();
        assert_eq!(until, now, "the future has no orders");
    }
}
