//! Every example of the documents is run as it is printed.
//!
//! In a `console` block a line that begins with `$ ` is a command, and what follows is what it
//! prints, to stdout and stderr; a line `…` stands for any number of lines. Configurations are
//! read by the program.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_orderbridge");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// All documents that show the program to its users.
fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut found = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for folder in [root.join("docs"), root.join("adapters")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let path = if path.is_dir() {
                path.join("README.md")
            } else {
                path
            };
            if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// The blocks of one language in a document, with the line they begin on.
fn blocks(text: &str, language: &str) -> Vec<(usize, Vec<String>)> {
    let fence = format!("```{language}");
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == fence {
            let block = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| *line != "```");
            found.push((number + 2, block.map(str::to_owned).collect()));
        }
    }
    found
}

fn run(command: &str) -> Output {
    let folder = Path::new(PROGRAM).parent().unwrap();
    let path = format!(
        "{}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    Command::new("bash")
        .args(["-c", &format!("({command}) 2>&1")])
        .current_dir(root())
        .env("PATH", path)
        .env_remove("ORDERBRIDGE_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Whether lines are as expected, where `…` stands for any number of them.
fn fits(expected: &[String], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=found.len()).any(|skip| fits(rest, found.get(skip..).unwrap_or_default()))
        }
        Some((line, rest)) => found
            .split_first()
            .is_some_and(|(first, more)| first.trim_end() == line.trim_end() && fits(rest, more)),
    }
}

#[test]
fn every_console_example_prints_what_it_says() {
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (number, block) in blocks(&text, "console") {
            let mut lines = block.iter().peekable();
            while let Some(line) = lines.next() {
                let place = format!("{}:{number}", document.display());
                let command = line.strip_prefix("$ ");
                let command = command.unwrap_or_else(|| panic!("{place}: no command: {line}"));
                let mut expected = Vec::new();
                while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                    expected.push(line.clone());
                }
                let output = run(command);
                let found = String::from_utf8_lossy(&output.stdout);
                let found: Vec<&str> = found.lines().collect();
                assert!(
                    fits(&expected, &found),
                    "{place}: {command}\nprints\n{}\nand not\n{}",
                    found.join("\n"),
                    expected.join("\n")
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 4, "only {seen} examples were found");
}

#[test]
fn every_configuration_in_the_documents_is_one() {
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (number, block) in blocks(&text, "toml") {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), block.join("\n")).unwrap();
            let config = file.path().display();
            let output = run(&format!(
                "orderbridge map shopify /dev/null -q --config {config}"
            ));
            let found = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "{}:{number}: {found}",
                document.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "no configuration was found");
}
