//! The books find what they are kept for.

use std::time::Duration;

use super::ledger::{Ended, Fate, Ledger, Receipt, Stored, Violation};
use super::orders::{Expected, Key};
use super::plan::Kind;

fn key(order: u64) -> Key {
    ("Placed Order".to_owned(), order.to_string())
}

fn at(second: u64) -> Duration {
    Duration::from_secs(second)
}

fn receipt(process: usize, second: u64, fate: Fate) -> Receipt {
    Receipt {
        process,
        at: at(second),
        digest: 7,
        fate,
    }
}

fn item(order: u64, state: &str, reason: Option<&str>) -> Stored {
    Stored {
        id: format!("d{order}"),
        state: state.to_owned(),
        reason: reason.map(str::to_owned),
        key: Some(key(order)),
        order: None,
    }
}

/// One order of each kind, all of them as they should be: order 1 is good, 2 is refused, 3 cannot
/// be mapped, 4 has a wrong signature, 5 is too large. Process 0 is killed at second 20, process 1
/// finishes.
fn books() -> (Ledger, Vec<Stored>) {
    let mut ledger = Ledger::default();
    let kinds = [
        (Kind::Good, 200),
        (Kind::Refused, 200),
        (Kind::Unmappable, 200),
        (Kind::Unsigned, 401),
        (Kind::TooLarge, 413),
    ];
    for (order, (kind, status)) in (1..).zip(kinds) {
        let key = key(order);
        let events = match kind {
            Kind::Unmappable => Vec::new(),
            _ => vec![Expected { key, digest: 7 }],
        };
        ledger.post(order, kind, events);
        ledger.answer(order, status);
    }
    ledger.receive(Some(&key(1)), receipt(0, 15, Fate::Accepted));
    ledger.receive(Some(&key(2)), receipt(0, 15, Fate::Refused));
    ledger.end(Ended::Killed(at(20)));
    ledger.end(Ended::Finished);
    let payload = Stored {
        id: "p3".to_owned(),
        state: "parked".to_owned(),
        reason: Some("amount.invalid".to_owned()),
        key: None,
        order: Some(3),
    };
    let stored = vec![
        item(1, "delivered", None),
        item(2, "parked", Some("rejected")),
        payload,
    ];
    (ledger, stored)
}

fn wrong(ledger: &Ledger, stored: &[Stored]) -> Vec<Violation> {
    ledger.close(stored).0
}

#[test]
fn good_books_are_closed_without_a_word() {
    let (ledger, stored) = books();
    let (wrong, figures) = ledger.close(&stored);
    assert_eq!(wrong, []);
    assert_eq!(
        (figures.acknowledged, figures.delivered, figures.parked),
        (3, 1, 2)
    );
}

#[test]
fn a_lost_event_is_found_wherever_it_went() {
    let (ledger, stored) = books();
    let lost = |found: &str| Violation::Lost {
        order: 1,
        key: key(1),
        found: found.to_owned(),
    };
    assert_eq!(wrong(&ledger, &stored[1..]), [lost("nothing")]);
    for state in ["pending", "parked", "dropped", "sending"] {
        let mut stored = stored.clone();
        stored[0].state = state.to_owned();
        assert_eq!(wrong(&ledger, &stored), [lost(state)]);
    }
    // What was never answered with 200 is nobody's claim.
    let mut ledger = ledger;
    ledger.post(9, Kind::Good, vec![]);
    ledger.answer(9, 0);
    ledger.answer(9, 503);
    assert_eq!(wrong(&ledger, &stored), []);
}

#[test]
fn a_refused_event_is_parked_for_that_reason_and_an_unmappable_order_too() {
    let (ledger, stored) = books();
    let mut other = stored.clone();
    other[1].reason = Some("expired".to_owned());
    assert!(matches!(
        wrong(&ledger, &other)[..],
        [Violation::Lost { order: 2, .. }]
    ));
    let found = wrong(&ledger, &stored[..2]);
    assert_eq!(found, [Violation::NotParked { order: 3 }]);
}

#[test]
fn delivered_is_only_what_was_taken() {
    for fate in [Fate::Cut, Fate::PutOff, Fate::Refused] {
        let (mut ledger, stored) = books();
        ledger.post(
            9,
            Kind::Good,
            vec![Expected {
                key: key(9),
                digest: 7,
            }],
        );
        ledger.receive(Some(&key(9)), receipt(0, 15, fate));
        let stored = [stored, vec![item(9, "delivered", None)]].concat();
        let found = wrong(&ledger, &stored);
        assert_eq!(found, [Violation::NeverTaken { key: key(9) }], "{fate:?}");
    }
}

#[test]
fn an_invented_event_is_found_on_the_wire_and_in_the_store() {
    let (mut ledger, mut stored) = books();
    ledger.receive(Some(&key(77)), receipt(0, 15, Fate::Accepted));
    // Nothing may come of a wrong signature, nor of what is too large.
    ledger.receive(Some(&key(4)), receipt(0, 15, Fate::Accepted));
    stored.push(item(5, "pending", None));
    // And each event is there once.
    stored.push(item(1, "delivered", None));
    let invented = |order| Violation::Invented { key: key(order) };
    let in_store = |id: &str| Violation::InventedInStore { id: id.to_owned() };
    let expected = [invented(4), invented(77), in_store("d1"), in_store("d5")];
    assert_eq!(wrong(&ledger, &stored), expected);

    let (mut ledger, stored) = books();
    ledger.receive(None, receipt(0, 15, Fate::Accepted));
    assert!(matches!(wrong(&ledger, &stored)[..], [Violation::Sum(_)]));
}

#[test]
fn other_bytes_are_found_whether_they_always_differ_or_only_once() {
    let (mut ledger, stored) = books();
    let mut other = receipt(1, 25, Fate::PutOff);
    other.digest = 8;
    ledger.receive(Some(&key(2)), other.clone());
    let content = Violation::OtherContent { key: key(2) };
    let differs = Violation::Differs { key: key(2) };
    assert_eq!(wrong(&ledger, &stored), [content.clone(), differs]);

    let (mut ledger, stored) = books();
    ledger.post(
        9,
        Kind::Good,
        vec![Expected {
            key: key(9),
            digest: 7,
        }],
    );
    for second in [25, 26] {
        let at = at(second);
        let fate = Fate::PutOff;
        ledger.receive(
            Some(&key(9)),
            Receipt {
                at,
                fate,
                ..other.clone()
            },
        );
    }
    assert_eq!(
        wrong(&ledger, &stored),
        [Violation::OtherContent { key: key(9) }]
    );
}

#[test]
fn a_repetition_needs_a_reason() {
    let unexplained = |first, again| Violation::Unexplained {
        key: key(1),
        first,
        again,
    };
    // The same process sends again what it was told is there.
    let (mut ledger, stored) = books();
    ledger.receive(Some(&key(1)), receipt(0, 16, Fate::Accepted));
    assert_eq!(wrong(&ledger, &stored), [unexplained(0, 0)]);
    // The next one may, after a kill that came soon after.
    let (mut ledger, stored) = books();
    ledger.receive(Some(&key(1)), receipt(1, 22, Fate::Accepted));
    let (found, figures) = ledger.close(&stored);
    assert_eq!((found, figures.repeated), (vec![], 1));
    // A third has no such excuse: the second finished in peace.
    ledger.receive(Some(&key(1)), receipt(2, 40, Fate::Accepted));
    assert_eq!(wrong(&ledger, &stored), [unexplained(1, 2)]);
    // Nor has one after a kill that came much later.
    let (mut ledger, mut stored) = books();
    ledger.post(
        9,
        Kind::Good,
        vec![Expected {
            key: key(9),
            digest: 7,
        }],
    );
    ledger.receive(Some(&key(9)), receipt(0, 5, Fate::Accepted));
    ledger.receive(Some(&key(9)), receipt(1, 22, Fate::Accepted));
    stored.push(item(9, "delivered", None));
    let late = Violation::Unexplained {
        key: key(9),
        first: 0,
        again: 1,
    };
    assert_eq!(wrong(&ledger, &stored), [late]);
    // A person may ask for anything.
    ledger.replay(key(9));
    assert_eq!(wrong(&ledger, &stored), []);
}

#[test]
fn what_was_cut_put_off_or_late_is_sent_again() {
    for fate in [Fate::Cut, Fate::PutOff, Fate::Late] {
        let (mut ledger, mut stored) = books();
        ledger.post(
            9,
            Kind::Good,
            vec![Expected {
                key: key(9),
                digest: 7,
            }],
        );
        ledger.receive(Some(&key(9)), receipt(1, 25, fate));
        ledger.receive(Some(&key(9)), receipt(1, 26, Fate::Accepted));
        stored.push(item(9, "delivered", None));
        assert_eq!(wrong(&ledger, &stored), [], "{fate:?}");
    }
    // An answer that could not be written was none.
    let (mut ledger, stored) = books();
    let number = ledger.receive(Some(&key(1)), receipt(0, 16, Fate::Accepted));
    ledger.receive(Some(&key(1)), receipt(0, 17, Fate::Accepted));
    ledger.cut(Some(&key(1)), 0);
    ledger.cut(Some(&key(1)), number);
    assert_eq!(wrong(&ledger, &stored), []);
}

#[test]
fn wrong_answers_are_found() {
    for (kind, status) in [
        (Kind::Good, 401),
        (Kind::Good, 500),
        (Kind::Unsigned, 200),
        (Kind::TooLarge, 200),
        (Kind::Unmappable, 400),
    ] {
        let (mut ledger, stored) = books();
        ledger.post(9, kind, vec![]);
        ledger.answer(9, status);
        let found = wrong(&ledger, &stored);
        let order = 9;
        let expected = Violation::WrongAnswer {
            order,
            kind,
            status,
        };
        assert!(found.contains(&expected), "{found:?}");
    }
}
