//! `sqs`: the queue from which a source's notifications are taken.

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::SecretRef;
use super::reader::{Reader, Value};

/// The key of a source.
pub(super) const KEY: &str = "sqs";
const KEYS: &[&str] = &[
    "queue_url",
    "region",
    "access_key_id",
    "secret_access_key",
    "session_token",
];

/// What it says.
#[derive(Clone, Debug)]
pub(crate) struct SqsConfig {
    /// `queue_url`
    pub(crate) queue_url: String,
    /// `region`, or the one that the URL names.
    pub(crate) region: String,
    /// `access_key_id`
    pub(crate) access_key_id: SecretRef,
    /// `secret_access_key`
    pub(crate) secret_access_key: SecretRef,
    /// `session_token`
    pub(crate) session_token: Option<SecretRef>,
}

/// Whether a platform's notifications come by queues.
pub(super) fn is_for(platform: &str) -> bool {
    let webhook = orderbridge_registry::find(platform).and_then(|source| source.webhook);
    webhook.is_some_and(orderbridge_event::Webhook::reads_queues)
}

impl SqsConfig {
    /// Reads it; nothing where something is wrong, which is noted then.
    pub(super) fn read<'a>(
        reader: &mut Reader<'a>,
        value: &Value<'a>,
        folder: &Path,
    ) -> Option<Self> {
        let table = reader.table(KEY, value)?;
        for (key, _) in table {
            if !KEYS.contains(&key.get_ref().as_ref()) {
                reader.unknown(key.span(), "sqs has no key", key.get_ref(), KEYS);
            }
        }
        let mut secret = |key| secret(reader, table, key, folder);
        let access_key_id = secret("access_key_id");
        let secret_access_key = secret("secret_access_key");
        let session_token = secret("session_token");
        let queue_url = text(reader, table, "queue_url");
        let region = text(reader, table, "region");
        if let Some((url, place)) = &queue_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            let message = "queue_url must be a URL such as \
                           https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
            reader.mistake(place.clone(), message);
            return None;
        }
        let region = match (region, &queue_url) {
            (Some((region, _)), _) => Some(region),
            (None, Some((url, place))) => {
                let named = region_of(url);
                if named.is_none() {
                    let message = "queue_url names no region: give it as region = \"eu-west-1\"";
                    reader.mistake(place.clone(), message);
                }
                named.map(str::to_owned)
            }
            (None, None) => None,
        };
        for (key, is_given) in [
            ("queue_url", queue_url.is_some()),
            ("access_key_id", access_key_id.is_some()),
            ("secret_access_key", secret_access_key.is_some()),
        ] {
            if !is_given && !table.iter().any(|(known, _)| known.get_ref() == key) {
                reader.mistake(value.span(), format!("sqs: {key} is missing"));
            }
        }
        Some(Self {
            queue_url: queue_url?.0,
            region: region?,
            access_key_id: access_key_id?,
            secret_access_key: secret_access_key?,
            session_token,
        })
    }

    /// Tells it as TOML. Secrets are references.
    pub(super) fn shown(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut pairs = vec![
            ("queue_url", self.queue_url.clone()),
            ("region", self.region.clone()),
            ("access_key_id", self.access_key_id.to_string()),
            ("secret_access_key", self.secret_access_key.to_string()),
        ];
        let token = self.session_token.as_ref();
        pairs.extend(token.map(|token| ("session_token", token.to_string())));
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(key, text)| format!("{key} = {}", quoted(&text)))
            .collect();
        format!("{{ {} }}", pairs.join(", "))
    }
}

/// The region that a queue's URL names: `https://sqs.eu-west-1.amazonaws.com/123456789012/orders`.
fn region_of(url: &str) -> Option<&str> {
    let host = url.strip_prefix("https://sqs.")?.split('/').next()?;
    let (region, _) = host.split_once(".amazonaws.com")?;
    (!region.is_empty() && !region.contains('.')).then_some(region)
}

fn find<'t, 'a>(table: &'t DeTable<'a>, wanted: &str) -> Option<&'t Value<'a>> {
    let found = table.iter().find(|(key, _)| key.get_ref() == wanted);
    found.map(|(_, value)| value)
}

fn text<'a>(
    reader: &mut Reader<'a>,
    table: &DeTable<'a>,
    key: &str,
) -> Option<(String, Range<usize>)> {
    let value = find(table, key)?;
    let text = reader.text(key, value)?;
    Some((text.to_owned(), value.span()))
}

fn secret<'a>(
    reader: &mut Reader<'a>,
    table: &DeTable<'a>,
    key: &str,
    folder: &Path,
) -> Option<SecretRef> {
    let value = find(table, key)?;
    reader.parsed(key, value, |text| SecretRef::parse(text, folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_region() {
        for (url, region) in [
            (
                "https://sqs.eu-west-1.amazonaws.com/1/orders",
                Some("eu-west-1"),
            ),
            (
                "https://sqs.cn-north-1.amazonaws.com.cn/1/orders",
                Some("cn-north-1"),
            ),
            ("https://sqs.amazonaws.com/1/orders", None),
            ("http://127.0.0.1:4566/1/orders", None),
            ("orders", None),
        ] {
            assert_eq!(region_of(url), region, "{url}");
        }
    }
}
