//! The differences between the bodies of events.

use orderbridge_event::tree::Tree;
use orderbridge_event::{Amount, CHANNEL_PROPERTY, Currency};

use super::change::{Change, event_name};
use super::seen::{Seen, text};

/// Amounts of an order, and what people call them.
const AMOUNTS: &[(&str, &str)] = &[
    ("total_price", "total"),
    ("total_tax", "tax"),
    ("total_shipping", "shipping"),
    ("total_discount", "discount"),
    ("total_tip", "tip"),
    ("total_duties", "duties"),
    ("total_fees", "fees"),
    ("total_rounding", "rounding"),
];

/// Values that are nobody's, and what people call them.
const PLAIN: &[(&str, &str)] = &[
    ("event_id", "event_id"),
    ("timestamp", "time"),
    ("currency", "currency"),
    ("coupon", "coupon"),
    ("id", "id"),
];

/// Compares the events of two outcomes: those with the same name, in their order.
pub(super) fn events(before: &Seen<'_, '_>, after: &Seen<'_, '_>, found: &mut Vec<Change>) {
    let mut new: Vec<&Tree<'_>> = after.events().iter().collect();
    let mut gone: Vec<&str> = Vec::new();
    for old in before.events() {
        let name = event_name(old);
        match new.iter().position(|event| event_name(event) == name) {
            Some(place) => {
                let event = new.remove(place);
                of_one(before, after, old, event, found);
            }
            None => gone.push(name),
        }
    }
    let mut new = new.into_iter().map(event_name);
    for old in gone {
        let words = match new.next() {
            Some(new) => format!("event {old} → {new}"),
            None => format!("event {old} gone"),
        };
        push(found, Change::Words(words));
    }
    for new in new {
        push(found, Change::Words(format!("event {new} added")));
    }
}

fn of_one(
    before: &Seen<'_, '_>,
    after: &Seen<'_, '_>,
    old: &Tree<'_>,
    new: &Tree<'_>,
    found: &mut Vec<Change>,
) {
    if old == new {
        return;
    }
    let currency = [new, old].map(|event| event.get("properties").map(|it| text(it, "currency")));
    let currency = currency.into_iter().flatten().find(|text| !text.is_empty());
    let currency = currency.unwrap_or_default();
    for (key, old, new) in fields(old, new) {
        match (old, new) {
            (Some(old @ Tree::Object(_)), Some(new @ Tree::Object(_))) => {
                for (key, old, new) in fields(old, new) {
                    let follows = key == CHANNEL_PROPERTY
                        && old.and_then(Tree::as_text) == Some(before.channel_name())
                        && new.and_then(Tree::as_text) == Some(after.channel_name());
                    if !follows {
                        of_field(key, old, new, currency, found);
                    }
                }
            }
            (old, new) => of_field(key, old, new, currency, found),
        }
    }
}

/// The fields that differ, of both objects.
fn fields<'t, 'a>(
    old: &'t Tree<'a>,
    new: &'t Tree<'a>,
) -> Vec<(&'t str, Option<&'t Tree<'a>>, Option<&'t Tree<'a>>)> {
    let keys = |tree: &'t Tree<'a>| match tree {
        Tree::Object(fields) => fields.as_slice(),
        _ => &[],
    };
    let mut all: Vec<&str> = Vec::new();
    for (key, _) in keys(old).iter().chain(keys(new)) {
        if !all.contains(&key.as_str()) {
            all.push(key);
        }
    }
    all.into_iter()
        .map(|key| (key, old.get(key), new.get(key)))
        .filter(|(_, old, new)| old != new)
        .collect()
}

fn of_field(
    key: &str,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
    currency: &str,
    found: &mut Vec<Change>,
) {
    if let Some((_, what)) = AMOUNTS.iter().find(|(known, _)| *known == key) {
        found.push(Change::Amount {
            what,
            currency: currency.to_owned(),
            before: old.and_then(|old| amount(old, currency)),
            after: new.and_then(|new| amount(new, currency)),
        });
        return;
    }
    let plain = |tree: Option<&Tree<'_>>| tree.and_then(Tree::as_text).map(str::to_owned);
    if let Some((_, what)) = PLAIN.iter().find(|(known, _)| *known == key) {
        found.push(Change::Value {
            what,
            before: plain(old),
            after: plain(new),
        });
        return;
    }
    let words = match (old, new) {
        (Some(Tree::List(old)), Some(Tree::List(new))) => lists(key, old, new),
        (None, _) => format!("{key} added"),
        (_, None) => format!("{key} gone"),
        _ => format!("{key} changed"),
    };
    // What was bought is nobody's name.
    let change = if key == "items" {
        Change::Words(words)
    } else {
        Change::Field(words)
    };
    push(found, change);
}

fn lists(key: &str, old: &[Tree<'_>], new: &[Tree<'_>]) -> String {
    let only = |some: &[Tree<'_>], others: &[Tree<'_>]| {
        some.iter().filter(|item| !others.contains(item)).count()
    };
    match (only(new, old), only(old, new)) {
        (0, 0) => format!("{key} in another order"),
        (added, 0) => format!("{key}: {added} added"),
        (0, gone) => format!("{key}: {gone} gone"),
        (added, gone) if added == gone => format!("{key}: {gone} changed"),
        (added, gone) => format!("{key}: {added} added, {gone} gone"),
    }
}

fn amount(tree: &Tree<'_>, currency: &str) -> Option<Amount> {
    let Tree::Number(digits) = tree else {
        return None;
    };
    let amount = Amount::parse_number(digits)?;
    let currency = Currency::parse(currency);
    Some(currency.map_or(amount, |currency| amount.with_minor_digits(currency)))
}

/// The same words are said once: a buyer's city stands in two objects.
fn push(found: &mut Vec<Change>, change: Change) {
    if !found.contains(&change) {
        found.push(change);
    }
}
