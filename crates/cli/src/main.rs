//! The `orderbridge` program; all of it is in the library, where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = orderbridge_cli::run(std::env::args_os(), orderbridge_cli::Io::of_process());
    ExitCode::from(exit.code())
}
