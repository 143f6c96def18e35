//! Adapters: each is registered, documented and tested.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use orderbridge_event::{Profile, SalesChannel, Source};
use orderbridge_registry::ALL;

use super::{entries, files_below, read, root, shown, stem};

#[test]
fn every_folder_is_registered() {
    let registered: BTreeSet<&str> = ALL.iter().map(|source| source.adapter.name()).collect();
    for folder in entries(&root().join("adapters")) {
        if !folder.is_dir() {
            continue;
        }
        let name = stem(&folder);
        let upper = name.to_uppercase();
        assert!(
            registered.contains(name.as_str()),
            "adapters/{name} is not registered; paste\n\
             into crates/registry/Cargo.toml:   orderbridge-{name}.workspace = true\n\
             into crates/registry/src/lib.rs:   &orderbridge_{name}::{upper},\n\
             into [workspace.dependencies]:     orderbridge-{name} = {{ path = \"adapters/{name}\" }}"
        );
    }
    let mut sorted: Vec<&str> = ALL.iter().map(|source| source.adapter.name()).collect();
    sorted.dedup();
    assert!(
        sorted.is_sorted() && sorted.len() == ALL.len(),
        "the registry is not in order: {sorted:?}"
    );
}

#[test]
fn the_readme_has_each_platform_and_its_channels() {
    let readme = read("README.md");
    for source in ALL {
        let row = row(source);
        assert!(
            readme.contains(&row),
            "the table in README.md has no row\n{row}"
        );
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| ["))
        .count();
    assert_eq!(rows, ALL.len(), "a row too many in the table of README.md");
    let mut head = String::from("| Platform |");
    for channel in SalesChannel::ALL {
        let _ = write!(head, " `{channel}` |");
    }
    assert!(
        readme.contains(&head),
        "the head of the table should be\n{head}"
    );
}

fn row(source: &Source) -> String {
    let name = source.adapter.name();
    let Profile { channels, .. } = source.adapter.profile();
    let mut row = format!("| [{name}](adapters/{name}/README.md) |");
    for channel in SalesChannel::ALL {
        row.push_str(if channels.contains(channel) {
            " ✓ |"
        } else {
            " |"
        });
    }
    row
}

#[test]
fn every_fixture_has_a_snapshot_and_the_reverse() {
    for source in ALL {
        let name = source.adapter.name();
        let names = |folder: String, ending: &str| -> BTreeSet<String> {
            files_below(&folder, ending)
                .iter()
                .map(|path| stem(path))
                .collect()
        };
        let fixtures = names(format!("adapters/{name}/fixtures"), "json");
        let snapshots = names(format!("snapshots/{name}"), "snap");
        let beside = names(format!("adapters/{name}/fixtures"), "toml");
        assert!(
            fixtures.len() >= 30,
            "{name} has only {} fixtures",
            fixtures.len()
        );
        let missing: Vec<_> = fixtures.difference(&snapshots).collect();
        let unused: Vec<_> = snapshots.difference(&fixtures).collect();
        let alone: Vec<_> = beside.difference(&fixtures).collect();
        assert!(missing.is_empty(), "without a snapshot: {missing:?}");
        assert!(unused.is_empty(), "snapshots without a fixture: {unused:?}");
        assert!(alone.is_empty(), "a .toml without its .json: {alone:?}");
    }
}

#[test]
fn every_snapshot_of_the_command_line_is_used() {
    let mut tests = String::new();
    for file in files_below("tests", "rs")
        .into_iter()
        .chain(files_below("crates", "rs"))
    {
        tests.push_str(&read(file));
    }
    for folder in entries(&root().join("snapshots")) {
        let is_adapter = ALL
            .iter()
            .any(|source| folder.ends_with(source.adapter.name()));
        if is_adapter {
            continue;
        }
        for snapshot in entries(&folder) {
            let name = stem(&snapshot);
            // A name may end in what the test runs through: `help-{command}`.
            let begun = name.match_indices('-').map(|(at, _)| &name[..=at]);
            let begun = begun.map(|begun| format!("\"{begun}{{"));
            let mut names = begun.chain([format!("\"{name}\"")]);
            assert!(
                names.any(|name| tests.contains(&name)),
                "{} belongs to no test",
                shown(&snapshot)
            );
        }
    }
}

#[test]
fn fixtures_are_about_invented_people() {
    for file in files_below("adapters", "json") {
        let text = read(&file);
        for word in text.split(|letter: char| !is_part_of_an_address(letter)) {
            let Some((local, domain)) = word.split_once('@') else {
                continue;
            };
            if local.is_empty() || !domain.contains('.') {
                continue;
            }
            let reserved = ["example.com", "example.org", "example.net", "shop.example"];
            // A marketplace's relay says nothing about anybody.
            let relay = domain.starts_with("marketplace.amazon.") || domain == "scs.tiktokw.us";
            let good = relay
                || reserved
                    .iter()
                    .any(|end| domain.to_lowercase().ends_with(end));
            assert!(good, "{}: {word} could be somebody's address", shown(&file));
        }
    }
}

fn is_part_of_an_address(letter: char) -> bool {
    letter.is_alphanumeric() || "@._%+-".contains(letter)
}
