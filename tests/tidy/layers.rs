//! Layers: who may know whom. The invariants A1 to A3 of ARCHITECTURE.md.

use std::process::Command;

use orderbridge_registry::ALL;

use super::{files_below, read, root, shown};

/// The packages that must stay fit for WebAssembly.
fn pure() -> Vec<String> {
    let adapters = ALL
        .iter()
        .map(|source| format!("orderbridge-{}", source.adapter.name()));
    adapters.chain(["orderbridge-event".to_owned()]).collect()
}

/// The names of all packages below a package, with versions cut off.
fn tree(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree -p {package}: {error}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_vocabulary_and_the_adapters_do_no_io() {
    const IO: &[&str] = &[
        "tokio",
        "mio",
        "hyper",
        "reqwest",
        "rusqlite",
        "async-std",
        "smol",
        "socket2",
        "rustls",
        "getrandom",
        "rand",
        "axum",
        "libc",
    ];
    for package in pure() {
        let below = tree(&package);
        assert!(below.len() > 3, "{package}: {below:?}");
        for name in below {
            assert!(!IO.contains(&name.as_str()), "{package} depends on {name}");
        }
    }
}

#[test]
fn rules_do_no_io() {
    // The parser of expressions has a lock, which is made with libc; it does nothing else with it.
    let below = tree("orderbridge-rules");
    for name in &below {
        let io = [
            "tokio",
            "mio",
            "hyper",
            "reqwest",
            "rusqlite",
            "getrandom",
            "rand",
        ];
        assert!(
            !io.contains(&name.as_str()),
            "orderbridge-rules depends on {name}"
        );
        let known = !name.starts_with("orderbridge")
            || matches!(name.as_str(), "orderbridge-rules" | "orderbridge-event");
        assert!(known, "orderbridge-rules depends on {name}");
    }
    assert!(below.contains(&"cel".to_owned()));
}

#[test]
fn one_place_knows_how_expressions_are_evaluated() {
    for folder in ["crates", "adapters"] {
        for file in files_below(folder, "rs") {
            let name = shown(&file);
            let speaks = read(&file)
                .lines()
                .any(|line| line.trim_start().starts_with("use cel::"));
            let at_home = name.starts_with("crates/rules/src/expression/");
            assert!(
                at_home || !speaks,
                "{name} speaks of the crate behind expressions"
            );
        }
    }
}

#[test]
fn adapters_know_neither_each_other_nor_the_core() {
    for source in ALL {
        let own = format!("orderbridge-{}", source.adapter.name());
        for name in tree(&own) {
            let known =
                !name.starts_with("orderbridge") || name == own || name == "orderbridge-event";
            assert!(known, "{own} depends on {name}");
        }
    }
}

#[test]
fn the_receiver_knows_no_platform() {
    for name in tree("orderbridge-connect") {
        let known = !name.starts_with("orderbridge")
            || matches!(
                name.as_str(),
                "orderbridge-connect"
                    | "orderbridge-core"
                    | "orderbridge-event"
                    | "orderbridge-rules"
            );
        assert!(known, "orderbridge-connect depends on {name}");
    }
}

#[test]
fn nothing_depends_on_the_program() {
    let packages = [
        "orderbridge-connect",
        "orderbridge-core",
        "orderbridge-registry",
        "orderbridge-rules",
        "orderbridge-testkit",
    ];
    for package in packages {
        let below = tree(package);
        assert!(
            !below.contains(&"orderbridge-cli".to_owned()),
            "{package} depends on the program"
        );
    }
    assert!(!tree("orderbridge-testkit").contains(&"orderbridge-core".to_owned()));
}

#[test]
fn one_place_knows_how_converge_is_reached_and_one_knows_its_json() {
    // The sandbox stands on the other side of the wire, so it knows both as well.
    let sandbox = "crates/cli/src/sandbox/";
    let rules = [
        ("webhook-token", "crates/core/"),
        ("profile_properties", "crates/event/"),
        ("$sales_channel_type", "crates/event/"),
        ("$is_new_customer", "crates/event/"),
    ];
    for folder in ["crates", "adapters"] {
        for file in files_below(folder, "rs") {
            let name = shown(&file);
            if !name.contains("/src/") || name.starts_with(sandbox) {
                continue;
            }
            // Comments, and with them the help of the command line, may speak of anything.
            let code = read(&file);
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code: String = code.map(|line| line.to_lowercase() + "\n").collect();
            for (word, home) in rules {
                let at_home = name.starts_with(home) || name.starts_with("crates/testkit/");
                assert!(
                    at_home || !code.contains(word),
                    "{name} speaks of {word}, as only {home} may"
                );
            }
        }
    }
}
