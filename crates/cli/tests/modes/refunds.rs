//! Recharge tells only the sum of a charge's refunds; each is sent as what it gave back.

use serde_json::Value;

use crate::house::{House, fixture};

/// A charge of which so much was given back in all.
fn refunded(sum: &str) -> String {
    fixture(
        "recharge",
        "refund",
        &[("\"10.00\"", &format!("\"{sum}\""))],
    )
}

fn amounts(events: &[Value]) -> Vec<(String, f64)> {
    let one = |event: &Value| {
        assert_eq!(event["event_name"], "Received Refund");
        let id = event["event_id"].as_str().unwrap().to_owned();
        (id, event["properties"]["total_price"].as_f64().unwrap())
    };
    events.iter().map(one).collect()
}

#[test]
fn each_refund_is_the_difference_to_what_was_told_before() {
    let mut house = House::new("", &[("club", "recharge", "mode = \"standalone\"")]);
    let post =
        |house: &House, sum| house.post("club", "recharge", "charge/refunded", &refunded(sum));
    let id = |sum: &str| format!("recharge:charge:900100200:refund:{sum}");

    post(&house, "10.00");
    assert_eq!(amounts(&house.delivered()), [(id("10.00"), 10.0)]);
    post(&house, "25.00");
    assert_eq!(amounts(&house.delivered()), [(id("25.00"), 15.0)]);

    // Repetitions, in any order, and one that comes after a later one has told its part.
    for sum in ["25.00", "10.00", "18.00", "25.00"] {
        post(&house, sum);
    }
    assert_eq!(house.delivered(), Vec::<Value>::new());
    post(&house, "35.00");
    assert_eq!(amounts(&house.delivered()), [(id("35.00"), 10.0)]);
    assert_eq!(house.conflicts(), 0);
}
