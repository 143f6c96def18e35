//! Shell completions and the manual page, made from the command line's own definition.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{Cli, Exit, Io, fail, print};

/// Prints completions.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints a shell's completions.
pub(crate) fn completions(args: &CompletionsArgs, io: Io) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "orderbridge", &mut text);
    print(io, &String::from_utf8_lossy(&text))
}

/// Prints the manual page: the commands, then each with its flags.
pub(crate) fn man(mut io: Io) -> Exit {
    let mut text = Vec::new();
    let mut root = Cli::command();
    root.build();
    let mut render = || {
        clap_mangen::Man::new(root.clone()).render(&mut text)?;
        for command in root
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            if command.get_name() != "help" {
                let page = clap_mangen::Man::new(command.clone());
                page.render_name_section(&mut text)?;
                page.render_synopsis_section(&mut text)?;
                page.render_options_section(&mut text)?;
            }
        }
        Ok::<(), std::io::Error>(())
    };
    match render() {
        Ok(()) => print(io, &String::from_utf8_lossy(&text)),
        Err(error) => fail(&mut io.stderr, (Exit::Unexpected, error.to_string())),
    }
}
