//! Chargebee's API, as far as it is asked: for the customer whom a message names by id.
//! <https://apidocs.chargebee.com/docs/api/customers#retrieve_a_customer>

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use orderbridge_event::{
    Answer, Api, KeyKind, Operation, Pull, PullError, PullKey, PullSettings, Pulled, Request,
    Secret, Step, Taken, Text, Timestamp, Trouble, WrongKey,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The API.
#[derive(Debug)]
pub(crate) struct Rest;

const KEYS: &[PullKey] = &[
    PullKey {
        name: "api_key",
        kind: KeyKind::Secret,
        is_required: true,
        remark: "a read-only API key of the site",
    },
    PullKey {
        name: "site",
        kind: KeyKind::Text,
        is_required: true,
        remark: "the site's name: acme, if it is acme.chargebee.com",
    },
    PullKey {
        name: "api_url",
        kind: KeyKind::Text,
        is_required: false,
        remark: "another address than the site's, for tests",
    },
];

/// What a test site allows in a minute; live sites may ask more.
const OPERATIONS: &[Operation] = &[Operation {
    name: Operation::ALL_OTHERS,
    every: Duration::from_millis(400),
    burst: 20,
}];

const CUSTOMER: &str = "customer";

impl Pull for Rest {
    fn keys(&self) -> &'static [PullKey] {
        KEYS
    }

    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey> {
        let url = match (settings.text("api_url"), settings.text("site")) {
            (Some(url), _) if url.starts_with("https://") || url.starts_with("http://") => {
                url.trim_end_matches('/').to_owned()
            }
            (Some(_), _) => {
                let what = "must be a URL such as https://acme.chargebee.com";
                return Err(WrongKey::new("api_url", what));
            }
            (None, Some(site)) if is_name(site) => format!("https://{site}.chargebee.com"),
            (None, Some(_)) => {
                let what = "must be the site's name alone, such as acme";
                return Err(WrongKey::new("site", what));
            }
            (None, None) => {
                let what = "is missing: acme, if the site is acme.chargebee.com";
                return Err(WrongKey::new("site", what));
            }
        };
        // The key is the user, and there is no password.
        let key = settings.secret("api_key")?;
        let credentials = BASE64_STANDARD.encode(format!("{}:", key.expose()));
        Ok(Box::new(Site {
            url,
            authorization: Secret::new(format!("Basic {credentials}")),
        }))
    }

    fn without(&self) -> Option<&'static str> {
        Some(
            "does not read Chargebee's API: a message that names the customer by id only makes an \
             event without an e-mail address; api_key and site change that",
        )
    }
}

fn is_name(site: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    !site.is_empty() && site.bytes().all(is_plain)
}

struct Site {
    url: String,
    authorization: Secret,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The position at the end of a walk; before that it is the request.
const END: &str = "end";

impl Api for Site {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn fault(&self, answer: &Answer<'_>) -> Option<String> {
        let fault: Fault = serde_json::from_slice(answer.body).ok()?;
        let is_word = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        fault
            .api_error_code
            .filter(|code| code.bytes().all(is_word))
    }

    fn streams(&self) -> Vec<String> {
        Vec::new()
    }

    fn round(&self, _: &str, _: Option<&str>, _: Timestamp) -> Result<String, PullError> {
        Err(PullError::position())
    }

    fn read_up_to(&self, _: &str, _: &str) -> Option<Timestamp> {
        None
    }

    fn history(&self, _: Timestamp, _: Timestamp) -> Result<String, PullError> {
        let message = "OrderBridge does not read history from Chargebee: export it there and give \
                       it to `orderbridge map`";
        Err(PullError::new(Trouble::Refused, message))
    }

    fn fetch(&self, _: &Text) -> Result<String, PullError> {
        // No message of Chargebee's names something without holding it.
        Err(PullError::position())
    }

    fn lookup(&self, request: &str) -> Result<String, PullError> {
        if request.starts_with("GET /api/v2/customers/") {
            return Ok(request.to_owned());
        }
        let message = "only customers are asked for";
        Err(PullError::new(Trouble::Refused, message))
    }

    fn step(&self, position: &str, _: Timestamp) -> Result<Step, PullError> {
        if position == END {
            return Ok(Step::Done);
        }
        let path = position
            .strip_prefix("GET ")
            .ok_or_else(PullError::position)?;
        let request = Request::get(CUSTOMER, format!("{}{path}", self.url));
        let authorization = self.authorization.clone();
        Ok(Step::Ask(request.header("authorization", authorization)))
    }

    fn take(&self, position: &str, answer: &Answer<'_>, _: Timestamp) -> Result<Taken, PullError> {
        if !answer.is_success() {
            let fault = self.fault(answer);
            let fault = fault.unwrap_or_else(|| format!("status {}", answer.status));
            let trouble = match answer.status {
                404 => Trouble::Missing,
                _ => Trouble::Refused,
            };
            let message = format!("Chargebee refuses {CUSTOMER}: {fault}");
            return Err(PullError::new(trouble, message));
        }
        let fields: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_slice(answer.body);
        let customer = fields.ok().and_then(|fields| fields.get(CUSTOMER).copied());
        let customer = customer.ok_or_else(|| PullError::unreadable(CUSTOMER))?;
        Ok(Taken {
            payloads: vec![Pulled {
                topic: position.to_owned(),
                body: customer.get().as_bytes().to_vec(),
                id: None,
            }],
            is_second_hand: false,
            position: END.to_owned(),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    api_error_code: Option<String>,
}

#[cfg(test)]
mod tests {
    use orderbridge_event::Headers;

    use super::*;

    fn open(texts: &[(&'static str, &str)]) -> Result<Box<dyn Api>, String> {
        let mut settings = PullSettings::default();
        settings.secrets.insert("api_key", Secret::new("live_1"));
        for (key, text) in texts {
            settings.texts.insert(key, (*text).to_owned());
        }
        Rest.open(&settings).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn settings_are_checked() {
        assert!(open(&[]).unwrap_err().starts_with("site is missing"));
        for site in ["acme.chargebee.com", "", "a/b"] {
            let wrong = open(&[("site", site)]).unwrap_err();
            assert!(wrong.starts_with("site must be"), "{site}");
        }
        let wrong = open(&[("api_url", "acme")]).unwrap_err();
        assert!(wrong.starts_with("api_url must be a URL"));
    }

    #[test]
    fn a_customer_is_looked_up() {
        let api = open(&[("site", "acme")]).unwrap();
        assert!(!format!("{api:?}").contains("live_1"));
        let now = Timestamp::from_unix(0).unwrap();
        let position = api.lookup("GET /api/v2/customers/cus_1").unwrap();
        let Step::Ask(request) = api.step(&position, now).unwrap() else {
            panic!("nothing to ask");
        };
        assert_eq!(
            request.url,
            "https://acme.chargebee.com/api/v2/customers/cus_1"
        );
        let (name, value) = &request.headers[0];
        assert_eq!(
            (*name, value.expose()),
            ("authorization", "Basic bGl2ZV8xOg==")
        );
        let answer = |status, body: &str| {
            let answer = Answer {
                status,
                headers: Headers::new(&[]),
                body: body.as_bytes(),
            };
            api.take(&position, &answer, now)
        };
        let taken = answer(200, r#"{"customer": {"id": "cus_1"}, "card": {}}"#).unwrap();
        assert_eq!(taken.payloads[0].body, br#"{"id": "cus_1"}"#);
        assert!(matches!(api.step(&taken.position, now), Ok(Step::Done)));
        let missing = r#"{"api_error_code": "resource_not_found", "message": "words"}"#;
        let error = answer(404, missing).unwrap_err();
        assert_eq!(error.trouble, Trouble::Missing);
        assert_eq!(
            error.message,
            "Chargebee refuses customer: resource_not_found"
        );
        assert_eq!(answer(200, "{}").unwrap_err().trouble, Trouble::Answer);
        assert!(api.lookup("GET /api/v2/orders/1").is_err());
    }
}
