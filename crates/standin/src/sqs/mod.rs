//! A queue of SQS, spoken to by its JSON protocol. It checks signatures, hides what was received
//! for a while, and gives it out again.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>

mod signature;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Answer, Asked, Server};
use signature::Signer;

/// The access key that is accepted.
pub const KEY_ID: &str = "AKIDEXAMPLE";
/// Its secret.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// Where the queue is.
pub const REGION: &str = "us-east-1";

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status, without a body worth reading.
    Status(u16),
    /// Too many requests.
    Throttled,
    /// It is done, and the connection breaks in the middle of the answer.
    Cut,
    /// The first message of the batch is not deleted.
    Partly,
}

/// A queue.
#[derive(Debug)]
pub struct Queue {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Debug)]
struct State {
    /// How long a message that was received is hidden.
    visibility: Duration,
    messages: Vec<Message>,
    /// How many were ever put into it or received.
    count: u64,
    requests: BTreeMap<String, u64>,
    faults: BTreeMap<&'static str, VecDeque<Fault>>,
}

#[derive(Debug)]
struct Message {
    id: String,
    body: String,
    hidden: Option<Instant>,
    /// What deletes it. Each time it is received it has another one.
    receipt: Option<String>,
    received: u32,
}

impl Queue {
    /// Starts an empty queue.
    pub fn start(visibility: Duration) -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            visibility,
            messages: Vec::new(),
            count: 0,
            requests: BTreeMap::new(),
            faults: BTreeMap::new(),
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |asked| lock(&shared).answer(&asked))?;
        Ok(Self { state, server })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("{}/123456789012/orders", self.server.url())
    }

    /// A message comes in.
    pub fn put(&self, body: &str) {
        let mut state = lock(&self.state);
        state.count += 1;
        let id = format!("message-{}", state.count);
        state.messages.push(Message {
            id,
            body: body.to_owned(),
            hidden: None,
            receipt: None,
            received: 0,
        });
    }

    /// How many messages are in it, hidden ones as well.
    pub fn len(&self) -> usize {
        lock(&self.state).messages.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What goes wrong with the next requests of an operation, one after the other.
    pub fn fault(&self, operation: &'static str, fault: Fault) {
        let mut state = lock(&self.state);
        state.faults.entry(operation).or_default().push_back(fault);
    }

    /// How many requests of an operation there were.
    pub fn requests(&self, operation: &str) -> u64 {
        let state = lock(&self.state);
        state.requests.get(operation).copied().unwrap_or_default()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(status: u16, word: &str) -> Answer {
    let kind = format!("com.amazonaws.sqs#{word}");
    let body = json!({"__type": kind, "message": "words that nobody should repeat"});
    Answer::json(status, &body)
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let signer = Signer {
            id: KEY_ID,
            secret: SECRET,
            region: REGION,
            service: "sqs",
        };
        if let Err(word) = signer.check(asked) {
            return refused(400, word);
        }
        let target = asked.header("x-amz-target").unwrap_or_default();
        let operation = target.strip_prefix("AmazonSQS.").unwrap_or_default();
        *self.requests.entry(operation.to_owned()).or_default() += 1;
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        let url = body.get("QueueUrl").and_then(Value::as_str);
        if !url.is_some_and(|url| url.ends_with("/123456789012/orders")) {
            return refused(400, "QueueDoesNotExist");
        }
        let fault = self.faults.get_mut(operation).and_then(VecDeque::pop_front);
        match fault {
            Some(Fault::Status(status)) => return refused(status, "InternalFailure"),
            Some(Fault::Throttled) => return refused(400, "RequestThrottled"),
            _ => {}
        }
        let mut answer = match operation {
            "ReceiveMessage" => self.receive(&body),
            "DeleteMessageBatch" => self.delete(&body, fault == Some(Fault::Partly)),
            _ => return refused(400, "UnsupportedOperation"),
        };
        if fault == Some(Fault::Cut) {
            answer.cut = Some(answer.body.len() / 2);
        }
        answer
    }

    fn receive(&mut self, asked: &Value) -> Answer {
        let number =
            |name: &str, usual: u64| asked.get(name).and_then(Value::as_u64).unwrap_or(usual);
        let most = usize::try_from(number("MaxNumberOfMessages", 1)).unwrap_or(usize::MAX);
        if !(1..=10).contains(&most) || number("WaitTimeSeconds", 0) > 20 {
            return refused(400, "InvalidParameterValue");
        }
        let now = Instant::now();
        let is_there = |message: &&mut Message| message.hidden.is_none_or(|until| until <= now);
        let mut given = Vec::new();
        for message in self.messages.iter_mut().filter(is_there).take(most) {
            self.count += 1;
            message.hidden = Some(now + self.visibility);
            message.received += 1;
            message.receipt = Some(format!("receipt-{}", self.count));
            given.push(json!({
                "MessageId": message.id,
                "ReceiptHandle": message.receipt,
                "Body": message.body,
                "Attributes": {"ApproximateReceiveCount": message.received.to_string()},
            }));
        }
        if given.is_empty() {
            // Whoever waits for a message waits less long than with Amazon.
            let mut answer = Answer::json(200, &json!({}));
            answer.delay = Duration::from_millis(number("WaitTimeSeconds", 0));
            return answer;
        }
        Answer::json(200, &json!({ "Messages": given }))
    }

    fn delete(&mut self, asked: &Value, is_partly: bool) -> Answer {
        let entries = asked.get("Entries").and_then(Value::as_array);
        let entries = entries.map_or(&[][..], Vec::as_slice);
        if entries.is_empty() || entries.len() > 10 {
            return refused(400, "EmptyBatchRequest");
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for (place, entry) in entries.iter().enumerate() {
            let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
            if is_partly && place == 0 {
                let id = text("Id");
                failed.push(json!({"Id": id, "Code": "InternalError", "SenderFault": false}));
                continue;
            }
            // An older receipt is accepted, and nothing is deleted.
            let receipt = text("ReceiptHandle");
            let is_this = |message: &Message| message.receipt.as_deref() == Some(receipt);
            self.messages.retain(|message| !is_this(message));
            successful.push(json!({ "Id": text("Id") }));
        }
        Answer::json(200, &json!({"Successful": successful, "Failed": failed}))
    }
}
