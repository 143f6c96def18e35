//! A sample as a platform would send it.

use bytes::Bytes;
use orderbridge_event::tree::Tree;
use orderbridge_event::{Headers, Sample, Secret, Source, Timestamp};

use super::edit;
use crate::{Exit, Failed};

/// A webhook, ready to be posted.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    /// The headers, signature and all.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body that was signed.
    pub(crate) body: Bytes,
}

/// What is done to a sample before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Changes<'a> {
    /// Values that are set, by path.
    pub(crate) set: &'a [(String, String)],
    /// The number of the order that it becomes, unless it stays the sample's own.
    pub(crate) number: Option<u64>,
}

impl Changes<'_> {
    /// The body of a sample with the changes. What is set by hand comes last, and a number that is
    /// set as the id is the id everywhere.
    pub(crate) fn apply(&self, platform: &Source, sample: &Sample) -> Result<Bytes, Failed> {
        if self.set.is_empty() && self.number.is_none() {
            return Ok(Bytes::from_static(sample.body));
        }
        let usage = |path: &str, message: String| (Exit::Usage, format!("--set {path}: {message}"));
        let broken = || {
            (
                Exit::Unexpected,
                format!("the sample {} is no JSON", sample.name),
            )
        };
        let renewed = |number: u64| {
            let webhook = platform.webhook;
            webhook.map_or_else(Vec::new, |webhook| webhook.renewed(sample.topic, number))
        };
        let by_hand = renewed(0).first().and_then(|(id, _)| {
            let given = self.set.iter().rfind(|(path, _)| path == id);
            given.and_then(|(_, value)| value.parse().ok())
        });
        let fields = by_hand.or(self.number).map_or_else(Vec::new, renewed);
        let mut tree = Tree::parse(sample.body).ok_or_else(broken)?;
        for (name, json) in &fields {
            // A sample need not have all of them.
            if tree.get(name).is_some() {
                edit::set(&mut tree, name, edit::value(json)).map_err(|why| usage(name, why))?;
            }
        }
        for (path, value) in self.set {
            edit::set(&mut tree, path, edit::value(value)).map_err(|why| usage(path, why))?;
        }
        let mut body = Vec::with_capacity(sample.body.len());
        edit::write(&mut body, &tree);
        Ok(body.into())
    }
}

impl Parcel {
    /// Signs a body and adds what the platform sends along. None if it signs no webhooks.
    pub(crate) fn sign(
        platform: &Source,
        secret: &Secret,
        topic: &str,
        body: Bytes,
        delivery: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let mut headers = platform.verify?.sign(secret, topic, &body, now);
        if let Some(webhook) = platform.webhook {
            headers.extend(webhook.headers(delivery, now));
        }
        Some(Self { headers, body })
    }
}

/// Where a sample is posted: below the source's address, where no header tells the topic.
pub(crate) fn address(url: &str, platform: &Source, sample: &Sample) -> String {
    let (secret, nobody) = (Secret::new("-"), Bytes::new());
    let signed = Timestamp::from_unix(0)
        .and_then(|at| Parcel::sign(platform, &secret, sample.topic, nobody, "-", at));
    let headers = signed.map(|parcel| parcel.headers).unwrap_or_default();
    let pairs: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, it)| (*name, it.as_str()))
        .collect();
    let read = platform
        .webhook
        .map(|it| it.delivery(&Headers::new(&pairs)));
    match read {
        Some(delivery) if delivery.topic.is_none() => format!("{url}/{}", sample.topic),
        _ => url.to_owned(),
    }
}
