//! Times: with an offset or not at all.

use orderbridge_event::Timestamp;
use proptest::prelude::*;

/// From the year 0 to the year 9999.
const SECONDS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;

proptest! {
    #[test]
    fn printing_inverts_parsing(seconds in SECONDS, nanos in 0..1_000_000_000_u32) {
        let whole = Timestamp::from_unix(seconds).unwrap();
        prop_assert_eq!(whole.unix(), seconds);
        prop_assert_eq!(Timestamp::parse(&whole.to_string()), Some(whole));

        let text = whole.to_string().replace('Z', &format!(".{nanos:09}Z"));
        let exact = Timestamp::parse(&text).unwrap();
        prop_assert_eq!(exact.unix(), seconds);
        prop_assert_eq!(Timestamp::parse(&exact.to_string()), Some(exact));
    }

    #[test]
    fn an_offset_is_kept_and_changes_no_instant(
        seconds in 0..4_000_000_000_i64,
        hours in 0..=14_i64,
        minutes in proptest::sample::select(vec![0_i64, 15, 30, 45]),
        west in any::<bool>(),
    ) {
        let sign = if west { -1 } else { 1 };
        let local = Timestamp::from_unix(seconds + sign * (hours * 3600 + minutes * 60)).unwrap();
        let offset = format!("{}{hours:02}:{minutes:02}", if west { '-' } else { '+' });
        let text = local.to_string().replace('Z', &offset);
        let time = Timestamp::parse(&text).unwrap();
        prop_assert_eq!(time.unix(), seconds);
        prop_assert_eq!(Some(time), Timestamp::from_unix(seconds));
        prop_assert_eq!(time.in_utc().to_string(), Timestamp::from_unix(seconds).unwrap().to_string());
        let printed = text.replace("+00:00", "Z").replace("-00:00", "Z");
        prop_assert_eq!(time.to_string(), printed);
    }

    #[test]
    fn any_text_is_a_time_or_none(text in ".{0,40}") {
        let _ = Timestamp::parse(&text);
    }
}

#[test]
fn good_times() {
    for (text, printed) in [
        ("2026-11-02T10:15:30-05:00", "2026-11-02T10:15:30-05:00"),
        (" 2026-11-02T10:15:30Z\n", "2026-11-02T10:15:30Z"),
        ("2026-11-02t10:15:30z", "2026-11-02T10:15:30Z"),
        ("2026-11-02 10:15:30+00:00", "2026-11-02T10:15:30Z"),
        (
            "2026-11-02T10:15:30.5+05:45",
            "2026-11-02T10:15:30.500+05:45",
        ),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z"),
    ] {
        let time = Timestamp::parse(text).map(|time| time.to_string());
        assert_eq!(time.as_deref(), Some(printed), "{text:?}");
    }
}

#[test]
fn what_is_no_time() {
    for text in [
        "",
        "2026-11-02",
        "2026-11-02T10:15:30",
        "2026-11-02T10:15:30 America/New_York",
        "2026-11-02T10:15Z",
        "2026-11-02T10:15:30-0500",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-02T24:00:00Z",
        "02/11/2026 10:15",
        "1793612130",
    ] {
        assert_eq!(Timestamp::parse(text), None, "{text:?}");
    }
    // Milliseconds would be a time in the year 58 000.
    assert_eq!(Timestamp::from_unix(1_793_612_130_000), None);
    assert_eq!(Timestamp::from_unix(i64::MAX), None);
    assert_eq!(Timestamp::from_unix(i64::MIN), None);
}
