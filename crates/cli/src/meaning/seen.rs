//! An outcome as it is written, read again.

use orderbridge_event::tree::Tree;

/// What became of a payload, as far as it can be read: a snapshot may have been written by hand.
#[derive(Clone, Debug)]
pub(crate) struct Seen<'t, 'a> {
    outcome: &'t Tree<'a>,
}

/// A channel, and who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelSeen<'t> {
    pub(super) value: &'t str,
    pub(super) because: &'t str,
    pub(super) rule: Option<&'t str>,
}

/// Why there is no event: a reason or an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Why<'t> {
    pub(super) code: &'t str,
    pub(super) message: &'t str,
    pub(super) path: &'t str,
    pub(super) rule: Option<&'t str>,
}

impl<'t, 'a> Seen<'t, 'a> {
    pub(crate) const fn new(outcome: &'t Tree<'a>) -> Self {
        Self { outcome }
    }

    /// All outcomes of a document: one, or a list of them.
    pub(crate) fn all(document: &'t Tree<'a>) -> Vec<Self> {
        match document {
            Tree::List(outcomes) => outcomes.iter().map(Self::new).collect(),
            one => vec![Self::new(one)],
        }
    }

    pub(super) fn topic(&self) -> &'t str {
        text(self.outcome, "topic")
    }

    /// `events`, `ignored` or `error`.
    pub(super) fn outcome(&self) -> &'t str {
        text(self.outcome, "outcome")
    }

    pub(super) fn channel(&self) -> Option<ChannelSeen<'t>> {
        let channel = self.outcome.get("channel")?;
        Some(ChannelSeen {
            value: text(channel, "value"),
            because: text(channel, "because"),
            rule: channel.get("rule").and_then(Tree::as_text),
        })
    }

    /// The channel's name; blank where there is no event.
    pub(crate) fn channel_name(&self) -> &'t str {
        self.channel().map_or("", |channel| channel.value)
    }

    pub(super) fn why(&self) -> Why<'t> {
        let why = self.outcome.get("reason").or(self.outcome.get("error"));
        let part = |key| why.map_or("", |why| text(why, key));
        Why {
            code: part("code"),
            message: part("message"),
            path: part("path"),
            rule: why.and_then(|why| why.get("rule")?.as_text()),
        }
    }

    /// Each note as its code and its whole text.
    pub(super) fn notes(&self) -> Vec<(&'t str, &'t Tree<'a>)> {
        let notes = list(self.outcome.get("notes")).iter();
        notes.map(|note| (text(note, "code"), note)).collect()
    }

    /// The bodies of the events.
    pub(crate) fn events(&self) -> &'t [Tree<'a>] {
        list(self.outcome.get("events"))
    }

    /// The first event in a line: its name, channel and total.
    pub(crate) fn in_a_line(&self) -> String {
        let why = self.why();
        match (self.outcome(), self.events().first()) {
            ("events", Some(event)) => {
                let channel = self.channel();
                let channel = channel.map_or_else(String::new, |channel| {
                    format!("  {} because {}", channel.value, channel.because)
                });
                let more = match self.events().len() {
                    1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                format!("{}{more}{channel}", text(event, "event_name"))
            }
            (outcome, _) if why.path.is_empty() => {
                format!("{outcome}  {}  {}", why.code, why.message)
            }
            (outcome, _) => format!("{outcome}  {}  {} {}", why.code, why.path, why.message),
        }
    }
}

impl<'t> Seen<'t, '_> {
    /// The id of the first event's order, or what stands for it.
    pub(crate) fn order(&self) -> Option<&'t str> {
        let event = self.events().first()?;
        let id = event
            .get("properties")
            .and_then(|properties| properties.get("id"));
        id.or(event.get("event_id")).and_then(Tree::as_text)
    }

    /// What it is an example of: its events and channel, or why there are none.
    pub(crate) fn kind(&self) -> String {
        let events = self.events().iter().map(|event| text(event, "event_name"));
        let events: Vec<&str> = events.collect();
        let (channel, code) = (self.channel_name(), self.why().code);
        format!("{} {channel} {code}", events.join("+"))
    }
}

/// The text of a field; blank if there is none.
pub(super) fn text<'t>(tree: &'t Tree<'_>, key: &str) -> &'t str {
    tree.get(key).and_then(Tree::as_text).unwrap_or_default()
}

fn list<'t, 'a>(tree: Option<&'t Tree<'a>>) -> &'t [Tree<'a>] {
    match tree {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}
