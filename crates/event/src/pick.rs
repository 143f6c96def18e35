//! The first of several fields that is what it should be; what was passed over is noted.

use crate::{Code, Email, Note, Phone, Text};

/// A field's path and its text, if it has one.
pub type Told<'a> = (&'static str, Option<&'a Text>);

/// The first address that is the buyer's own.
pub fn first_email(places: &[Told<'_>], shared: &[String], notes: &mut Vec<Note>) -> Option<Email> {
    let mut remark = None;
    for (path, text) in places {
        let Some(text) = text else { continue };
        match Email::parse(text.as_str()) {
            Some(email) if email.is_placeholder(shared) => {
                let message = "a placeholder or shared address is left out";
                remark = remark.or(Some(Note::new(Code::EmailShared, message, *path)));
            }
            Some(email) => return Some(email),
            None => {
                let message = "not an e-mail address";
                remark = remark.or(Some(Note::new(Code::EmailInvalid, message, *path)));
            }
        }
    }
    notes.extend(remark);
    None
}

/// The first phone number that is one.
pub fn first_phone(places: &[Told<'_>], notes: &mut Vec<Note>) -> Option<Phone> {
    let mut refused = None;
    for (path, text) in places {
        let Some(text) = text else { continue };
        match Phone::parse(text.as_str()) {
            Some(phone) => return Some(phone),
            None => refused = refused.or(Some(*path)),
        }
    }
    if let Some(path) = refused {
        let message = "not a phone number with its country code";
        notes.push(Note::new(Code::PhoneInvalid, message, path));
    }
    None
}
