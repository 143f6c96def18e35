//! Paths: `/webhooks/<source>` and `/webhooks/<source>/<topic…>`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A path that is longer is nobody's.
const LONGEST: usize = 1024;

/// The parts of a webhook's path, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// The source's name.
    pub(crate) source: Cow<'a, str>,
    /// The topic, where the path names one.
    pub(crate) topic: Option<Cow<'a, str>>,
}

/// Takes a path apart; `None` for one that leads nowhere.
pub(crate) fn parse(path: &str) -> Option<Parts<'_>> {
    if path.len() > LONGEST {
        return None;
    }
    let rest = path.strip_prefix("/webhooks/")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (source, topic) = match rest.split_once('/') {
        Some((source, topic)) => (source, Some(decode(topic)?)),
        None => (rest, None),
    };
    // A topic may have slashes; a source's name is one segment.
    let source = decode(source).filter(|source| !source.contains('/'))?;
    Some(Parts { source, topic })
}

/// Decodes `%2F` and the like. Control characters, broken UTF-8, and segments that walk about are
/// refused: no source or topic has them.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let text = if text.contains('%') {
        percent_decode_str(text).decode_utf8().ok()?
    } else {
        Cow::Borrowed(text)
    };
    let strange = text.chars().any(char::is_control);
    let walks = text
        .split('/')
        .any(|segment| matches!(segment, "" | "." | ".."));
    (!strange && !walks).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str) -> Option<(String, Option<String>)> {
        parse(path).map(|parts| {
            let topic = parts.topic.map(Cow::into_owned);
            (parts.source.into_owned(), topic)
        })
    }

    #[test]
    fn finds_source_and_topic() {
        let both = |source: &str, topic: &str| Some((source.to_owned(), Some(topic.to_owned())));
        let one = |source: &str| Some((source.to_owned(), None));
        assert_eq!(parts("/webhooks/us-store"), one("us-store"));
        assert_eq!(parts("/webhooks/us-store/"), one("us-store"));
        assert_eq!(parts("/webhooks/us%20store"), one("us store"));
        assert_eq!(parts("/webhooks/re/charge/paid"), both("re", "charge/paid"));
        assert_eq!(
            parts("/webhooks/re/charge%2Fpaid"),
            both("re", "charge/paid")
        );
    }

    #[test]
    fn bad_paths_lead_nowhere() {
        let long = format!("/webhooks/us/{}", "a".repeat(LONGEST));
        for path in [
            "",
            "/",
            "/webhooks",
            "/webhooks/",
            "/webhooks//",
            "/webhooks/../admin",
            "/webhooks/us/../../etc/passwd",
            "/webhooks/us/%2e%2e/x",
            "/webhooks/us/.",
            "/webhooks/us//x",
            "/webhooks/us%00",
            "/webhooks/us/a%0d%0ab",
            "/webhooks/us/%ff",
            "/webhooks/us%2Fx",
            "/Webhooks/us",
            long.as_str(),
        ] {
            assert_eq!(parts(path), None, "{path}");
        }
    }
}
