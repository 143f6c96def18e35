//! `explain` and `explain-code`.

use orderbridge_cli::Exit;

use crate::support::run;
use crate::{fixture, line};

#[test]
fn each_outcome() {
    run(&["explain", "shopify", &fixture("tip")], "").check("explain-events");
    run(&["explain", "shopify", &fixture("test-order")], "").check("explain-ignored");
    run(&["explain", "shopify", &fixture("bad-price-text")], "").check("explain-error");
    run(&["explain", "shopify", &fixture("cut-off")], "").check("explain-no-json");
    run(&["explain", "shopify"], "").check("explain-nothing");
}

#[test]
fn each_payload_of_a_list() {
    let text = format!("[{},{}]", line("test-order"), line("bad-price-text"));
    run(&["explain", "shopify"], &text).check("explain-list");
}

#[test]
fn colors_only_on_request_and_without_a_word_changed() {
    let file = fixture("phone-only-checkout");
    let plain = run(&["explain", "shopify", &file], "");
    let colored = run(&["explain", "shopify", &file, "--color", "always"], "");
    assert!(!plain.stdout.contains('\u{1b}'));
    assert!(colored.stdout.contains("\u{1b}[1m\u{1b}[36mchannel"));
    let mut text = colored.stdout;
    while let Some(start) = text.find('\u{1b}') {
        let end = start + text[start..].find('m').unwrap();
        text.replace_range(start..=end, "");
    }
    assert_eq!(text, plain.stdout);
}

#[test]
fn codes_have_a_page_each_and_a_list() {
    run(&["explain-code", "amount.invalid"], "").check("explain-code");
    let list = run(&["explain-code"], "");
    assert_eq!(list.exit, Exit::Done);
    let codes = list
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  "));
    let mut count = 0;
    for code in codes {
        let code = code.split(' ').next().unwrap();
        let page = run(&["explain-code", code], "");
        assert_eq!(page.exit, Exit::Done, "{code}");
        assert!(page.stdout.starts_with(code));
        count += 1;
    }
    assert!(count > 30, "{count} codes");
}
