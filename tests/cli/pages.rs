//! What the program prints of itself: adapters, completions, the manual.

use orderbridge_cli::Exit;
use serde_json::Value;

use crate::support::run;

#[test]
fn adapters_for_people() {
    let mut ran = run(&["adapters"], "");
    for source in orderbridge_registry::ALL {
        let profile = source.adapter.profile();
        let head = format!("{} ({}, ", source.adapter.name(), profile.title);
        assert!(ran.stdout.contains(&head), "{head}");
    }
    // The head and the foot of one of them: topics and platforms grow in number.
    let start = ran.stdout.find("shopify (").unwrap();
    let shown = ran.stdout[start..].lines().filter(|line| {
        let words = [
            "shopify (",
            "  topics",
            "    orders/create ",
            "  events",
            "  channels",
        ];
        line.is_empty() || words.iter().any(|start| line.starts_with(start))
    });
    ran.stdout = shown.take(7).flat_map(|line| [line, "\n"]).collect();
    ran.check("adapters");
}

#[test]
fn adapters_for_programs_are_the_registry() {
    let ran = run(&["adapters", "--json"], "");
    assert_eq!((ran.exit, ran.stderr.as_str()), (Exit::Done, ""));
    let found: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(found.len(), orderbridge_registry::ALL.len());
    for (found, source) in found.iter().zip(orderbridge_registry::ALL) {
        let profile = source.adapter.profile();
        assert_eq!(found["name"], source.adapter.name());
        assert_eq!(found["title"], profile.title);
        assert_eq!(found["api_version"], profile.api_version);
        assert_eq!(found["default_topic"], profile.default_topic);
        assert_eq!(found["verifies_signatures"], source.verify.is_some());
        let topics = found["topics"].as_array().unwrap();
        assert_eq!(topics.len(), profile.topics.len());
        for (found, topic) in topics.iter().zip(profile.topics) {
            assert_eq!(found["name"], topic.name);
            let events: Vec<&str> = topic.events.iter().map(|event| event.as_str()).collect();
            assert_eq!(found["events"], serde_json::json!(events));
            assert_eq!(found["remark"], topic.remark);
        }
        let channels: Vec<&str> = profile.channels.iter().map(|it| it.as_str()).collect();
        assert_eq!(found["channels"], serde_json::json!(channels));
        let samples: Vec<&str> = source.samples.iter().map(|it| it.name).collect();
        assert_eq!(found["samples"], serde_json::json!(samples));
        assert_eq!(found["docs"], serde_json::json!(profile.docs));
    }
}

#[test]
fn completions_of_each_shell_know_the_flags() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = run(&["completions", shell], "");
        assert_eq!((ran.exit, ran.stderr.as_str()), (Exit::Done, ""), "{shell}");
        assert!(ran.stdout.contains("events-only"), "{shell}");
        assert!(ran.stdout.contains("explain-code"), "{shell}");
    }
}

#[test]
fn the_manual_has_each_command_and_flag() {
    let ran = run(&["man"], "");
    assert_eq!((ran.exit, ran.stderr.as_str()), (Exit::Done, ""));
    assert!(ran.stdout.contains(".TH orderbridge 1"));
    for word in [
        "map",
        "explain",
        "sandbox",
        "events\\-only",
        "give\\-up\\-after",
        "Exit codes",
    ] {
        assert!(ran.stdout.contains(word), "{word}");
    }
}
