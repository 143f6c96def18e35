//! Recharge's API: what to ask it, and what its answers mean.
//!
//! Charges and subscriptions are read again and again by last update, for what no webhook told.
//! History is read from charges, which are given out for ninety days, from the orders before that,
//! and from subscriptions. <https://developer.rechargepayments.com/2021-11/cursor_pagination>

mod answers;
mod api;
mod lists;
mod position;
#[cfg(test)]
mod tests;

use orderbridge_event::{Api, KeyKind, Pull, PullKey, PullSettings, WrongKey};

use api::Shop;

/// The API.
#[derive(Debug)]
pub(crate) struct Rest;

const KEYS: &[PullKey] = &[
    PullKey {
        name: "access_token",
        kind: KeyKind::Secret,
        is_required: true,
        remark: "an API token that may read orders, subscriptions and customers",
    },
    PullKey {
        name: "api_url",
        kind: KeyKind::Text,
        is_required: false,
        remark: "another address than Recharge's, for tests",
    },
];

impl Pull for Rest {
    fn keys(&self) -> &'static [PullKey] {
        KEYS
    }

    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey> {
        let url = settings.text("api_url");
        let url = url.unwrap_or("https://api.rechargeapps.com");
        if !url.starts_with("https://") && !url.starts_with("http://") {
            let what = "must be a URL such as https://api.rechargeapps.com";
            return Err(WrongKey::new("api_url", what));
        }
        Ok(Box::new(Shop {
            url: url.trim_end_matches('/').to_owned(),
            token: settings.secret("access_token")?,
        }))
    }

    fn without(&self) -> Option<&'static str> {
        Some(
            "does not read Recharge's API: a message that never came is not found, and the events \
             of a subscription whose webhook does not include the customer have no e-mail address; \
             access_token changes that",
        )
    }
}
