//! `orderbridge explain-code`: the page of a code.

use std::fmt::Write as _;

use clap::Args;
use orderbridge_event::{Class, Code};

use crate::{Exit, Io, fail, print};

/// Tells what a code means.
#[derive(Args, Clone, Debug)]
pub struct ExplainCodeArgs {
    /// The code, such as amount.invalid; without one all are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// Prints the page of one code, or the list of all.
pub(crate) fn run(args: &ExplainCodeArgs, mut io: Io) -> Exit {
    let Some(wanted) = &args.code else {
        return print(io, &list());
    };
    if let Some(code) = Code::parse(wanted) {
        let class = code.class().as_str();
        print(
            io,
            &format!("{code} ({class}): {}\n\n{}\n", code.summary(), code.page()),
        )
    } else {
        let names = Code::ALL.iter().map(|code| code.as_str());
        let hint = crate::source::did_you_mean(wanted, names);
        let message =
            format!("there is no code {wanted:?}{hint}; `orderbridge explain-code` lists all");
        fail(&mut io.stderr, (Exit::Usage, message))
    }
}

fn list() -> String {
    let mut text = String::new();
    for class in [
        Class::Error,
        Class::Ignored,
        Class::Note,
        Class::Finding,
        Class::Pull,
    ] {
        let _ = writeln!(text, "{}", class.as_str());
        for code in Code::ALL.iter().filter(|code| code.class() == class) {
            let _ = writeln!(text, "  {:<24} {}", code.as_str(), code.summary());
        }
    }
    text
}
