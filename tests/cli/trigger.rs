//! `trigger`, as far as no receiver is needed.

use std::fs;

use orderbridge_cli::Exit;

use crate::support::run;

#[test]
fn samples_are_listed() {
    let ran = run(&["trigger", "--list"], "");
    assert_eq!(ran.exit, Exit::Done);
    for source in orderbridge_registry::ALL {
        for sample in source.samples {
            assert!(ran.stdout.contains(sample.name), "{}", sample.name);
        }
        let one = run(&["trigger", source.adapter.name(), "--list"], "");
        assert_eq!(one.stdout.lines().count(), 1 + source.samples.len());
    }
}

#[test]
fn what_can_not_be_sent_is_told_before_anything_is() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "hush").unwrap();
    let secret = format!("file:{}", secret.display());
    // Nobody listens there: a request would be another failure.
    let whole = [
        "trigger",
        "shopify",
        "--to",
        "http://127.0.0.1:9",
        "--secret",
        &secret,
    ];
    for (more, says) in [
        (
            &["--sample", "refnd"][..],
            "no sample \"refnd\" (did you mean \"refund\"?); there are: web-order,",
        ),
        (
            &["--set", "totl_price=1"],
            "--set totl_price: the payload has no \"totl_price\" (did you mean \"total_price\"?)",
        ),
        (
            &["--set", "line_items[9].price=1"],
            "--set line_items[9].price: line_items has",
        ),
        (&["--set", "total_price"], "write PATH=VALUE"),
    ] {
        let ran = run(&[&whole[..], more].concat(), "");
        assert_eq!(ran.exit, Exit::Usage, "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
    for (args, says) in [
        (&["trigger", "shopfy"][..], "did you mean \"shopify\"?"),
        (&["trigger", "shopify"], "give --secret env:NAME"),
        (
            &["trigger", "shopify", "--secret", "hush"],
            "--secret takes a reference",
        ),
        (
            &["trigger", "shopify", "--secret", "env:ORDERBRIDGE_UNSET"],
            "is not set",
        ),
        (&["trigger"], "<SOURCE>"),
    ] {
        let ran = run(args, "");
        assert_eq!(ran.exit, Exit::Usage, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    }
    let ran = run(
        &[
            &whole[..4],
            &["--secret", &secret, "--to", "127.0.0.1:9"][..2],
        ]
        .concat(),
        "",
    );
    assert_eq!(ran.exit, Exit::Unavailable, "{}", ran.stderr);
}
