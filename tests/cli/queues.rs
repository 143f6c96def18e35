//! `[sources.….sqs]`: the queue of a source, in a program that was built without queues.

use std::fs;

use orderbridge_cli::Exit;

use crate::support::run;

const GOOD: &str = "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
                    [destinations.main]\n[sources.shop]\nplatform = \"shopify\"\n\
                    destination = \"main\"\nwebhook_secrets = [\"file:hush\"]\n";

/// How `check` ends with a configuration, and all that it tells.
fn check(text: &str) -> (Exit, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hush"), "hush-s3cret").unwrap();
    let config = folder.path().join("orderbridge.toml");
    fs::write(&config, text).unwrap();
    let ran = run(&["check", "--config", &config.display().to_string()], "");
    let told = ran.stdout + &ran.stderr;
    assert!(!told.contains("s3cret"), "{told}");
    (ran.exit, told)
}

#[test]
fn a_program_without_queues_says_so_and_all_mistakes_are_told() {
    let amazon = "[sources.amazon]\nplatform = \"amazon\"\ndestination = \"main\"\n\
                  client_id = \"file:hush\"\nclient_secret = \"file:hush\"\n\
                  refresh_token = \"file:hush\"\nregion = \"eu\"\n[sources.amazon.sqs]\n";
    let told = |queue: &str| {
        let (exit, told) = check(&format!("{GOOD}{amazon}{queue}"));
        assert_eq!(exit, Exit::Usage, "{told}");
        told
    };
    let keys = "access_key_id = \"file:hush\"\nsecret_access_key = \"file:hush\"\n";
    let url = "queue_url = \"https://sqs.eu-west-1.amazonaws.com/1/orders\"\n";
    for (queue, expected) in [
        (
            format!("{url}{keys}"),
            "sources.amazon.sqs: this program was built without queues; build it with \
             `--features sqs`",
        ),
        (keys.to_owned(), "sqs: queue_url is missing"),
        (url.to_owned(), "sqs: access_key_id is missing"),
        (
            format!("queue_url = \"orders\"\n{keys}"),
            "queue_url must be a URL such as https://sqs.",
        ),
        (
            format!("queue_url = \"http://127.0.0.1:4566/1/orders\"\n{keys}"),
            "queue_url names no region",
        ),
        (
            format!("{url}{keys}queue_ulr = \"x\"\n"),
            "sqs has no key \"queue_ulr\" (did you mean \"queue_url\"?)",
        ),
        (
            format!("{url}access_key_id = \"AKIDs3cret\"\n"),
            "access_key_id must be a reference to the secret",
        ),
    ] {
        let told = told(&queue);
        assert!(told.contains(expected), "{queue}\n{told}");
    }
    let (_, told) = check(&format!("{GOOD}[sources.shop.sqs]\n{url}{keys}"));
    assert!(told.contains("sources.shop has no key \"sqs\""), "{told}");
}
