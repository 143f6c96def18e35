//! `both_through_us`: the shop's order and the tool's charge are one `Placed Order`.

use serde_json::Value;

use crate::house::{House, fixture};

const ORDER: &str = "5915217631662";
const BOTH: &str = "mode = \"both_through_us\"";

fn order() -> String {
    fixture("shopify", "subscription-first-order", &[])
}

fn charge() -> String {
    fixture("recharge", "first-order", &[("4400550001", ORDER)])
}

fn house(hold: &str) -> House {
    let shop = format!("{BOTH}\n{hold}");
    House::new(
        "",
        &[("shop", "shopify", &shop), ("club", "recharge", BOTH)],
    )
}

impl House {
    fn shop(&self) {
        self.post("shop", "shopify", "orders/create", &order());
    }

    fn club(&self) {
        self.post("club", "recharge", "charge/paid", &charge());
    }
}

fn assert_one_order(events: &[Value], total: f64) {
    assert_eq!(events.len(), 1, "{events:#?}");
    let event = &events[0];
    assert_eq!(event["event_name"], "Placed Order");
    assert_eq!(event["event_id"], ORDER);
    assert_eq!(event["properties"]["id"], ORDER);
    assert_eq!(event["properties"]["$sales_channel_type"], "web");
    assert_eq!(event["properties"]["total_price"], total);
}

/// Not a conflict but what the mode is for.
fn assert_no_trouble(house: &House) {
    assert_eq!(house.conflicts(), 0);
    let aside = house.queue(&["list", "--state", "parked", "--state", "dropped"]);
    assert!(aside.is_empty(), "{aside}");
}

#[test]
fn whichever_comes_first_is_the_order_and_the_other_adds_nothing() {
    for shop_first in [true, false] {
        let mut house = house("");
        if shop_first {
            house.shop();
            house.club();
        } else {
            house.club();
            house.shop();
        }
        let total = if shop_first { 22.0 } else { 35.0 };
        assert_one_order(&house.delivered(), total);
        assert_no_trouble(&house);
    }
}

#[test]
fn the_second_changes_nothing_after_the_first_was_delivered() {
    for shop_first in [true, false] {
        let mut house = house("");
        let (total, later): (f64, fn(&House)) = if shop_first {
            house.shop();
            (22.0, House::club)
        } else {
            house.club();
            (35.0, House::shop)
        };
        assert_one_order(&house.delivered(), total);
        // Sent again, too: each platform repeats what it believes to be lost.
        later(&house);
        later(&house);
        house.shop();
        house.club();
        assert_eq!(house.delivered(), Vec::<Value>::new());
        assert_no_trouble(&house);
    }
}

#[test]
fn a_charge_does_not_take_the_place_of_an_order_that_is_held() {
    let mut house = house("hold = \"3s\"");
    house.shop();
    house.club();
    assert_one_order(&house.delivered(), 22.0);
    assert_no_trouble(&house);
}
