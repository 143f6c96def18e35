//! Durations as people write them.

use std::time::Duration;

/// Text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a duration; write a number with its unit, such as 250ms, 30s, 10m, 6h or 7d")]
pub struct InvalidDuration;

/// Text that is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate; write a number from 1 up and a unit of time, such as 100/s or 600/m")]
pub struct InvalidRate;

/// Reads a duration: a whole number and `ms`, `s`, `m`, `h` or `d`. A bare `0` needs no unit.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let text = text.trim();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or(InvalidDuration)?;
    let number: u64 = number.parse().map_err(|_| InvalidDuration)?;
    let millis = unit_millis(unit.trim_start()).ok_or(InvalidDuration)?;
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or(InvalidDuration)
}

/// Text that is not a size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a size; write a number with its unit, such as 512KiB, 2MiB or 10MB")]
pub struct InvalidSize;

/// Reads a size in bytes: a whole number and `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`.
pub fn parse_size(text: &str) -> Result<usize, InvalidSize> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or(InvalidSize)?;
    let number: usize = number.parse().map_err(|_| InvalidSize)?;
    let factor = match unit.trim_start() {
        "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(InvalidSize),
    };
    number.checked_mul(factor).ok_or(InvalidSize)
}

/// The length of a unit of time, by its name.
pub(crate) fn unit_millis(unit: &str) -> Option<u64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

/// A duration for people, in its two largest units: `2m 5s`, `1h`, `450ms`.
pub fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds == 0 {
        return format!("{}ms", duration.as_millis());
    }
    let units = [
        ("d", seconds / 86_400),
        ("h", seconds / 3_600 % 24),
        ("m", seconds / 60 % 60),
        ("s", seconds % 60),
    ];
    let shown: Vec<String> = units
        .iter()
        .skip_while(|(_, count)| *count == 0)
        .take(2)
        .filter(|(_, count)| *count > 0)
        .map(|(unit, count)| format!("{count}{unit}"))
        .collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sizes() {
        for (text, expected) in [
            ("2MiB", 2 << 20),
            ("512 KiB", 524_288),
            ("10MB", 10_000_000),
        ] {
            assert_eq!(parse_size(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "2",
            "MiB",
            "-1MB",
            "2mib",
            "1.5MB",
            "99999999999999999999MB",
        ] {
            assert_eq!(parse_size(text), Err(InvalidSize), "{text}");
        }
    }

    #[test]
    fn reads_durations() {
        for (text, millis) in [
            ("250ms", 250),
            ("5s", 5_000),
            (" 10m ", 600_000),
            ("6h", 21_600_000),
            ("7d", 604_800_000),
            ("0", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "5",
            "-5s",
            "1.5s",
            "5 weeks",
            "99999999999999999999s",
            "é",
        ] {
            assert_eq!(parse_duration(text), Err(InvalidDuration), "{text}");
        }
    }

    #[test]
    fn shows_durations() {
        for (millis, text) in [
            (450, "450ms"),
            (1_000, "1s"),
            (125_000, "2m 5s"),
            (3_600_000, "1h"),
            (90_061_000, "1d 1h"),
        ] {
            assert_eq!(show_duration(Duration::from_millis(millis)), text);
        }
    }
}
