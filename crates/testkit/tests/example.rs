//! The adapter of the documents: it is what they show, and it keeps every law.

#[path = "../../../docs/example-adapter/src/lib.rs"]
#[expect(unreachable_pub, reason = "elsewhere it is a crate of its own")]
mod orderbridge_kiosk;

use std::path::{Path, PathBuf};

use orderbridge_kiosk::KIOSK;
use orderbridge_testkit::{LAWS, fixtures};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

#[test]
fn every_law_is_kept() {
    let fixtures = fixtures(&docs().join("example-adapter/fixtures"), &KIOSK);
    assert!(!fixtures.is_empty());
    for law in LAWS {
        if let Err(why) = law.check(&KIOSK, &fixtures) {
            panic!("{}\n{why}", law.sentence);
        }
    }
}

#[test]
fn the_page_shows_what_is_compiled() {
    let read = |name: &str| {
        let path = docs().join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let code = read("example-adapter/src/lib.rs") + &read("example-adapter/tests/laws.rs");
    let page = read("write-an-adapter.md");
    let blocks = page.split("```rust\n").skip(1);
    let blocks: Vec<&str> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    assert!(blocks.len() > 3, "{} blocks", blocks.len());
    for block in blocks {
        assert!(code.contains(block), "it is not in the example:\n{block}");
    }
}
