//! Laws 4 and 5: bodies that lack something.

use orderbridge_event::tree::Tree;
use orderbridge_event::{Mapped, Source};

use super::outcome::{Outcome, brief, map_body};
use crate::Fixture;
use crate::mutate;

pub(super) fn missing_keys(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let Some(tree) = Tree::parse(&fixture.body) else {
        return Ok(());
    };
    for field in mutate::fields(&tree) {
        for (body, what) in [
            (mutate::without(&tree, &field), "without"),
            (mutate::nulled(&tree, &field), "with null for"),
        ] {
            let told = |why: String| format!("{what} {}: {why}", mutate::path(&tree, &field));
            let outcome = map_body(source, fixture, &body).map_err(told)?;
            names_a_path(&outcome).map_err(told)?;
        }
    }
    Ok(())
}

fn names_a_path(outcome: &Outcome) -> Result<(), String> {
    match outcome {
        Err(error) if error.path().trim().is_empty() => Err("the error names no path".to_owned()),
        _ => Ok(()),
    }
}

/// Bodies up to this length are cut at each byte.
const SMALL: usize = 512;

/// How many cuts a larger one gets. The rest of its bytes are left to the fuzzer.
const CUTS: usize = 256;

pub(super) fn truncation(source: &Source, fixture: &Fixture) -> Result<(), String> {
    // Without the white space at its end a document is still whole.
    let document = fixture.body.trim_ascii_end();
    let stride = match document.len() {
        ..=SMALL => 1,
        length => length / CUTS,
    };
    // The last bytes are the ones where a lenient reader would already be content.
    let last = document.len().saturating_sub(8)..document.len();
    for length in (0..document.len()).step_by(stride).chain(last) {
        let told = |why: String| format!("cut off at byte {length}: {why}");
        let body = mutate::truncated(document, length);
        let outcome = map_body(source, fixture, body).map_err(told)?;
        if matches!(outcome, Ok(Mapped::Events(_))) {
            return Err(told(brief(&outcome)));
        }
        names_a_path(&outcome).map_err(told)?;
    }
    Ok(())
}
