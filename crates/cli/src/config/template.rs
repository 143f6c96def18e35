//! The commented configuration that `init` writes.

const HEAD: &str = include_str!("template_head.toml");
const SOURCE: &str = include_str!("template_source.toml");

/// The variable that a platform's secret is expected in.
pub(crate) fn secret_variable(platform: &str) -> String {
    let name = platform.to_uppercase().replace('-', "_");
    format!("{name}_CLIENT_SECRET")
}

/// A configuration with a source for each of the platforms.
pub(crate) fn template(platforms: &[&str]) -> String {
    let mut text = HEAD.to_owned();
    for platform in platforms {
        let source = SOURCE.replace("{platform}", platform);
        text.push_str(&source.replace("{secret}", &secret_variable(platform)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use orderbridge_event::Options;

    use super::super::Config;
    use super::super::destination::{BREAKER_KEYS, KEYS, REFUSAL_KEYS, RETRY_KEYS};
    use super::super::sections::{IDLE_KEYS, SERVER_KEYS, SOURCE_KEYS, STORE_KEYS};
    use super::*;

    fn read(text: &str) -> Config {
        let loaded = Config::read(Path::new("orderbridge.toml"), text);
        assert_eq!(loaded.mistakes, [], "{text}");
        loaded.config
    }

    /// The key of a line that is commented out like this, if it is one.
    fn key<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
        let (key, _) = line.strip_prefix(mark)?.split_once(" = ")?;
        let is_key = key.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        is_key.then_some(key)
    }

    fn uncommented(text: &str, marks: &[&str]) -> String {
        let line = |line: &str| {
            let mark = marks.iter().find(|mark| key(line, mark).is_some());
            let bare = line.strip_prefix(mark.copied().unwrap_or_default());
            bare.unwrap_or(line).to_owned() + "\n"
        };
        text.lines().map(line).collect()
    }

    fn everything() -> String {
        let names = orderbridge_registry::ALL.iter();
        template(&names.map(|it| it.adapter.name()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_commented_out_is_the_default() {
        let text = everything();
        let full = uncommented(&text, &["#"]);
        assert_ne!(text, full);
        assert_eq!(read(&text).shown(), read(&full).shown());
        for source in orderbridge_registry::ALL {
            let name = source.adapter.name();
            assert!(read(&text).idle(name).next().is_none());
        }
    }

    #[test]
    fn every_key_that_there_is_stands_in_it() {
        let text = template(&["shopify"]);
        // A key that is there for one value of another one.
        let all = uncommented(&text, &["# ", "#"]).replace("\"payload\"", "\"store\"");
        let config = read(&all);
        let expect = |section: &str, keys: &[&str]| {
            for name in keys.iter().filter(|key| !IDLE_KEYS.contains(key)) {
                let path = format!("{section}.{name}");
                assert!(config.has(&path), "the template lacks {path}");
            }
        };
        expect("store", STORE_KEYS);
        expect("server", SERVER_KEYS);
        expect("destinations.main", KEYS);
        expect("destinations.main.retry", RETRY_KEYS);
        expect("destinations.main.breaker", BREAKER_KEYS);
        expect("destinations.main.refusals", REFUSAL_KEYS);
        expect("sources.shopify", SOURCE_KEYS);
        expect("sources.shopify", super::super::intake::KEYS);
        expect("sources.shopify", Options::KEYS);
    }

    #[test]
    fn no_key_is_both_a_default_and_an_example() {
        let text = template(&["shopify"]);
        let keys =
            |mark| -> BTreeSet<&str> { text.lines().filter_map(|it| key(it, mark)).collect() };
        assert_eq!(keys("#").intersection(&keys("# ")).count(), 0);
    }
}
