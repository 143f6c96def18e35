//! The commented configuration that `init` writes.

use std::fmt::Write as _;

use orderbridge_event::{KeyKind, Options, Profile, PullKey, Role};

use super::{intake, pull, show};

const HEAD: &str = include_str!("template_head.toml");
const SOURCE: &str = include_str!("template_source.toml");
const RULES: &str = include_str!("template_rules.toml");
/// Above the keys of a platform's API.
const API: &str = "\
# To read the platform's API as well: for what no webhook told, for history, and for what a
# webhook leaves out, such as who bought. All of these, or none:
";

/// The variable that is expected to hold what signs a platform's webhooks: nearly always the app's
/// client secret, unless its API takes one of its own.
fn secret_variable(platform: &str) -> String {
    let keys = pull::keys(platform);
    let is_other = keys.iter().any(|key| key.name == "client_secret");
    let kind = if is_other { "webhook" } else { "client" };
    format!("{platform}_{kind}_secret").to_uppercase()
}

/// The variables that hold a platform's secrets: what signs its webhooks, and what its API asks for.
pub(crate) fn secret_variables(platform: &str) -> Vec<String> {
    let api = pull::keys(platform)
        .iter()
        .filter(|key| key.is_required && key.kind == KeyKind::Secret);
    let api = api.map(|key| api_variable(platform, key));
    std::iter::once(secret_variable(platform))
        .chain(api)
        .collect()
}

fn api_variable(platform: &str, key: &PullKey) -> String {
    format!("{platform}_{}", key.name).to_uppercase()
}

/// A configuration with a source for each of the platforms.
pub(crate) fn template(platforms: &[&str]) -> String {
    let profiles = platforms.iter().filter_map(|name| profile(name));
    let roles: Vec<Role> = profiles.map(|profile| profile.role).collect();
    let any = |wanted: fn(&Role) -> bool| roles.iter().any(wanted);
    let is_both = any(|role| matches!(role, Role::Store))
        && any(|role| matches!(role, Role::Subscriptions { .. }));
    let mut text = HEAD.to_owned();
    for platform in platforms {
        let source = SOURCE.replace("{platform}", platform);
        let source = source.replace("{secret}", &secret_variable(platform));
        let tolerance = intake::tolerance(platform);
        let source = source.replace(
            "{tolerance}",
            &tolerance.map_or_else(String::new, show::duration),
        );
        let options = profile(platform).map_or(&[][..], |profile| profile.options);
        text.push_str(&only(&source, options, tolerance.is_some(), is_both));
        text.push_str(&api(platform));
    }
    text.push_str(RULES);
    text
}

fn profile(platform: &str) -> Option<&'static Profile> {
    let source = orderbridge_registry::find(platform)?;
    Some(source.adapter.profile())
}

/// Leaves out the options that a platform's mapping does not look at, with the comments above
/// them. Where a shop and its tool both come through here, they say so.
fn only(source: &str, options: &[&str], signs_time: bool, is_both: bool) -> String {
    let mut text = String::new();
    let mut comments = String::new();
    for line in source.lines() {
        let key = ["#", "# "].iter().find_map(|mark| key(line, mark));
        match key {
            Some("mode") if options.contains(&"mode") && is_both => {
                text.push_str(&comments);
                text.push_str("mode = \"both_through_us\"\n");
            }
            Some(key) if Options::KEYS.contains(&key) && !options.contains(&key) => {}
            Some(intake::SIGNATURE_TOLERANCE) if !signs_time => {}
            None if line.starts_with('#') => {
                comments.push_str(line);
                comments.push('\n');
                continue;
            }
            _ => {
                text.push_str(&comments);
                text.push_str(line);
                text.push('\n');
            }
        }
        comments.clear();
    }
    text
}

/// The keys that a platform's API is read with, those that are needed first.
fn api(platform: &str) -> String {
    let keys = pull::keys(platform);
    if keys.is_empty() {
        return String::new();
    }
    let mut text = API.to_owned();
    let (needed, more): (Vec<&PullKey>, Vec<&PullKey>) =
        keys.iter().partition(|key| key.is_required);
    for key in needed {
        write_key(&mut text, platform, key);
    }
    text.push_str("# And, where it is needed:\n");
    // Another address than the platform's own is for tests.
    for key in more.iter().filter(|key| !key.name.ends_with("_url")) {
        write_key(&mut text, platform, key);
    }
    let poll = pull::POLL;
    let _ = writeln!(
        text,
        "# {poll} = \"5m\"   # how often what no webhook told is looked for"
    );
    text
}

fn write_key(text: &mut String, platform: &str, key: &PullKey) {
    let value = match key.kind {
        KeyKind::Secret => format!("\"env:{}\"", api_variable(platform, key)),
        KeyKind::Text => "\"…\"".to_owned(),
        KeyKind::List => "[\"…\"]".to_owned(),
        KeyKind::Switch => "true".to_owned(),
    };
    let _ = writeln!(text, "# {} = {value}   # {}", key.name, key.remark);
}

/// The key of a line that is commented out like this, if it is one.
fn key<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    let (key, _) = line.strip_prefix(mark)?.split_once(" = ")?;
    let is_key = key.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    is_key.then_some(key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::super::Config;
    use super::super::destination::{BREAKER_KEYS, KEYS, REFUSAL_KEYS, RETRY_KEYS};
    use super::super::sections::{SERVER_KEYS, SOURCE_KEYS, STORE_KEYS};
    use super::*;

    fn read(text: &str) -> Config {
        let loaded = Config::read(Path::new("orderbridge.toml"), text);
        assert_eq!(loaded.mistakes, [], "{text}");
        loaded.config
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
    }

    #[test]
    fn every_key_that_there_is_stands_in_it() {
        let text = template(&["shopify"]);
        // A key that is there for one value of another one.
        let all = uncommented(&text, &["# ", "#"]).replace("\"payload\"", "\"store\"");
        let config = read(&all);
        let expect = |section: &str, keys: &[&str]| {
            for name in keys {
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
        let of_all = |key: &&&str| **key != intake::SIGNATURE_TOLERANCE;
        let keys: Vec<&str> = intake::KEYS.iter().filter(of_all).copied().collect();
        expect("sources.shopify", &keys);
        let signed = template(&["recharge"]);
        assert!(
            signed.contains("#signature_tolerance = \"49h\""),
            "{signed}"
        );
        assert!(!text.contains(intake::SIGNATURE_TOLERANCE), "{text}");
    }

    #[test]
    fn a_source_has_the_options_of_its_platform_and_all_have_all() {
        let mut seen = BTreeSet::new();
        for source in orderbridge_registry::ALL {
            let name = source.adapter.name();
            let text = template(&[name]);
            let marks = ["#", "# ", ""];
            let keys: BTreeSet<&str> = text
                .lines()
                .filter_map(|line| marks.iter().find_map(|mark| key(line, mark)))
                .collect();
            for option in Options::KEYS {
                let is_its_own = source.adapter.profile().options.contains(option);
                assert_eq!(keys.contains(option), is_its_own, "{name}: {option}");
            }
            seen.extend(source.adapter.profile().options.iter().copied());
        }
        let all: BTreeSet<&str> = Options::KEYS.iter().copied().collect();
        assert_eq!(
            seen, all,
            "an option of no platform, or none of the options"
        );
    }

    #[test]
    fn what_an_api_is_read_with_is_named_with_its_variables() {
        let text = template(&["amazon"]);
        for variable in secret_variables("amazon") {
            assert!(text.contains(&format!("\"env:{variable}\"")), "{variable}");
        }
        assert!(text.contains("# marketplaces = "), "{text}");
        assert!(!text.contains("api_url"), "{text}");
        assert_eq!(secret_variables("shopify"), ["SHOPIFY_CLIENT_SECRET"]);
    }

    #[test]
    fn a_shop_and_its_tool_are_not_counted_twice() {
        let both = "\nmode = \"both_through_us\"\n";
        let text = template(&["shopify", "recharge"]);
        assert_eq!(text.matches(both).count(), 2, "{text}");
        for alone in [&["shopify"][..], &["recharge"], &["stripe", "chargebee"]] {
            assert!(!template(alone).contains(both), "{alone:?}");
        }
    }

    #[test]
    fn no_key_is_both_a_default_and_an_example() {
        let text = template(&["shopify"]);
        let keys =
            |mark| -> BTreeSet<&str> { text.lines().filter_map(|it| key(it, mark)).collect() };
        assert_eq!(keys("#").intersection(&keys("# ")).count(), 0);
    }
}
