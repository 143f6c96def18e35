//! Every law of the test kit over every fixture.

use std::path::Path;

use orderbridge_kiosk::KIOSK;
use orderbridge_testkit::{LAWS, fixtures};

#[test]
fn every_law_is_kept() {
    let fixtures = fixtures(Path::new("fixtures"), &KIOSK);
    assert!(!fixtures.is_empty());
    for law in LAWS {
        if let Err(why) = law.check(&KIOSK, &fixtures) {
            panic!("{}\n{why}", law.sentence);
        }
    }
}
