//! Users' own rules and exclusions, as `map` and `explain` apply them.

use std::fs;

use orderbridge_cli::Exit;
use tempfile::TempDir;

use crate::support::{Ran, run};
use crate::{fixture, json_lines, line};

const SHOP: &str = "[destinations.main]\n[sources.us-store]\nplatform = \"shopify\"\n\
                    destination = \"main\"\n";

fn configuration(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderbridge.toml");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

fn with(text: &str, args: &[&str], stdin: &str) -> Ran {
    let (folder, path) = configuration(text);
    let args = [args, &["--config", &path]].concat();
    run(&args, stdin).replace(&folder.path().display().to_string(), "DIR")
}

fn map(text: &str, orders: &[&str]) -> Ran {
    let orders: Vec<String> = orders.iter().map(|order| line(order)).collect();
    let input = orders.join("\n");
    with(text, &["map", "shopify"], &input)
}

#[test]
fn a_channel_and_a_drop_carry_the_rule() {
    let text = format!(
        "{SHOP}exclude = {{ tags = [\"Exclude\", \"newsletter\"] }}\n\
         [[rules]]\nid = \"counter\"\nif.channel.eq = \"pos\"\nthen.channel = \"offline\"\n\
         [[rules]]\nid = \"no-tiktok\"\nif.source_name.in = [\"4383523\", \"tiktok\"]\n\
         then.drop = \"counted elsewhere\"\n\
         [[rules]]\nid = \"odd\"\nwhen = 'money(event.properties.order_name) > money(\"1\")'\n\
         then.drop = \"never\"\n"
    );
    let ran = map(&text, &["pos-with-customer", "tiktok-shop", "web-order"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    let lines = json_lines(&ran.stdout);
    assert_eq!(
        lines[0]["channel"],
        serde_json::json!({"value": "offline", "because": "rule counter", "rule": "counter"})
    );
    assert_eq!(lines[1]["outcome"], "ignored");
    assert_eq!(
        lines[1]["reason"],
        serde_json::json!({"code": "rule.drop", "message": "counted elsewhere", "rule": "no-tiktok"})
    );
    let excluded = serde_json::json!(
        {"code": "rule.exclude", "message": "the tag \"newsletter\" is excluded"}
    );
    assert_eq!(lines[2]["reason"], excluded);
    for counted in [
        "rule       1  counter",
        "rule       1  no-tiktok",
        "exclude       1  tags",
    ] {
        assert!(ran.stderr.contains(counted), "{counted}: {}", ran.stderr);
    }
    assert!(
        ran.stderr.contains("odd: could not be evaluated"),
        "{}",
        ran.stderr
    );
}

#[test]
fn explain_says_of_each_rule_what_it_says() {
    let text = format!(
        "{SHOP}[[rules]]\nid = \"vip\"\nif = {{ tags = {{ has = \"VIP\" }}, total_price = {{ gt = 40 }} }}\n\
         then = {{ channel = \"offline\", set = {{ team = \"concierge\" }} }}\n\
         [[rules]]\nid = \"second\"\nif.country.exists = true\nthen = {{ channel = \"sms\", remove = [\"tags\"] }}\n\
         [[rules]]\nid = \"absent\"\nwhen = 'event.note_attributes.gift == \"yes\"'\nthen.drop = \"x\"\n\
         [[rules]]\nid = \"broken\"\nwhen = 'money(event.properties.order_name) > money(\"1\")'\nthen.drop = \"x\"\n\
         [[rules]]\nid = \"other\"\nif.email.ends_with = \"@shop.example\"\nthen.drop = \"x\"\n"
    );
    let ran = with(&text, &["explain", "shopify", &fixture("web-order")], "");
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    ran.check("rules-explain");
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = format!(
        "{SHOP}exclude = {{ tag = [\"x\"], channels = [\"shop\"], countries = [\"Germany\"] }}\n\
         [[rules]]\nid = \"wholesale\"\nsource = \"us-stor\"\nif = {{ tagz = {{ has = \"wholesale\" }} }}\n\
         then = {{ channel = \"offlin\" }}\n\
         [[rules]]\nid = \"test orders\"\nif = {{ tags = {{ contains = \"x\" }}, source_name = {{ eq = 580111 }} }}\n\
         when = 'event.emial.endsWith(\"@example.com\") && event.total_price < 1.00'\n\
         then = {{ drop = true, set = {{ total_price = 1 }}, alias = \"urn:shop:all\" }}\n"
    );
    map(&text, &["web-order"]).check("rules-mistakes");
}

#[test]
fn sources_without_a_channel_are_listed_in_the_summary() {
    let order =
        |source: &str| line("unknown-source").replace("\"755357713\"", &format!("\"{source}\""));
    let input = [order("4580111"), order("4580111"), order("my app")].join("\n");
    let ran = run(&["map", "shopify"], &input);
    for told in [
        "2    source_name 4580111 is in no table: counted as web",
        "1    source_name my app is in no table: counted as web",
    ] {
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn rules_of_another_source_do_not_count() {
    let text = format!(
        "{SHOP}[sources.eu-store]\nplatform = \"shopify\"\ndestination = \"main\"\n\
         [[rules]]\nid = \"eu\"\nsource = \"eu-store\"\nwhen = 'true'\nthen.drop = \"x\"\n"
    );
    let outcome = |source: &str| {
        let ran = with(
            &text,
            &["map", "shopify", "--source", source],
            &line("web-order"),
        );
        json_lines(&ran.stdout)[0]["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(outcome("us-store"), "events");
    assert_eq!(outcome("eu-store"), "ignored");
}
