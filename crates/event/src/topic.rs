//! What a platform's payloads are about, and what an adapter does with each.

use crate::EventName;

/// A topic, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// The platform's name for it; `*` stands for any text.
    pub name: &'static str,
    /// The events it may make; none when it is known and ignored.
    pub events: &'static [EventName],
    /// What becomes of it, in a few words.
    pub remark: &'static str,
}

impl Topic {
    /// Finds a topic by name in a list: an exact one, else the first pattern that fits.
    pub fn find<'a>(topics: &'a [Self], name: &str) -> Option<&'a Self> {
        find(topics, |topic| topic.name, name)
    }
}

/// A row of an adapter's table of topics: the topic, and what the adapter does with it.
#[derive(Clone, Copy, Debug)]
pub struct Route<A> {
    /// The topic.
    pub topic: Topic,
    /// What is done with it.
    pub action: A,
}

impl<A: Copy> Route<A> {
    /// A row.
    pub const fn new(
        name: &'static str,
        events: &'static [EventName],
        action: A,
        remark: &'static str,
    ) -> Self {
        let topic = Topic {
            name,
            events,
            remark,
        };
        Self { topic, action }
    }

    /// Finds the row of a topic: an exact name, else the first pattern that fits.
    pub fn find<'a>(routes: &'a [Self], name: &str) -> Option<&'a Self> {
        find(routes, |route| route.topic.name, name)
    }

    /// The topics of a table, for the profile: `&Route::topics::<{ ROUTES.len() }>(ROUTES)`.
    #[expect(
        clippy::indexing_slicing,
        reason = "const code has no `get`; a table of another length does not compile"
    )]
    pub const fn topics<const N: usize>(routes: &[Self]) -> [Topic; N] {
        let mut topics = [Topic {
            name: "",
            events: &[],
            remark: "",
        }; N];
        let mut at = 0;
        while at < routes.len() {
            topics[at] = routes[at].topic;
            at += 1;
        }
        topics
    }
}

/// An exact name before a pattern.
fn find<'a, T>(list: &'a [T], pattern: impl Fn(&T) -> &'static str, name: &str) -> Option<&'a T> {
    let exact = list.iter().find(|item| pattern(item) == name);
    exact.or_else(|| list.iter().find(|item| matches(pattern(item), name)))
}

/// Whether a name fits a pattern in which each `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, pattern)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut rest) = name.strip_prefix(start) else {
        return false;
    };
    // The last piece has to be the name's end; the ones between are found one after the other.
    let (between, end) = pattern.rsplit_once('*').unwrap_or(("", pattern));
    for piece in between.split('*') {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.ends_with(end)
}
