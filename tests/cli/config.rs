//! The configuration, and what flags say beside it.

use std::fs;

use orderbridge_cli::Exit;
use tempfile::TempDir;

use crate::support::{Ran, run};
use crate::{fixture, json_lines, line};

/// A folder with a configuration of this text, and its path.
fn configuration(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderbridge.toml");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

/// Maps an order with this configuration and more flags.
fn map_with(text: &str, flags: &[&str], order: &str) -> Ran {
    let (folder, path) = configuration(text);
    let args = [&["map", "shopify", "--config", &path][..], flags].concat();
    run(&args, &line(order)).replace(&folder.path().display().to_string(), "DIR")
}

fn channel(ran: &Ran) -> String {
    let outcome = &json_lines(&ran.stdout)[0];
    outcome["channel"]["value"].as_str().unwrap().to_owned()
}

const SHOP: &str = "[destinations.main]\n[sources.shop]\nplatform = \"shopify\"\n\
                    destination = \"main\"\n";

#[test]
fn a_file_that_is_not_there() {
    let missing = "no/such/orderbridge.toml";
    run(&["map", "shopify", "--config", missing], "").check("config-missing");
    run(&["map", "shopify", "--source", "shop"], "").check("config-none-for-source");
}

#[test]
fn every_mistake_at_once_with_its_line() {
    let text = "[destinations.main]\ntokn = \"env:A\"\ntoken = \"eyJhbGciOiJIUzI1NiJ9.secret\"\n\
                concurrency = 0\nretry = { schedule = [] }\n[sources.shop]\n\
                platform = \"shopify\"\ndestination = \"mian\"\nplaced_on = \"never\"\n\
                channels = { \"1\" = \"webb\" }\n[strore]\n";
    let ran = map_with(text, &[], "web-order");
    assert!(!ran.stderr.contains("eyJ"));
    ran.check("config-mistakes");
    map_with("[sources.shop\n", &[], "web-order").check("config-no-toml");
}

#[test]
fn the_source_that_counts() {
    map_with(SHOP, &["--source", "shpo"], "web-order").check("config-unknown-source");
    let several =
        format!("{SHOP}[sources.other]\nplatform = \"shopify\"\ndestination = \"main\"\n");
    map_with(&several, &[], "web-order").check("config-several-sources");
    let chosen = map_with(&several, &["--source", "other"], "web-order");
    assert_eq!(chosen.exit, Exit::Done, "{}", chosen.stderr);
}

#[test]
fn own_channels_change_a_channel() {
    let own = format!("{SHOP}channels = {{ web = \"mobile_app\" }}\n");
    let plain = map_with(SHOP, &[], "web-order");
    assert_eq!(channel(&plain), "web");
    let changed = map_with(&own, &[], "web-order");
    assert_eq!(changed.exit, Exit::Done, "{}", changed.stderr);
    assert_eq!(channel(&changed), "mobile_app");
    // What the command line says goes before it, and the rest of the table stays.
    let flag = map_with(&own, &["-o", "channels.web=social_organic"], "web-order");
    assert_eq!(flag.exit, Exit::Usage);
    let flag = map_with(&own, &["-o", "channels.web=offline"], "web-order");
    assert_eq!(channel(&flag), "offline");
    let other = map_with(&own, &["-o", "channels.other=offline"], "web-order");
    assert_eq!(channel(&other), "mobile_app");
}

#[test]
fn options_on_the_command_line() {
    let order = fixture("web-order");
    let paid = run(&["map", "shopify", &order, "-o", "placed_on=paid"], "");
    assert_eq!(
        json_lines(&paid.stdout)[0]["outcome"],
        "ignored",
        "{}",
        paid.stdout
    );
    for (name, option) in [
        ("value", "placed_on=never"),
        ("unknown", "placd_on=paid"),
        ("no-value", "placed_on"),
        ("channel", "channels.web=webb"),
        ("table", "channels=web"),
    ] {
        let ran = run(&["map", "shopify", &order, "--option", option], "");
        ran.check(&format!("option-{name}"));
    }
}

#[test]
fn a_source_of_another_platform_does_not_count() {
    let names = orderbridge_registry::ALL.iter().map(|it| it.adapter.name());
    let Some(other) = names.into_iter().find(|name| *name != "shopify") else {
        return;
    };
    let text = format!("{SHOP}[sources.other]\nplatform = \"{other}\"\ndestination = \"main\"\n");
    let ran = map_with(&text, &["--source", "other"], "web-order");
    assert_eq!(ran.exit, Exit::Usage);
    assert!(
        ran.stderr
            .contains(&format!("other is a source of {other}"))
    );
    assert_eq!(map_with(&text, &[], "web-order").exit, Exit::Done);
}

#[test]
fn destinations_are_looked_up_by_name() {
    let (folder, path) = configuration("[destinations.main]\ntoken = \"env:ORDERBRIDGE_UNSET\"\n");
    let folder = folder.path().display().to_string();
    let send = |to: &str| run(&["send", "--config", &path, "--to", to], "").replace(&folder, "DIR");
    send("mian").check("config-unknown-destination");
    send("main").check("config-token-unset");
}
