//! What a payload holds, found without knowing its platform.

use orderbridge_event::tree::Tree;
use orderbridge_event::{Email, Event, Phone, Text, Timestamp};

use crate::mutate;

/// The keys under which platforms send what a person is called.
const NAME_KEYS: &[&str] = &[
    "first_name",
    "last_name",
    "firstname",
    "lastname",
    "full_name",
];

/// A shorter name could stand in a word by chance.
const SHORTEST_NAME: usize = 3;

/// E-mail addresses and phone numbers of a payload, in lower case.
pub(super) fn contacts(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    each_text(body, |_, text| {
        if Email::parse(text).is_some() {
            push(&mut found, text);
        }
        // Without its plus a number of a payload is an id as likely as not.
        if text.trim().starts_with('+')
            && let Some(phone) = Phone::parse(text)
        {
            push(&mut found, text);
            push(&mut found, phone.as_str().trim_start_matches('+'));
        }
    });
    found
}

/// What people in a payload are called, in lower case.
pub(super) fn names(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    each_text(body, |key, text| {
        if NAME_KEYS.contains(&key.to_lowercase().as_str()) {
            push(&mut found, text);
        }
    });
    found
}

fn each_text(body: &[u8], mut look: impl FnMut(&str, &str)) {
    let Some(tree) = Tree::parse(body) else {
        return;
    };
    for spot in mutate::spots(&tree, |value| matches!(value, Tree::Text(_))) {
        if let Some(text) = mutate::value_at(&tree, &spot).and_then(Tree::as_text) {
            look(mutate::key(&tree, &spot), text);
        }
    }
}

/// E-mail address, phone number and names of an event, in lower case.
pub(super) fn of_event(event: &Event) -> Vec<String> {
    let mut found = Vec::new();
    let email = event.contact.email.as_ref().map(Email::as_str);
    let phone = event.contact.phone.as_ref().map(Phone::as_str);
    let phone = phone.map(|phone| phone.trim_start_matches('+'));
    let names = [&event.names.first, &event.names.last];
    let names = names.into_iter().flatten().map(Text::as_str);
    for text in email.into_iter().chain(phone).chain(names) {
        push(&mut found, text);
    }
    found
}

fn push(found: &mut Vec<String>, text: &str) {
    let text = text.trim().to_lowercase();
    if text.chars().count() >= SHORTEST_NAME {
        found.push(text);
    }
}

/// Whether a time is one that a payload tells by a local clock, without an offset: `2026-06-10` and
/// `10:05:20` with a `T` or a space between. Which clock that is, the platform's page says.
pub(super) fn is_local_time(body: &[u8], time: Timestamp) -> bool {
    let shown = time.to_string();
    let mut found = false;
    each_text(body, |_, text| {
        let text = text.trim().replace(' ', "T");
        // Date and clock to the second; a fraction may be written in more digits or fewer.
        let is_time = text.len() >= 19 && text.is_char_boundary(19) && !text.ends_with('Z');
        found |= is_time && shown.starts_with(text.get(..19).unwrap_or_default());
    });
    found
}

/// The times of a payload: RFC 3339 text, or Unix seconds of ten digits.
pub(super) fn times(body: &[u8]) -> Vec<Timestamp> {
    let Some(tree) = Tree::parse(body) else {
        return Vec::new();
    };
    let read = |spot| match mutate::value_at(&tree, &spot)? {
        Tree::Text(text) => Timestamp::parse(text),
        Tree::Number(digits) if digits.len() == 10 => Timestamp::from_unix(digits.parse().ok()?),
        _ => None,
    };
    let spots = mutate::spots(&tree, |value| {
        matches!(value, Tree::Text(_) | Tree::Number(_))
    });
    spots.into_iter().filter_map(read).collect()
}
