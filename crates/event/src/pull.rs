//! Reading a platform's API: what to ask, and what the answers mean. Pure, like the mapping.
//!
//! An adapter describes a *walk*: a sequence of requests, such as the pages of a list. All that a
//! walk knows is its *position*, a text of the adapter's own making. Whoever performs the requests
//! stores the position in the commit that stores what an answer held; after a crash the walk goes
//! on from there, and no request is ever asked in vain twice.

mod error;
mod request;
mod settings;

pub use error::{PullError, Trouble};
pub use request::{Answer, Method, Request, form};
pub use settings::{KeyKind, PullKey, PullSettings, WrongKey};

use std::fmt;
use std::time::Duration;

use crate::{Payload, Secret, Text, Timestamp};

/// What an adapter knows of its platform's API.
pub trait Pull: Sync {
    /// The keys of a source's configuration that it reads.
    fn keys(&self) -> &'static [PullKey];

    /// An account at the platform, or what is wrong with its configuration.
    fn open(&self, settings: &PullSettings) -> Result<Box<dyn Api>, WrongKey>;

    /// What a source lacks that does not read its API, as a sentence after its name; `None` where
    /// it lacks nothing that anybody would look for.
    fn without(&self) -> Option<&'static str> {
        None
    }

    /// What is to be fetched, if a payload only says that something has changed; one may name
    /// several things.
    fn wakes(&self, payload: Payload<'_>) -> Vec<Text> {
        let _ = payload;
        Vec::new()
    }
}

/// One account at a platform, and the walks through its API.
pub trait Api: fmt::Debug + Send + Sync {
    /// The operations, with the rates that the platform documents.
    fn operations(&self) -> &'static [Operation];

    /// The header in which answers tell the rate of their operation, in requests a second.
    fn rate_header(&self) -> Option<&'static str> {
        None
    }

    /// Whether a request that was not carried out is to be made again, where the answer says so.
    fn says_again(&self, answer: &Answer<'_>) -> Option<bool> {
        let _ = answer;
        None
    }

    /// The platform's own code for what is wrong, out of an answer that is no success. A code, not
    /// a sentence, which could quote what was asked for.
    fn fault(&self, answer: &Answer<'_>) -> Option<String> {
        let _ = answer;
        None
    }

    /// The request for an access token, where requests need one that expires.
    fn sign_in(&self) -> Option<Request> {
        None
    }

    /// The request for the token that takes the place of the access token where personal data is
    /// asked for, if the platform has such a token. It is itself made with the access token.
    fn personal_sign_in(&self) -> Option<Request> {
        None
    }

    /// Reads the answer to [`Api::sign_in`] or [`Api::personal_sign_in`].
    fn token(&self, answer: &Answer<'_>) -> Result<Token, PullError> {
        let _ = answer;
        Err(PullError::new(Trouble::Answer, "no token was asked for"))
    }

    /// The lists that are read again and again, to find what no webhook told. A name is kept with
    /// its position.
    fn streams(&self) -> Vec<String>;

    /// Where a round through such a list begins, after the one that ended at `last`. A round that
    /// was not finished goes on.
    fn round(&self, stream: &str, last: Option<&str>, now: Timestamp) -> Result<String, PullError>;

    /// Up to when a stream has been read, as its position says.
    fn read_up_to(&self, stream: &str, position: &str) -> Option<Timestamp>;

    /// The beginning of a walk through what was ordered in a time.
    fn history(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError>;

    /// The beginning of a walk through all that a backfill of a time is to read: what was ordered,
    /// and what else the account tells of.
    fn backfill(&self, since: Timestamp, until: Timestamp) -> Result<String, PullError> {
        self.history(since, until)
    }

    /// The beginning of a walk to one thing, which [`Pull::wakes`] named.
    fn fetch(&self, what: &Text) -> Result<String, PullError>;

    /// The beginning of a walk to what a payload lacks: the answer to the request of a
    /// [`Lookup`](crate::Lookup). The last payload on the way is what is put into the other.
    fn lookup(&self, request: &str) -> Result<String, PullError> {
        let _ = request;
        let message = "nothing is looked up at this platform";
        Err(PullError::new(Trouble::Refused, message))
    }

    /// What comes next in a walk.
    fn step(&self, position: &str, now: Timestamp) -> Result<Step, PullError>;

    /// Where a report is, out of an answer that says so.
    fn report_at(
        &self,
        position: &str,
        answer: &Answer<'_>,
        now: Timestamp,
    ) -> Result<Request, PullError> {
        let _ = (position, answer, now);
        Err(PullError::position())
    }

    /// The position after so many orders of a report, or after all of it.
    fn reported(&self, position: &str, orders: u64, is_all: bool) -> Result<String, PullError> {
        let _ = (position, orders, is_all);
        Err(PullError::position())
    }

    /// Reads the answer to the request of a position. Answers that ask for patience (429, 5xx) or
    /// for another token (401, 403) do not come here.
    fn take(&self, position: &str, answer: &Answer<'_>, now: Timestamp)
    -> Result<Taken, PullError>;
}

/// An operation of an API: requests that share a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name, in metrics as well. [`Operation::ALL_OTHERS`] shares one quota among all that
    /// have none of their own.
    pub name: &'static str,
    /// The time from one request to the next, when all the time is used.
    pub every: Duration,
    /// How many requests may come at once after a quiet time.
    pub burst: u32,
}

impl Operation {
    /// The name of the quota of all operations that have none of their own.
    pub const ALL_OTHERS: &'static str = "*";
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// For how long it is good.
    pub lifetime: Duration,
}

/// What comes next in a walk.
#[derive(Debug)]
pub enum Step {
    /// A request, whose answer is for [`Api::take`].
    Ask(Request),
    /// A request, whose answer says where a report of [`Source::report`](crate::Source) is; for
    /// [`Api::report_at`]. So many of its orders were handed on before.
    Download(Request, u64),
    /// Nothing before this time.
    Wait(Timestamp),
    /// Nothing: the walk, or the round, is over.
    Done,
}

/// What an answer held.
#[derive(Debug, Default)]
pub struct Taken {
    /// The payloads in it.
    pub payloads: Vec<Pulled>,
    /// They tell the same as other messages do, in other words: they are of use where nothing else
    /// is known.
    pub is_second_hand: bool,
    /// The position after it.
    pub position: String,
}

/// One payload out of an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Pulled {
    /// What it is about, for the mapping.
    pub topic: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// What tells this version of it from all others; the same version is stored once.
    pub id: Option<String>,
}

impl fmt::Debug for Pulled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulled")
            .field("topic", &self.topic)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
