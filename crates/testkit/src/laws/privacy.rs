//! Law 11: what is printed and logged holds no value of the payload.

use orderbridge_event::tree::Tree;
use orderbridge_event::{Code, Email, Mapped, Source};

use super::clue;
use super::outcome::{Outcome, map, map_body};
use crate::Fixture;
use crate::mutate;

/// A value that occurs nowhere else. The words are those that serde's texts are taken apart by.
const MARKER: &str = "zq7marker, expected zq7marker at line zq7marker";

/// An address with the marker in it, for what only takes addresses.
const MARKED_EMAIL: &str = "zq7marker@example.com";

/// What must not be found.
const TRACE: &str = "zq7marker";

/// Keys whose values name an app or a source of the shop's, never a person. Remarks on the channel
/// may quote them: they are what has to be put into the configuration.
const SHOPS_OWN: &[&str] = &["source_name", "app_id", "tags"];

pub(super) fn privacy(source: &Source, fixture: &Fixture) -> Result<(), String> {
    let outcome = map(source, fixture)?;
    // Names are left to the markers: many a name is also a word.
    let personal = clue::contacts(&fixture.body);
    for said in said(&outcome) {
        let text = said.text.to_lowercase();
        if let Some(value) = personal.iter().find(|value| text.contains(value.as_str())) {
            return Err(format!("{} holds {value}: {}", said.what, said.text));
        }
    }
    let Some(tree) = Tree::parse(&fixture.body) else {
        return Ok(());
    };
    let is_scalar =
        |value: &Tree<'_>| !matches!(value, Tree::Object(_) | Tree::List(_) | Tree::Null);
    for spot in mutate::spots(&tree, is_scalar) {
        let is_shops_own = SHOPS_OWN.contains(&mutate::key(&tree, &spot));
        let text = mutate::value_at(&tree, &spot).and_then(Tree::as_text);
        let is_email = text.is_some_and(|text| Email::parse(text).is_some());
        let markers: &[&str] = if is_email {
            &[MARKER, MARKED_EMAIL]
        } else {
            &[MARKER]
        };
        for marker in markers {
            let marked = Tree::Text((*marker).to_owned());
            let body = mutate::replaced(&tree, &spot, marked);
            let outcome = map_body(source, fixture, &body)?;
            for said in said(&outcome) {
                if said.text.contains(TRACE) && !(is_shops_own && said.about_channel) {
                    let path = mutate::path(&tree, &spot);
                    return Err(format!("{} holds {path}: {}", said.what, said.text));
                }
            }
        }
    }
    Ok(())
}

/// A text that an outcome says to people and logs.
struct Said {
    what: &'static str,
    text: String,
    about_channel: bool,
}

/// All of them. Bodies are not among them: they are where personal data belongs.
fn said(outcome: &Outcome) -> Vec<Said> {
    let say = |what, text: &str| Said {
        what,
        text: text.to_owned(),
        about_channel: false,
    };
    match outcome {
        Err(error) => vec![
            say("the error", &error.to_string()),
            say("the error's debug form", &format!("{error:?}")),
            say("the error's path", error.path()),
            say("the error's message", error.message()),
            say("the error's help", error.help()),
        ],
        Ok(Mapped::Ignored(ignored)) => vec![say("the reason", &ignored.message)],
        Ok(Mapped::Events(events)) => {
            let mut all = vec![Said {
                about_channel: true,
                ..say("the channel's reason", &events.channel().because)
            }];
            for note in events.notes() {
                all.push(Said {
                    about_channel: note.code == Code::ChannelUnknown,
                    ..say("a note", &note.message)
                });
                all.push(say("a note's path", &note.path));
            }
            all
        }
    }
}
