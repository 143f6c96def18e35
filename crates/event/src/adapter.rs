//! What a platform's adapter is.

use std::borrow::Cow;
use std::time::Duration;

use crate::{
    Code, Context, EventName, Events, Lookup, MapError, Mode, Pull, Report, RuleId, SalesChannel,
    Secret, Timestamp, Topic, Webhook,
};

/// Turns one platform's payloads into Converge events.
pub trait Adapter: Sync {
    /// The key used on the command line, in logs and as the snapshot folder.
    fn name(&self) -> &'static str;

    /// What it accepts and what it may say; commands, documentation and tests read this.
    fn profile(&self) -> &'static Profile;

    /// Maps one payload. Pure: the same input gives the same output.
    fn map(&self, payload: Payload<'_>, context: &Context) -> Result<Mapped, MapError>;

    /// Reads a payload into the adapter's structs and does nothing with it: the yardstick that the
    /// mapping's speed is measured against.
    fn parse(&self, payload: Payload<'_>) -> Result<(), MapError>;

    /// What the platform's API would have to be asked for, so that the events of a payload say all
    /// they could: a customer's address, lines that were cut off. Nothing where no event is made.
    fn needs(&self, payload: Payload<'_>, context: &Context) -> Vec<Lookup> {
        let _ = (payload, context);
        Vec::new()
    }

    /// Takes an API response apart into the payloads in it; a bare body is one payload. Where the
    /// body itself says what it is about, a payload of the default topic gets its own.
    fn split<'a>(&self, payload: Payload<'a>) -> Result<Pieces<'a>, MapError> {
        Ok(Pieces::One(payload))
    }
}

/// One message of a platform: the body as it was delivered, and what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    /// The platform's topic, or the request that the body answers: `GET /admin/orders.json`.
    pub topic: &'a str,
    /// The raw bytes.
    pub body: &'a [u8],
}

/// The payloads in one body.
#[derive(Clone, Debug)]
pub enum Pieces<'a> {
    /// The body is a payload itself.
    One(Payload<'a>),
    /// The body was a wrapper around these.
    Many(Vec<Payload<'a>>),
}

/// What became of a payload. An ignored one is neither an event nor an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// One event or more.
    Events(Box<Events>),
    /// No event, on purpose.
    Ignored(Ignored),
}

/// Why a payload makes no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The kind of reason.
    pub code: Code,
    /// The reason, as a sentence without personal data.
    pub message: Cow<'static, str>,
    /// The user's rule that says so, if one does.
    pub rule: Option<RuleId>,
}

impl Ignored {
    /// The reason with the rule that gives it, as one sentence.
    pub fn reason(&self) -> Cow<'static, str> {
        match &self.rule {
            None => self.message.clone(),
            Some(rule) => Cow::Owned(format!("{} (rule {rule})", self.message)),
        }
    }
}

impl Mapped {
    /// A payload that is understood and makes no event.
    pub fn ignored(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Ignored(Ignored {
            code,
            message: message.into(),
            rule: None,
        })
    }
}

/// What a platform offers and what its adapter does with it.
#[derive(Debug)]
pub struct Profile {
    /// The platform's own spelling of its name.
    pub title: &'static str,
    /// What it is to a shop.
    pub role: Role,
    /// The options of a source that its mapping looks at, of [`crate::Options::KEYS`].
    pub options: &'static [&'static str],
    /// The platform's API version that the mapping was written for.
    pub api_version: &'static str,
    /// The topic of a bare body that comes without one.
    pub default_topic: &'static str,
    /// The topics that are known, and what they become.
    pub topics: &'static [Topic],
    /// The events it may make.
    pub events: &'static [EventName],
    /// The channels it may assign.
    pub channels: &'static [SalesChannel],
    /// The platform's pages that it follows.
    pub docs: &'static [&'static str],
}

/// What a platform is to a shop: it says whose `Placed Order` counts where two see one purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The shop, whose orders are its own.
    Store,
    /// A marketplace, whose orders are its own; a shop may import them.
    Marketplace,
    /// A tool that charges for subscriptions, beside a shop or alone.
    Subscriptions {
        /// The mode of a source that names none.
        mode: Mode,
        /// Whether its orders name the shop's orders that they are.
        knows_store_orders: bool,
    },
}

impl Profile {
    /// Finds a topic, an exact name before a pattern.
    pub fn topic(&self, name: &str) -> Option<&'static Topic> {
        Topic::find(self.topics, name)
    }
}

/// A platform: its adapter, and its optional abilities as optional fields.
#[derive(Clone, Copy)]
pub struct Source {
    /// Maps its payloads.
    pub adapter: &'static dyn Adapter,
    /// Checks and makes its signatures, where webhooks are signed.
    pub verify: Option<&'static dyn Verify>,
    /// Reads what its webhooks say beside the payload, where it sends webhooks.
    pub webhook: Option<&'static dyn Webhook>,
    /// Reads its reports, where it has reports of orders.
    pub report: Option<&'static dyn Report>,
    /// Reads its API, where orders are fetched.
    pub pull: Option<&'static dyn Pull>,
    /// Payloads with invented people, for the demonstration and for trying things out.
    pub samples: &'static [Sample],
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.adapter.name()).finish()
    }
}

/// A payload with invented people.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is about.
    pub topic: &'static str,
    /// The body, as the platform would send it.
    pub body: &'static [u8],
}

/// Checks and makes the signatures of a platform's webhooks.
pub trait Verify: Sync {
    /// Accepts a delivery that one of the secrets signed, over its raw bytes, and not too long
    /// before it was received.
    fn verify(
        &self,
        secrets: &[Secret],
        headers: &Headers<'_>,
        body: &[u8],
        received: Received,
    ) -> Result<(), VerifyError>;

    /// How far the time of signing may be off unless the source says otherwise; `None` where no
    /// time is signed.
    fn tolerance(&self) -> Option<Duration> {
        None
    }

    /// The headers that the platform would send with a body at a time.
    fn sign(
        &self,
        secret: &Secret,
        topic: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Vec<(&'static str, String)>;
}

/// When a delivery was received, for signatures that are valid for a while only.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    at: Timestamp,
    tolerance: Option<Duration>,
}

impl Received {
    /// Received then; the platform's own tolerance counts unless there is another one.
    pub fn new(at: Timestamp, tolerance: Option<Duration>) -> Self {
        Self { at, tolerance }
    }

    /// Accepts what was signed at a time, in Unix seconds, if that is near enough.
    pub fn accepts(self, signed_at: i64, usual: Duration) -> Result<(), VerifyError> {
        let off = signed_at.abs_diff(self.at.unix());
        if off > self.tolerance.unwrap_or(usual).as_secs() {
            return Err(VerifyError::Stale);
        }
        Ok(())
    }
}

impl From<Timestamp> for Received {
    fn from(at: Timestamp) -> Self {
        Self::new(at, None)
    }
}

/// The headers of a delivery; names are compared without regard to case.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a>(&'a [(&'a str, &'a str)]);

impl<'a> Headers<'a> {
    /// Headers as pairs of name and value.
    pub fn new(pairs: &'a [(&'a str, &'a str)]) -> Self {
        Self(pairs)
    }

    /// The value of a header; the first, if it stands there twice.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// Why a delivery was not accepted as the platform's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// No signature came with it.
    #[error("the delivery has no signature")]
    Missing,
    /// The signature is not in the platform's form.
    #[error("the signature is malformed")]
    Malformed,
    /// None of the secrets made this signature.
    #[error("the signature does not match the body under any of the secrets")]
    Mismatch,
    /// The signature was made too long ago, or in the future.
    #[error("the signature is not of this time")]
    Stale,
    /// There is no secret to check with.
    #[error("no secret is configured")]
    NoSecret,
}
