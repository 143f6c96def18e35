//! `queue redact`: erases what is stored about somebody, or of a source.

use std::io::{BufRead as _, BufReader, Read, Write as _};

use clap::Args;
use orderbridge_core::store::{Command, Millis, RedactTarget, Store};

use super::people::PersonArgs;
use super::{Told, failed};
use crate::config::Config;
use crate::{Exit, Failed, Io};

/// Who or what is erased.
#[derive(Args, Clone, Debug)]
pub(crate) struct RedactArgs {
    #[command(flatten)]
    person: PersonArgs,
    /// The order with this number of the platform
    #[arg(long, value_name = "ID")]
    order: Vec<String>,
    /// All of this source
    #[arg(long, value_name = "NAME")]
    #[arg(conflicts_with_all = ["email", "phone", "customer", "order"])]
    source: Option<String>,
    /// Erase without asking
    #[arg(long)]
    yes: bool,
}

impl RedactArgs {
    async fn target(
        &self,
        store: &dyn Store,
        config: Option<&Config>,
    ) -> Result<RedactTarget, Failed> {
        if let Some(source) = &self.source {
            return Ok(RedactTarget::Source(source.clone()));
        }
        let subjects = self.person.subjects(&self.order, store, config).await?;
        if subjects.is_empty() {
            let message = "name whom: --email, --phone, --customer, --order, or a --source";
            return Err((Exit::Usage, message.to_owned()));
        }
        Ok(RedactTarget::Subjects(subjects))
    }
}

pub(super) async fn redact(
    store: &dyn Store,
    args: &RedactArgs,
    config: Option<&Config>,
    now: Millis,
    io: &mut Io,
) -> Result<Told, Failed> {
    let target = args.target(store, config).await?;
    let found = store.find(target.clone()).await;
    let found = found.map_err(|error| failed(&error))?.len();
    let mut told = Told::default();
    let about = match &target {
        RedactTarget::Subjects(_) => "about them",
        RedactTarget::Source(_) => "of this source",
    };
    if found == 0 {
        told.stderr = format!("nothing is stored {about}\n");
        return Ok(told);
    }
    let what = format!("{} {about}, with events and answers", payloads(found));
    if !args.yes && !is_confirmed(&what, io)? {
        told.stderr.push_str("nothing was erased\n");
        return Ok(told);
    }
    let command = Command::Redact {
        target,
        request: None,
    };
    let applied = store.apply(command, now).await;
    let applied = applied.map_err(|error| failed(&error))?;
    let changed = usize::try_from(applied.changed).unwrap_or(usize::MAX);
    told.stderr = format!(
        "erased {} {about}, with events and answers; what waited is not sent, and what comes in \
         of these orders again is not stored\n",
        payloads(changed)
    );
    if applied.journal_pending {
        told.stderr.push_str(
            "plain bytes may remain in the journal until nobody reads it; the connector removes \
             them when it is idle\n",
        );
    }
    Ok(told)
}

fn payloads(count: usize) -> String {
    if count == 1 {
        "1 payload".to_owned()
    } else {
        format!("{count} payloads")
    }
}

fn is_confirmed(what: &str, io: &mut Io) -> Result<bool, Failed> {
    if !(io.stdin_terminal && io.terminal) {
        let message = format!("this would erase {what}, for good; say --yes");
        return Err((Exit::Usage, message));
    }
    let unexpected = |error: std::io::Error| (Exit::Unexpected, error.to_string());
    write!(io.stderr, "erase {what}, for good? [y/N] ").map_err(unexpected)?;
    io.stderr.flush().map_err(unexpected)?;
    let mut answer = String::new();
    let stdin: &mut dyn Read = &mut *io.stdin;
    let mut line = BufReader::new(stdin.take(64));
    line.read_line(&mut answer).map_err(unexpected)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
