//! Recharge.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;
use orderbridge_standin::Mishap;
use orderbridge_standin::recharge::{Recharge, Setup, TOKEN, charge, customer, subscription};
use serde_json::json;

use crate::running::start;
use crate::shop::{Shop, now, wait};

/// A shop whose bucket is never full, and a source that reads it.
fn account(page: usize) -> (Recharge, Shop) {
    let setup = Setup {
        speed: 100_000.0,
        page,
    };
    let recharge = Recharge::start(setup).unwrap();
    let keys = format!("api_url = \"{}\"", recharge.url());
    let shop = Shop::new("recharge", "access_token", TOKEN, &keys);
    (recharge, shop)
}

#[test]
fn a_webhook_gets_its_customer_and_what_no_webhook_told_is_found() {
    let (recharge, shop) = account(250);
    let (running, receiver) = shop.connector();
    let at = now() - 60;
    recharge.customer(customer(1));
    let started = json!({ "subscription": subscription(1, at) }).to_string();
    assert_eq!(shop.post(&receiver, "/subscription/created", &started), 200);
    wait("the start", || {
        shop.arrived() == ["recharge:sub:3000001:started"]
    });
    assert!(shop.log().contains("buyer-1@example.com"));
    recharge.charge(charge(2, at));
    wait("the charge that nobody told", || shop.arrived().len() == 2);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.end().0, 143);
    let (code, json, _) = shop.command(&["reconcile", "shop", "--since", "1d", "--format", "json"]);
    assert_eq!(code, Some(0), "{json}");
    assert!(json.contains("\"stored\":1"), "{json}");
}

#[test]
fn a_backfill_that_is_killed_again_and_again_delivers_each_renewal_once() {
    let (recharge, shop) = account(25);
    let placed = now() - 3 * 86_400;
    let mut ids = BTreeSet::new();
    for number in 1..=1_000 {
        recharge.charge(charge(number, placed + number));
        ids.insert(format!("recharge:charge:{}", 500_000_000 + number));
    }
    let (code, table, _) = shop.command(&["reconcile", "shop", "--since", "7d"]);
    assert_eq!(code, Some(3));
    assert!(table.contains("missing 500000007"), "{table}");
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
    for round in 0..6 {
        let (before, asked) = (size(), recharge.requests("charges"));
        let is_held_up = round % 2 == 0;
        if is_held_up {
            recharge.mishap("charges", Mishap::Slow(Duration::ZERO));
            recharge.mishap("charges", Mishap::Slow(Duration::from_secs(600)));
        }
        let mut running = start(&args);
        wait("it to be at work", || {
            if is_held_up {
                recharge.requests("charges") > asked + 1
            } else {
                size() != before || running.0.try_wait().unwrap().is_some()
            }
        });
        let is_done = running.0.try_wait().unwrap().is_some();
        assert!(!(is_held_up && is_done), "it did not wait for the answer");
        running.0.kill().unwrap();
    }
    let asked = recharge.requests("charges");
    let (code, _, told) = shop.command(&args[..4]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("going on with"), "{told}");
    assert!(
        recharge.requests("charges") - asked < 40,
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
