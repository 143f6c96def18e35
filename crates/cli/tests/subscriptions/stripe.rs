//! Stripe.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use orderbridge_standin::Mishap;
use orderbridge_standin::stripe::{KEY, Setup, Stripe, customer, event, invoice, subscription};

use crate::running::start;
use crate::shop::{Shop, now, wait};

const STARTED: &str = "customer.subscription.created";

/// An account whose rate is never in the way, and a source that reads it.
fn account(page: usize) -> (Stripe, Shop) {
    let setup = Setup {
        per_second: 100_000.0,
        page,
    };
    let stripe = Stripe::start(setup).unwrap();
    let keys = format!("api_url = \"{}\"", stripe.url());
    let shop = Shop::new("stripe", "api_key", KEY, &keys);
    (stripe, shop)
}

#[test]
fn a_webhook_is_kept_until_its_customer_is_known() {
    let (stripe, shop) = account(100);
    let (running, receiver) = shop.connector();
    let at = now() - 60;
    let started = |number: usize| {
        let id = format!("evt_{number}");
        event(&id, STARTED, at, &subscription(number, at)).to_string()
    };
    stripe.customer(customer(1));
    assert_eq!(shop.post(&receiver, "", &started(1)), 200);
    wait("the first start", || {
        shop.arrived() == ["stripe:sub:sub_1:started"]
    });
    assert!(shop.log().contains("buyer-1@example.com"));

    // Accepted, and killed before Stripe has answered.
    stripe.customer(customer(2));
    stripe.mishap("customer", Mishap::Slow(Duration::from_secs(600)));
    assert_eq!(shop.post(&receiver, "", &started(2)), 200);
    wait("the question", || stripe.requests("customer") == 2);
    running.signal(Signal::SIGKILL);
    drop(running);
    let (code, waits, _) = shop.command(&["queue", "list", "--reason", "pull.pending"]);
    assert_eq!(code, Some(0));
    assert!(waits.contains("pull.pending"), "{waits}");
    let (running, receiver) = shop.connector();
    wait("the start after the kill", || shop.arrived().len() == 2);
    assert!(shop.log().contains("buyer-2@example.com"));

    // Nobody knows this customer, until somebody looks again.
    assert_eq!(shop.post(&receiver, "", &started(3)), 200);
    let parked = || shop.command(&["queue", "list", "--state", "parked"]).1;
    wait("it to be put aside", || parked().contains("pull.missing"));
    stripe.customer(customer(3));
    let (code, _, told) = shop.command(&["queue", "retry", "--remap", "--state", "parked"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("1 wait for what the platform's API"),
        "{told}"
    );
    wait("the third start", || shop.arrived().len() == 3);
    assert!(shop.log().contains("buyer-3@example.com"));
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
}

#[test]
fn reconcile_tells_what_misses_and_what_a_webhook_missed_is_found() {
    let (stripe, shop) = account(100);
    let at = now() - 60;
    for number in 1..=4 {
        stripe.customer(customer(number));
        stripe.subscription(subscription(number, at));
        stripe.invoice(invoice(number, at));
    }
    let (code, table, advice) = shop.command(&["reconcile", "shop", "--since", "1d"]);
    assert_eq!(code, Some(3), "{advice}");
    assert!(table.contains("missing in_3") && table.contains("missing stripe:sub:sub_3:started"));
    assert_eq!(table.matches("\nmissing ").count(), 9, "{table}");
    let (code, _, told) = shop.command(&["backfill", "shop", "--since", "1d"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("8 stored"), "{told}");
    let (code, table, _) = shop.command(&["reconcile", "shop", "--since", "1d"]);
    assert_eq!(code, Some(0), "{table}");

    // No webhook ever comes.
    stripe.event(event("evt_5", "invoice.paid", at, &invoice(5, at)));
    let (running, _) = shop.connector();
    wait("all of them", || shop.arrived().len() == 9);
    running.signal(Signal::SIGINT);
    assert_eq!(running.end().0, 130);
}

#[test]
fn check_says_what_a_source_lacks_that_does_not_read_the_api() {
    let (_stripe, shop) = account(100);
    let (code, told, more) = shop.command(&["check"]);
    assert_eq!(code, Some(0), "{told}{more}");
    assert!(!(told + &more).contains("does not read Stripe's API"));
    let with = fs::read_to_string(&shop.config).unwrap();
    let without: Vec<&str> = with
        .lines()
        .filter(|line| !["api_", "poll"].iter().any(|key| line.starts_with(key)))
        .collect();
    fs::write(&shop.config, without.join("\n")).unwrap();
    let (code, told, more) = shop.command(&["check"]);
    assert_eq!(code, Some(0), "{told}{more}");
    let told = told + &more;
    assert!(
        told.contains("sources.shop does not read Stripe's API"),
        "{told}"
    );
    let (code, _, told) = shop.command(&["backfill", "shop", "--since", "1d"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("the source needs api_key"), "{told}");

    fs::write(&shop.config, with.replace("api_key = \"file:api\"\n", "")).unwrap();
    let (code, told, more) = shop.command(&["check"]);
    assert_eq!(code, Some(2));
    assert!((told + &more).contains("api_key is missing"));
}

#[test]
fn a_backfill_that_is_killed_again_and_again_delivers_each_order_once() {
    let (stripe, shop) = account(20);
    let placed = now() - 3 * 86_400;
    let mut ids = BTreeSet::new();
    for number in 1..=1_000 {
        let at = placed + i64::try_from(number).unwrap();
        stripe.invoice(invoice(number, at));
        ids.insert(format!("stripe:invoice:in_{number}"));
    }
    let args = [
        "backfill",
        "shop",
        "--since",
        "7d",
        "--config",
        &shop.config,
    ];
    let size = || {
        let sum = |name: &str| fs::metadata(shop.path(name)).map_or(0, |it| it.len());
        sum("orderbridge.db") + sum("orderbridge.db-wal")
    };
    for round in 0..8 {
        let (before, asked) = (size(), stripe.requests("invoices"));
        // One time it waits for an answer when it is killed, the other time it has just written.
        let is_held_up = round % 2 == 0;
        if is_held_up {
            stripe.mishap("invoices", Mishap::Slow(Duration::ZERO));
            stripe.mishap("invoices", Mishap::Slow(Duration::from_secs(600)));
        }
        let mut running = start(&args);
        wait("it to be at work", || {
            if is_held_up {
                stripe.requests("invoices") > asked + 1
            } else {
                size() != before || running.0.try_wait().unwrap().is_some()
            }
        });
        let is_done = running.0.try_wait().unwrap().is_some();
        assert!(!(is_held_up && is_done), "it did not wait for the answer");
        running.0.kill().unwrap();
    }
    let asked = stripe.requests("invoices");
    let (code, _, told) = shop.command(&args[..4]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("going on with"), "{told}");
    assert!(
        stripe.requests("invoices") - asked < 50,
        "it did not begin anew"
    );
    let (running, _) = shop.connector();
    wait("all deliveries", || shop.arrived().len() >= ids.len());
    let arrived = shop.arrived();
    assert_eq!(arrived.len(), ids.len(), "none twice");
    assert_eq!(arrived.into_iter().collect::<BTreeSet<_>>(), ids);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
}
