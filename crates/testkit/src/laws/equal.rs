//! Laws 1 to 3: what must not make a difference.

use orderbridge_event::Source;
use orderbridge_event::tree::Tree;

use super::outcome::{Outcome, brief, map, map_body, same};
use crate::Fixture;
use crate::mutate::{self, End, Order, Spot};

pub(super) fn repeatable(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let first = map(source, fixture)?;
    let second = map(source, fixture)?;
    expect_same(&first, &second, "mapping it again")
}

pub(super) fn layout(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(tree) = Tree::parse(&fixture.body) else {
        return Ok(());
    };
    let outcome = map(source, fixture)?;
    for (body, what) in [
        (mutate::dense(&tree), "no white space"),
        (mutate::spaced(&tree), "white space everywhere"),
        (mutate::escaped(&tree), "strings of escapes"),
    ] {
        let changed = map_body(source, fixture, &body)?;
        expect_same(&outcome, &changed, what)?;
    }
    for order in Order::ALL {
        let changed = map_body(source, fixture, &mutate::reordered(&tree, *order))?;
        // Of two faults, whichever is read first is told: with other keys first, the other one.
        let both_fail = outcome.is_err() && changed.is_err();
        if !both_fail {
            expect_same(&outcome, &changed, &format!("another order ({order:?})"))?;
        }
    }
    Ok(())
}

/// Not a key of any platform.
const UNKNOWN: &str = "orderbridge_unknown_key";

pub(super) fn unknown_keys(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(tree) = Tree::parse(&fixture.body) else {
        return Ok(());
    };
    let outcome = map(source, fixture)?;
    // An empty object may stand for an empty list, and then has no place for a key.
    let objects = mutate::spots(
        &tree,
        |value| matches!(value, Tree::Object(fields) if !fields.is_empty()),
    );
    for (place, object) in objects.iter().enumerate() {
        for end in ends(object, place) {
            let field = (UNKNOWN, value(place));
            let body = mutate::with_field(&tree, object, field, *end);
            let changed = map_body(source, fixture, &body)?;
            let path = mutate::path(&tree, object);
            expect_same(
                &outcome,
                &changed,
                &format!("an unknown key in {path} ({end:?})"),
            )?;
        }
    }
    Ok(())
}

/// Both ends of the whole document, and of inner objects one or the other.
fn ends(object: &Spot, place: usize) -> &'static [End] {
    match (*object == Spot::ROOT, place % 2) {
        (true, _) => &[End::First, End::Last],
        (false, 0) => &[End::First],
        (false, _) => &[End::Last],
    }
}

/// Values of each kind in turn.
fn value(place: usize) -> Tree<'static> {
    let text = Tree::Text("1.00".to_owned());
    match place % 5 {
        0 => Tree::Object(vec![("id".to_owned(), text)]),
        1 => text,
        2 => Tree::List(vec![text, Tree::Null]),
        3 => Tree::Number("1e400"),
        _ => Tree::Null,
    }
}

fn expect_same(before: &Outcome, after: &Outcome, what: &str) -> Result<(), String> {
    if same(before, after) {
        return Ok(());
    }
    let (before, after) = (brief(before), brief(after));
    Err(format!("{what} makes a difference: {before}, then {after}"))
}
