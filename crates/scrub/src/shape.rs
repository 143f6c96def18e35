//! What is somebody's by its shape, wherever it stands: addresses of mail, of machines, of pages,
//! and numbers that begin with a plus.

use std::net::IpAddr;

use orderbridge_event::{Email, Phone};

use crate::{fake, url};

/// The text with all of these replaced.
pub(crate) fn scrubbed(text: &str, shared: &[String]) -> String {
    if url::is_url(text) {
        return url::scrubbed(text);
    }
    phones(&pieces(text, shared))
}

/// Replaces what stands between white space and the like.
fn pieces(text: &str, shared: &[String]) -> String {
    if !text.contains(['@', '.', ':']) {
        return text.to_owned();
    }
    let is_end = |letter: char| letter.is_whitespace() || "<>()[]{},;\"'|".contains(letter);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        out.push_str(&one(piece, shared));
        let next = after.find(|letter| !is_end(letter)).unwrap_or(after.len());
        let (between, more) = after.split_at(next);
        out.push_str(between);
        rest = more;
    }
    out
}

fn one(piece: &str, shared: &[String]) -> String {
    let end = piece.trim_end_matches(['.', ':', '!', '?']).len();
    let (core, mark) = piece.split_at(end);
    let (label, core) = match core.rsplit_once([':', '=']) {
        // As in mailto:jane@example.com, but not in the address of a machine.
        Some((label, rest)) if rest.contains('@') => (core.split_at(label.len() + 1).0, rest),
        _ => ("", core),
    };
    let is_address = core.len() > 6 && core.parse::<IpAddr>().is_ok();
    let fake = if core.contains('@') && Email::parse(core).is_some() {
        fake::email(core, shared)
    } else if is_address {
        fake::ip(core)
    } else if url::is_url(core) {
        url::scrubbed(core)
    } else {
        core.to_owned()
    };
    format!("{label}{fake}{mark}")
}

/// Replaces phone numbers with their country.
fn phones(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('+') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let is_part = |letter: char| letter.is_ascii_digit() || " -.()/+".contains(letter);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        let number_end = number
            .trim_end_matches(|it: char| !it.is_ascii_digit())
            .len();
        let (number, tail) = number.split_at(number_end);
        if Phone::parse(number).is_some() {
            out.push_str(&fake::phone(number));
        } else {
            out.push_str(number);
        }
        out.push_str(tail);
        rest = after;
    }
    out.push_str(rest);
    out
}
