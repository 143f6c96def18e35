//! Each law can fail: an adapter with the right vice breaks it, the honest one keeps it.

use orderbridge_testkit::LAWS;
use orderbridge_testkit::bad::{self, Vice};

#[test]
fn the_honest_adapter_keeps_every_law() {
    for law in LAWS {
        if let Err(why) = law.check(&bad::source(None), &bad::fixtures()) {
            panic!("{}: {why}", law.name);
        }
    }
}

#[test]
fn each_law_is_broken_by_its_vices() {
    for law in LAWS {
        let mut vices = Vice::ALL
            .iter()
            .filter(|vice| vice.law() == law.name)
            .peekable();
        assert!(
            vices.peek().is_some(),
            "no vice breaks the law {:?}; add one to testkit's bad/vice.rs and let it do in bad.rs \
             what the law forbids: {}",
            law.name,
            law.sentence
        );
        for vice in vices {
            let broken = law.check(&bad::source(Some(*vice)), &bad::fixtures());
            assert!(
                broken.is_err(),
                "the law {:?} does not notice the vice {vice:?}",
                law.name
            );
        }
    }
}

#[test]
fn each_vice_is_against_a_law() {
    for vice in Vice::ALL {
        let law = LAWS.iter().find(|law| law.name == vice.law());
        assert!(
            law.is_some(),
            "{vice:?} breaks {:?}, which is no law",
            vice.law()
        );
    }
}
