//! Stripe's API: what to ask it, and what its answers mean.
//!
//! Events are read again and again, for what no webhook told; Stripe keeps them for thirty days.
//! History is read from invoices and subscriptions, which it keeps for ever. What a payload lacks
//! is asked for by itself. <https://docs.stripe.com/api/pagination>

mod answers;
mod api;
mod lists;
mod lookup;
mod position;
#[cfg(test)]
mod tests;

use orderbridge_event::{Api, KeyKind, Pull, PullKey, PullSettings, Secret, WrongKey};

use api::Account;

/// The API.
#[derive(Debug)]
pub(crate) struct Rest;

const KEYS: &[PullKey] = &[
    PullKey {
        name: "api_key",
        kind: KeyKind::Secret,
        is_required: true,
        remark: "a secret or restricted key of the account",
    },
    PullKey {
        name: "api_url",
        kind: KeyKind::Text,
        is_required: false,
        remark: "another address than Stripe's, for tests",
    },
];

impl Pull for Rest {
    fn keys(&self) -> &'static [PullKey] {
        KEYS
    }

    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey> {
        let url = settings.text("api_url").unwrap_or("https://api.stripe.com");
        if !url.starts_with("https://") && !url.starts_with("http://") {
            let what = "must be a URL such as https://api.stripe.com";
            return Err(WrongKey::new("api_url", what));
        }
        let key = settings.secret("api_key")?;
        Ok(Box::new(Account {
            url: url.trim_end_matches('/').to_owned(),
            authorization: Secret::new(format!("Bearer {}", key.expose())),
        }))
    }

    fn without(&self) -> Option<&'static str> {
        Some(
            "does not read Stripe's API: Stripe's messages about a subscription name the customer \
             by id, so their events have no e-mail address, and a message that never came is not \
             found; api_key changes that",
        )
    }
}
