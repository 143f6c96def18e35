//! Times. What has no offset is New York's local time, whatever the shop's own zone is.
//!
//! API version 2021-01 writes `2026-06-10T10:05:20` where 2021-11 writes
//! `2026-06-10T14:05:20+00:00`. The rules of the United States are as old as 2007, and older than
//! Recharge, so they stand here instead of a table of all zones.

use orderbridge_event::{Code, MapError, Text, Timestamp};

/// The first year of the rules.
const RULES_SINCE: u32 = 2007;

/// Reads a time, if there is one.
pub(crate) fn parse(path: &str, text: Option<&Text>) -> Result<Option<Timestamp>, MapError> {
    let Some(text) = text else { return Ok(None) };
    match read(text.as_str()) {
        Some(time) => Ok(Some(time)),
        None => Err(MapError::invalid(
            Code::TimeInvalid,
            path,
            "a time such as 2026-06-10T14:05:20+00:00",
        )),
    }
}

/// Reads a time; `None` for what is no time.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).or_else(|| Timestamp::parse(&eastern(text.trim())?))
}

/// The moment that an event id is made of. One API version tells parts of a second and the other
/// does not, nor do they agree on the offset.
pub(crate) fn occurrence(time: Timestamp) -> String {
    let whole = Timestamp::from_unix(time.unix()).unwrap_or(time);
    whole.in_utc().to_string()
}

/// A local time of New York with its offset: `2026-06-10T10:05:20-04:00`.
fn eastern(text: &str) -> Option<String> {
    let (date, clock) = text.split_once(['T', ' '])?;
    let mut date_parts = date.splitn(3, '-').map(str::parse::<u32>);
    let mut next = || date_parts.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let hour: u32 = clock.get(..2)?.parse().ok()?;
    if year < RULES_SINCE {
        return None;
    }
    let offset = if is_daylight(year, month, day, hour) {
        "-04:00"
    } else {
        "-05:00"
    };
    Some(format!("{date}T{clock}{offset}"))
}

/// Whether the clocks are forward: from the second Sunday of March to the first of November, both
/// at two o'clock. The hour that comes twice is taken as its first pass, and the hour that never
/// comes as if the clocks had not been put forward.
fn is_daylight(year: u32, month: u32, day: u32, hour: u32) -> bool {
    let here = (month, day, hour);
    let begin = (3, first_sunday(year, 3) + 7, 3);
    let end = (11, first_sunday(year, 11), 2);
    begin <= here && here < end
}

/// The day of a month's first Sunday.
fn first_sunday(year: u32, month: u32) -> u32 {
    1 + (7 - weekday_of_the_first(year, month)) % 7
}

/// The weekday of the first of a month that comes after February, from Sunday as 0.
///
/// Zeller's congruence, with the day set to one.
fn weekday_of_the_first(year: u32, month: u32) -> u32 {
    let (century, rest) = (year / 100, year % 100);
    let from_saturday =
        (1 + 13 * (month + 1) / 5 + rest + rest / 4 + century / 4 + 5 * century) % 7;
    (from_saturday + 6) % 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_in_both_spellings() {
        // naive, with offset, in UTC
        let table = [
            (
                "2026-06-10T10:05:20",
                "2026-06-10T10:05:20-04:00",
                "2026-06-10T14:05:20+00:00",
            ),
            (
                "2026-01-10T10:05:20",
                "2026-01-10T10:05:20-05:00",
                "2026-01-10T15:05:20+00:00",
            ),
            (
                "2017-02-28 20:31:29",
                "2017-02-28T20:31:29-05:00",
                "2017-03-01T01:31:29Z",
            ),
            (
                "2026-06-10T10:05:20.5",
                "2026-06-10T10:05:20.500-04:00",
                "2026-06-10T14:05:20.5Z",
            ),
            // The spring of 2026: two o'clock is three o'clock.
            (
                "2026-03-08T01:59:59",
                "2026-03-08T01:59:59-05:00",
                "2026-03-08T06:59:59Z",
            ),
            (
                "2026-03-08T03:00:00",
                "2026-03-08T03:00:00-04:00",
                "2026-03-08T07:00:00Z",
            ),
            (
                "2026-03-08T02:30:00",
                "2026-03-08T02:30:00-05:00",
                "2026-03-08T07:30:00Z",
            ),
            // The autumn: the hour before two comes twice.
            (
                "2026-11-01T00:59:59",
                "2026-11-01T00:59:59-04:00",
                "2026-11-01T04:59:59Z",
            ),
            (
                "2026-11-01T01:30:00",
                "2026-11-01T01:30:00-04:00",
                "2026-11-01T05:30:00Z",
            ),
            (
                "2026-11-01T02:00:00",
                "2026-11-01T02:00:00-05:00",
                "2026-11-01T07:00:00Z",
            ),
        ];
        for (naive, expected, utc) in table {
            let time = read(naive).unwrap();
            assert_eq!(time.to_string(), expected, "{naive}");
            assert_eq!(time, Timestamp::parse(utc).unwrap(), "{naive}");
        }
    }

    #[test]
    fn the_clocks_change_on_the_right_sundays() {
        // From the almanac: year, day of March, day of November.
        let table = [
            (2007, 11, 4),
            (2014, 9, 2),
            (2015, 8, 1),
            (2016, 13, 6),
            (2019, 10, 3),
            (2020, 8, 1),
            (2021, 14, 7),
            (2022, 13, 6),
            (2023, 12, 5),
            (2024, 10, 3),
            (2025, 9, 2),
            (2026, 8, 1),
            (2027, 14, 7),
            (2032, 14, 7),
            (2100, 14, 7),
        ];
        for (year, march, november) in table {
            assert_eq!(first_sunday(year, 3) + 7, march, "{year}");
            assert_eq!(first_sunday(year, 11), november, "{year}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2026-06-10",
            "2026-13-10T10:05:20",
            "2026-06-31T10:05:20",
            "noon",
            "2006-06-10T10:05:20",
            "2026-06-10T25:00:00",
            "2026-06-10T10:05:20 PM",
            "T",
            "é-é-éTéé",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_has_one_spelling_of_a_moment() {
        let of = |text: &str| occurrence(read(text).unwrap());
        assert_eq!(of("2026-06-10T10:05:20"), "2026-06-10T14:05:20Z");
        assert_eq!(
            of("2026-06-10T14:05:20.123456+00:00"),
            "2026-06-10T14:05:20Z"
        );
    }
}
