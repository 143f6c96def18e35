//! The numbers that stand for states and classes in the file. They never change.

use super::super::{AttemptClass, State};
use super::Sql;
use super::error::unreadable;

pub(super) const HELD: i64 = 0;
pub(super) const PENDING: i64 = 1;
pub(super) const SENDING: i64 = 2;
pub(super) const DELIVERED: i64 = 3;
pub(super) const PARKED: i64 = 4;
pub(super) const DROPPED: i64 = 5;

pub(super) const FRESH: i64 = 0;
pub(super) const RETRY: i64 = 1;

pub(super) const PAYLOAD_MAPPED: i64 = 0;
pub(super) const PAYLOAD_DROPPED: i64 = 1;
pub(super) const PAYLOAD_PARKED: i64 = 2;
pub(super) const PAYLOAD_REDACTED: i64 = 3;
pub(super) const PAYLOAD_REQUEST: i64 = 4;
pub(super) const PAYLOAD_REQUEST_DONE: i64 = 5;
pub(super) const PAYLOAD_FETCH: i64 = 6;

/// The state of a delivery.
pub(super) fn state(code: i64) -> Sql<State> {
    Ok(match code {
        HELD => State::Held,
        PENDING => State::Pending,
        SENDING => State::Sending,
        DELIVERED => State::Delivered,
        PARKED => State::Parked,
        DROPPED => State::Dropped,
        _ => return Err(unreadable("state")),
    })
}

/// The number of a delivery's state.
pub(super) const fn state_code(state: State) -> i64 {
    match state {
        State::Held => HELD,
        State::Pending => PENDING,
        State::Sending => SENDING,
        State::Delivered => DELIVERED,
        State::Parked => PARKED,
        State::Dropped => DROPPED,
    }
}

/// The state that people see of a payload that became no event.
pub(super) fn payload_state(code: i64) -> Sql<State> {
    match payload_item_state(code) {
        Some(code) => state(code),
        None => Err(unreadable("state")),
    }
}

/// The same, as the number of a delivery's state; `None` for mapped payloads, whose events are
/// the items.
pub(super) const fn payload_item_state(code: i64) -> Option<i64> {
    match code {
        PAYLOAD_PARKED | PAYLOAD_REQUEST => Some(PARKED),
        PAYLOAD_FETCH => Some(PENDING),
        PAYLOAD_DROPPED | PAYLOAD_REDACTED | PAYLOAD_REQUEST_DONE => Some(DROPPED),
        _ => None,
    }
}

/// The number of a class of attempts: its place in [`AttemptClass::ALL`].
pub(super) fn class_code(class: AttemptClass) -> i64 {
    let place = AttemptClass::ALL.iter().position(|known| *known == class);
    place
        .and_then(|place| i64::try_from(place).ok())
        .unwrap_or(-1)
}

/// The class of an attempt, in a word.
pub(super) fn class_name(code: i64) -> Sql<&'static str> {
    let class = usize::try_from(code)
        .ok()
        .and_then(|place| AttemptClass::ALL.get(place));
    class
        .map(|class| class.as_str())
        .ok_or_else(|| unreadable("class"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Files of older versions hold these numbers.
    #[test]
    fn numbers_stay_what_they_are() {
        let states: Vec<i64> = State::ALL.iter().map(|it| state_code(*it)).collect();
        assert_eq!(states, [0, 1, 2, 3, 4, 5]);
        let classes: Vec<&str> = (0..7).map(|code| class_name(code).unwrap()).collect();
        let expected = [
            "delivered",
            "temporary",
            "throttled",
            "unknown",
            "rejected",
            "destination",
            "abandoned",
        ];
        assert_eq!(classes, expected);
    }
}
