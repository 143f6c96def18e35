//! The configuration as it is in force, defaults filled in and secrets left out, as a file that
//! would say the same.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use orderbridge_event::{
    CancelledChannel, CollectedTax, FreeOrders, Mode, Options, OrderIdentity, PersonalData,
    PlacedOn, PromotionIds, Refunds, Renewals, TaxInclusivePrices, TestMode,
};

use super::{Config, DestinationConfig, Native, SecretRef, SourceConfig};

impl Config {
    /// The whole configuration as TOML.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        let store = format!("sqlite:{}", self.store.path.display());
        let mut out = Section::open(&mut text, "store");
        out.text("url", &store);
        out.text("retention", &duration(self.store.retention));
        let mut out = Section::open(&mut text, "server");
        out.text("listen", &self.server.listen);
        out.text("admin", &self.server.admin);
        for (name, destination) in &self.destinations {
            let mut out = Section::open(&mut text, &format!("destinations.{}", key(name)));
            write_destination(&mut out, destination);
        }
        for (name, source) in &self.sources {
            let mut out = Section::open(&mut text, &format!("sources.{}", key(name)));
            write_source(&mut out, source);
        }
        for rule in self.rules.shown() {
            let mut out = Section::open(&mut text, "[rules]");
            for (key, value) in rule {
                out.raw(key, value);
            }
        }
        text
    }
}

fn write_destination(out: &mut Section<'_>, destination: &DestinationConfig) {
    let delivery = &destination.delivery;
    out.text("url", &masked(&destination.url));
    if let Some(token) = &destination.token {
        out.text("token", &token.to_string());
    }
    let natives = destination.natives.iter().copied().map(Native::name);
    out.raw("native_sources", list(natives.map(str::to_owned)));
    out.raw("concurrency", delivery.concurrency);
    if let Some(rate) = delivery.rate_limit {
        out.text("rate_limit", &rate.to_string());
    }
    out.text("timeout", &duration(delivery.timeout));
    let steps = list(delivery.retry.schedule.steps().map(duration));
    let age = quoted(&duration(delivery.retry.max_age));
    out.raw(
        "retry",
        format!("{{ schedule = {steps}, max_age = {age} }}"),
    );
    let limit = &delivery.retry.refusals;
    let window = quoted(&duration(limit.window));
    let (in_a_row, share, minimum) = (limit.in_a_row, limit.share, limit.minimum);
    out.raw(
        "refusals",
        format!(
            "{{ in_a_row = {in_a_row}, share = {share:?}, window = {window}, minimum = {minimum} }}"
        ),
    );
    let breaker = &delivery.breaker;
    let window = quoted(&duration(breaker.window));
    let probe = quoted(&duration(breaker.probe));
    let (failures, minimum) = (breaker.failures, breaker.minimum);
    out.raw(
        "breaker",
        format!(
            "{{ failures = {failures:?}, window = {window}, minimum = {minimum}, probe = {probe} }}"
        ),
    );
}

fn write_source(out: &mut Section<'_>, source: &SourceConfig) {
    out.text("platform", &source.platform);
    if let Some(destination) = &source.destination {
        out.text("destination", destination);
    }
    let secrets = source.webhook_secrets.iter().map(SecretRef::to_string);
    out.raw("webhook_secrets", list(secrets));
    if let Some(hold) = source.hold {
        out.text("hold", &duration(hold));
    }
    source.pull.write(|key, value| out.raw(key, value));
    if let Some(sqs) = &source.sqs {
        out.raw(super::sqs::KEY, sqs.shown());
    }
    super::intake::write(&source.intake, &source.platform, |key, value| {
        out.text(key, &value);
    });
    if !source.exclude.is_empty() {
        out.raw("exclude", source.exclude.as_toml());
    }
    write_options(out, &source.options);
}

/// A literal of all fields, so that a new option can't be forgotten here.
fn write_options(out: &mut Section<'_>, options: &Options) {
    let Options {
        tax_inclusive_prices,
        placed_on,
        refunds,
        event_id,
        event_id_prefix,
        channels,
        shared_emails,
        alias_prefixes,
        cancelled_channel,
        tax_in_price,
        collected_tax,
        free_orders,
        personal_data,
        promotion_ids,
        mode,
        renewals,
        currency,
        test_mode,
    } = options;
    out.text(
        "placed_on",
        chosen(PlacedOn::NAMES, PlacedOn::parse, placed_on),
    );
    out.text("refunds", chosen(Refunds::NAMES, Refunds::parse, refunds));
    out.raw("channels", table(channels));
    let names = TaxInclusivePrices::NAMES;
    let prices = chosen(names, TaxInclusivePrices::parse, tax_inclusive_prices);
    out.text("tax_inclusive_prices", prices);
    let names = OrderIdentity::NAMES;
    out.text("event_id", chosen(names, OrderIdentity::parse, event_id));
    out.text("event_id_prefix", event_id_prefix);
    out.raw("shared_emails", list(shared_emails.iter().cloned()));
    out.raw("alias_prefixes", table(alias_prefixes));
    let names = CancelledChannel::NAMES;
    let channel = chosen(names, CancelledChannel::parse, cancelled_channel);
    out.text("cancelled_channel", channel);
    let answer = |is: &bool| if *is { "yes" } else { "no" };
    let answers: BTreeMap<String, &str> = tax_in_price
        .iter()
        .map(|(name, is)| (name.clone(), answer(is)))
        .collect();
    out.raw("tax_in_price", table(&answers));
    let names = CollectedTax::NAMES;
    out.text(
        "collected_tax",
        chosen(names, CollectedTax::parse, collected_tax),
    );
    let names = FreeOrders::NAMES;
    out.text("free_orders", chosen(names, FreeOrders::parse, free_orders));
    let names = PersonalData::NAMES;
    out.text(
        "personal_data",
        chosen(names, PersonalData::parse, personal_data),
    );
    let names = PromotionIds::NAMES;
    out.text(
        "promotion_ids",
        chosen(names, PromotionIds::parse, promotion_ids),
    );
    if let Some(mode) = mode {
        out.text("mode", chosen(Mode::NAMES, Mode::parse, mode));
    }
    out.text(
        "renewals",
        chosen(Renewals::NAMES, Renewals::parse, renewals),
    );
    if let Some(currency) = currency {
        out.text("currency", currency.as_str());
    }
    out.text(
        "test_mode",
        chosen(TestMode::NAMES, TestMode::parse, test_mode),
    );
}

/// The name of a choice.
fn chosen<T: PartialEq>(
    names: &[&'static str],
    parse: fn(&str) -> Option<T>,
    value: &T,
) -> &'static str {
    let name = names
        .iter()
        .find(|name| parse(name).as_ref() == Some(value));
    name.copied().unwrap_or_default()
}

/// A section that is being written.
struct Section<'a>(&'a mut String);

impl<'a> Section<'a> {
    fn open(text: &'a mut String, name: &str) -> Self {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "[{name}]");
        Self(text)
    }

    fn text(&mut self, key: &str, value: &str) {
        self.raw(key, quoted(value));
    }

    fn raw(&mut self, key: &str, value: impl Display) {
        let _ = writeln!(self.0, "{key} = {value}");
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.map(|item| quoted(&item)).collect();
    format!("[{}]", items.join(", "))
}

fn table<V: Display>(pairs: &BTreeMap<String, V>) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{} = {}", key(name), quoted(&value.to_string())))
        .collect();
    match pairs.as_slice() {
        [] => "{}".to_owned(),
        pairs => format!("{{ {} }}", pairs.join(", ")),
    }
}

/// A duration in the largest unit that loses nothing.
pub(super) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
    ];
    match units.iter().find(|(size, _)| millis.is_multiple_of(*size)) {
        Some((size, unit)) if millis > 0 => format!("{}{unit}", millis / size),
        _ => format!("{millis}ms"),
    }
}

/// A URL without what may be a credential: of old sources the path is one.
fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = match path {
        "" | "/" | "/api/webhooks" => path,
        _ => "/…",
    };
    format!("{scheme}://{host}{path}")
}

impl fmt::Display for SecretRef {
    /// The reference, which is no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Config {
        let loaded = Config::read(Path::new("orderbridge.toml"), text);
        assert_eq!(loaded.mistakes, []);
        loaded.config
    }

    #[test]
    fn what_is_shown_says_the_same_again() {
        let text = r#"
            [store]
            retention = "36h"
            [destinations."a shop"]
            token = "env:TOKEN"
            rate_limit = "600/m"
            native_sources = ["recharge"]
            retry = { schedule = ["1500ms", "30s"], max_age = "2d" }
            breaker = { failures = 1, window = "90s", minimum = 5, probe = "1m" }
            [sources.us]
            platform = "shopify"
            destination = "a shop"
            webhook_secrets = ["env:ONE", "file:two"]
            hold = "10m"
            new_customer = "store"
            history_complete_from = 2026-01-01
            conflict = "park"
            largest_body = "8MiB"
            double_counting = "accept"
            placed_on = "paid"
            refunds = "all"
            channels = { "16818700289" = "mobile_app", "my \"app\"" = "pos" }
            shared_emails = ["till@shop.example"]
            alias_prefixes = { cart_token = "urn:cart:" }
            exclude = { tags = ["Exclude"], unpaid = true }
            [[rules]]
            then = { drop = "an \"internal\" order", set = { n = 1.50 } }
            id = "internal"
            source = ["us"]
            if.total_price = { lt = 1.00 }
            when = 'event.email.endsWith("@example.com")'
        "#;
        let shown = read(text).shown();
        assert_eq!(read(&shown).shown(), shown);
        for part in [
            "retention = \"36h\"",
            "schedule = [\"1500ms\", \"30s\"]",
            "window = \"90s\"",
            "history_complete_from = \"2026-01-01T00:00:00Z\"",
            "conflict = \"park\"",
            "largest_body = \"8MiB\"",
            "native_sources = [\"recharge\"]",
            "double_counting = \"accept\"",
            "failures = 1.0",
            "\"16818700289\" = \"mobile_app\"",
            "placed_on = \"paid\"",
            "exclude = { tags = [\"Exclude\"], unpaid = true }",
            "[[rules]]\nid = \"internal\"\nsource = [\"us\"]",
            "if = { total_price = { lt = 1.00 } }",
        ] {
            // The quotes around a number are needed by nobody, and not wrong.
            let bare = part.replace("\"16818700289\"", "16818700289");
            assert!(shown.contains(&bare), "{part}: {shown}");
        }
    }

    #[test]
    fn a_url_that_may_be_a_credential_is_masked() {
        for (url, shown) in [
            (
                super::super::destination::CONVERGE,
                "https://app.runconverge.com/api/webhooks",
            ),
            (
                "https://app.runconverge.com/api/old/s3cret",
                "https://app.runconverge.com/…",
            ),
            (
                "https://me:s3cret@example.com?s3cret",
                "https://example.com/…",
            ),
            ("http://127.0.0.1:4141", "http://127.0.0.1:4141"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
