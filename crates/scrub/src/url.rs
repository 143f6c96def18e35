//! Addresses of pages: what opens somebody's order is taken out, the page stays.

use crate::fake;

/// What may stay behind a question mark: where a visit came from, and ids.
const PLAIN: &[&str] = &[
    "source",
    "ref",
    "variant",
    "subscription",
    "charge",
    "invoice",
];

/// The shortest part of a path that may be a key.
const SHORTEST_KEY: usize = 16;

/// Whether a text is an address of a page, whole or from its path on.
pub(crate) fn is_url(text: &str) -> bool {
    let is_whole = text.starts_with("https://") || text.starts_with("http://");
    (is_whole || (text.starts_with('/') && text.contains('?'))) && !text.contains(' ')
}

/// The same page without keys and without what was asked of it.
pub(crate) fn scrubbed(text: &str) -> String {
    let (text, fragment) = text
        .split_once('#')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let (path, query) = text
        .split_once('?')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    let (scheme, rest) = match path.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), path),
    };
    let mut parts = rest.split('/');
    let host = parts.next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let mut out = scheme + host;
    for part in parts {
        out.push('/');
        let is_key = part.len() >= SHORTEST_KEY && part.contains(|it: char| it.is_ascii_digit());
        out.push_str(&if is_key || part.contains('@') {
            fake::token(part)
        } else {
            part.to_owned()
        });
    }
    if let Some(query) = query {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((key, value)) if !key.starts_with("utm_") && !PLAIN.contains(&key) => {
                // An escape that is taken apart is none any more.
                format!("{key}={}", fake::token(value).replace('%', "x"))
            }
            _ => pair.to_owned(),
        });
        out.push('?');
        out.push_str(&pairs.collect::<Vec<_>>().join("&"));
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(&fake::token(fragment));
    }
    out
}
