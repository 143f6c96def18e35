//! Files: their length, their lints, their links.

use std::path::Path;

use super::{files_below, read, root, shown};

/// A file that is longer does more than one thing.
const LONGEST_FILE: usize = 400;

#[test]
fn no_rust_file_is_too_long() {
    let mut seen = 0;
    for folder in ["crates", "adapters", "tests"] {
        for file in files_below(folder, "rs") {
            seen += 1;
            let lines = read(&file).lines().count();
            let name = shown(&file);
            assert!(
                lines <= LONGEST_FILE,
                "{name} has {lines} lines; split it by what it does"
            );
        }
    }
    assert!(seen > 50, "only {seen} files were looked at");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    // Put together, so that this file does not find itself.
    let allowed = ["#[", "allow("].concat();
    let silent = ["#![", "allow("].concat();
    for folder in ["crates", "adapters", "tests"] {
        for file in files_below(folder, "rs") {
            let text = read(&file);
            let name = shown(&file);
            for (line, text) in (1..).zip(text.lines()) {
                let found = text.contains(&allowed) || text.contains(&silent);
                assert!(!found, "{name}:{line}: use #[expect(…, reason = \"…\")]");
            }
        }
    }
}

#[test]
fn versions_stand_in_one_place() {
    for folder in ["crates", "adapters"] {
        for manifest in files_below(folder, "toml") {
            if manifest.file_name().is_none_or(|name| name != "Cargo.toml") {
                continue;
            }
            let name = shown(&manifest);
            for (line, text) in (1..).zip(read(&manifest).lines()) {
                let versioned = text.contains("version = \"") || text.contains("path = \"../");
                assert!(
                    !versioned,
                    "{name}:{line}: declare it in [workspace.dependencies]"
                );
            }
        }
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = files_below("docs", "md");
    documents.extend(files_below("adapters", "md"));
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ] {
        documents.push(root().join(name));
    }
    for document in documents {
        let text = read(&document);
        let folder = document.parent().unwrap_or(Path::new(""));
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                let exists = folder.join(target).exists();
                assert!(
                    exists,
                    "{} links to {target}, which is not there",
                    shown(&document)
                );
            }
        }
    }
}
