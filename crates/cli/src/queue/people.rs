//! People and orders, as they are named on the command line and found in the store.

use clap::Args;
use orderbridge_connect::subject;
use orderbridge_core::store::{Store, SubjectHash};
use orderbridge_event::{Identity, Text};

use super::failed;
use crate::config::Config;
use crate::source::did_you_mean;
use crate::{Exit, Failed};

/// Somebody, by whatever is known of them. All of it is one person's.
#[derive(Args, Clone, Debug)]
pub(crate) struct PersonArgs {
    /// About whoever has this e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// About whoever has this phone number, with its country code
    #[arg(long, value_name = "NUMBER")]
    phone: Vec<String>,
    /// About the customer with this number of the platform
    #[arg(long, value_name = "ID")]
    customer: Vec<String>,
    /// The platform that a customer's or order's number is of, where several are configured
    #[arg(long, value_name = "PLATFORM")]
    platform: Option<String>,
}

impl PersonArgs {
    /// The hashes under which the store knows them; none when nobody was named.
    pub(super) async fn subjects(
        &self,
        orders: &[String],
        store: &dyn Store,
        config: Option<&Config>,
    ) -> Result<Vec<SubjectHash>, Failed> {
        let mut identities = Vec::new();
        add(&mut identities, "--email", &self.email, Identity::Email)?;
        add(&mut identities, "--phone", &self.phone, Identity::Phone)?;
        let people = identities.len();
        add(
            &mut identities,
            "--customer",
            &self.customer,
            Identity::Customer,
        )?;
        add(&mut identities, "--order", orders, Identity::Order)?;
        if identities.is_empty() {
            return Ok(Vec::new());
        }
        let platform = if identities.len() > people {
            self.platform(config)?
        } else {
            String::new()
        };
        let key = store.subject_key().await.map_err(|error| failed(&error))?;
        let hashes = identities.iter().map(|(flag, identity)| {
            subject(&key, &platform, &[], identity).ok_or_else(|| {
                let what = "many people share this, or it is none: nobody is known by it";
                (Exit::Usage, format!("{flag}: {what}"))
            })
        });
        hashes.collect()
    }

    /// Numbers count within their platform.
    fn platform(&self, config: Option<&Config>) -> Result<String, Failed> {
        let usage = |message: String| (Exit::Usage, message);
        let all: Vec<&str> = orderbridge_registry::ALL
            .iter()
            .map(|it| it.adapter.name())
            .collect();
        if let Some(name) = &self.platform {
            if all.contains(&name.as_str()) {
                return Ok(name.clone());
            }
            let hint = did_you_mean(name, all.iter().copied());
            return Err(usage(format!(
                "--platform: there is no platform {name:?}{hint}"
            )));
        }
        let sources = config
            .into_iter()
            .flat_map(|config| config.sources.values());
        let mut configured: Vec<&str> = sources.map(|source| source.platform.as_str()).collect();
        configured.sort_unstable();
        configured.dedup();
        match (configured.as_slice(), all.as_slice()) {
            ([one], _) | ([], [one]) => Ok((*one).to_owned()),
            _ => Err(usage(
                "name the --platform that the number is of: another one's may be the same"
                    .to_owned(),
            )),
        }
    }
}

fn add(
    to: &mut Vec<(&'static str, Identity)>,
    flag: &'static str,
    values: &[String],
    kind: fn(Text) -> Identity,
) -> Result<(), Failed> {
    for value in values {
        let text = Text::new(value.as_str());
        let text = text.ok_or_else(|| (Exit::Usage, format!("{flag} is empty")))?;
        to.push((flag, kind(text)));
    }
    Ok(())
}
