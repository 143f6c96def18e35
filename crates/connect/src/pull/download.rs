//! Reports: downloaded into a temporary file that has no name, unpacked on the way, and handed on
//! order by order.

use std::fs::File;
use std::io::{self, Seek as _, Write};

use bytes::Bytes;
use flate2::write::GzDecoder;
use orderbridge_event::{PullError, Pulled, Report, Request, Trouble};
use reqwest::header::CONTENT_TYPE;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::http::{Http, failed};
use crate::report::{Batch, Orders};

/// A report that is being handed on.
#[derive(Debug)]
pub(super) struct Download {
    /// Absent while a batch is read.
    state: Option<(Orders, Batch)>,
    topic: &'static str,
    /// Orders that were handed on before.
    skip: u64,
}

/// Why there is no report.
#[derive(Debug)]
pub(super) enum NoReport {
    /// The address is not good any more; another one has to be asked for.
    Gone,
    /// Something else.
    Trouble(PullError),
}

impl From<PullError> for NoReport {
    fn from(error: PullError) -> Self {
        Self::Trouble(error)
    }
}

impl Download {
    /// Downloads a report; `None` when there is nothing in it.
    pub(super) async fn start(
        http: &Http,
        report: &'static dyn Report,
        request: &Request,
        skip: u64,
    ) -> Result<Option<Self>, NoReport> {
        let operation = request.operation;
        let mut response = http.send(request, None, None).await?;
        match response.status().as_u16() {
            200 => {}
            400..=499 => return Err(NoReport::Gone),
            status => {
                let message = format!("{operation}: status {status}");
                return Err(PullError::new(Trouble::Unavailable, message).into());
            }
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let charset = kind.and_then(|kind| charset(kind.to_str().ok()?));
        let (to_disk, chunks) = mpsc::channel(16);
        let written = spawn_blocking(move || write(chunks));
        let mut broken = None;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    if to_disk.send(chunk).await.is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    broken = Some(failed(operation, &error));
                    break;
                }
            }
        }
        drop(to_disk);
        let file = on_disk(written.await)?;
        if let Some(error) = broken {
            return Err(error.into());
        }
        let opened = spawn_blocking(move || Orders::open(file, report, charset.as_deref())).await;
        match on_disk(opened)? {
            None => Ok(None),
            Some(Ok(orders)) => Ok(Some(Self {
                state: Some((orders, Batch::default())),
                topic: report.topic(),
                skip,
            })),
            Some(Err(error)) => {
                let message = format!("{operation}: {}", error.message());
                Err(PullError::new(Trouble::Refused, message).into())
            }
        }
    }

    /// The next orders; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Pulled>, PullError> {
        loop {
            let Some((mut orders, mut batch)) = self.state.take() else {
                return Ok(Vec::new());
            };
            let read = spawn_blocking(move || {
                batch.clear();
                let more = orders.fill(&mut batch)?;
                Ok((orders, batch, more))
            });
            let (orders, batch, more) = on_disk(read.await)?;
            if !more {
                return Ok(Vec::new());
            }
            let mut pulled = Vec::new();
            batch.each(|_, reader, rows| {
                if self.skip > 0 {
                    self.skip -= 1;
                    return;
                }
                let mut body = Vec::new();
                reader.payload(rows, &mut body);
                pulled.push(Pulled {
                    topic: self.topic.to_owned(),
                    body,
                    id: None,
                });
            });
            self.state = Some((orders, batch));
            if !pulled.is_empty() {
                return Ok(pulled);
            }
        }
    }
}

/// What was done with a temporary file.
fn on_disk<T>(done: Result<io::Result<T>, tokio::task::JoinError>) -> Result<T, PullError> {
    let done = done.map_err(io::Error::other).and_then(|done| done);
    done.map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof => {
                "a report is packed in a way that cannot be unpacked".to_owned()
            }
            kind => format!("a temporary file for a report could not be written: {kind}"),
        };
        PullError::new(Trouble::Unavailable, message)
    })
}

/// Writes chunks to a temporary file. What begins like gzip is unpacked.
fn write(mut chunks: mpsc::Receiver<Bytes>) -> io::Result<File> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    let mut file = tempfile::tempfile()?;
    let mut start = Vec::new();
    while start.len() < GZIP.len() {
        match chunks.blocking_recv() {
            Some(chunk) => start.extend_from_slice(&chunk),
            None => break,
        }
    }
    if start.starts_with(GZIP) {
        let mut unpacked = GzDecoder::new(file);
        unpacked.write_all(&start)?;
        while let Some(chunk) = chunks.blocking_recv() {
            unpacked.write_all(&chunk)?;
        }
        file = unpacked.finish()?;
    } else {
        file.write_all(&start)?;
        while let Some(chunk) = chunks.blocking_recv() {
            file.write_all(&chunk)?;
        }
    }
    file.rewind()?;
    Ok(file)
}

/// The encoding in a `Content-Type`.
fn charset(kind: &str) -> Option<String> {
    let parameters = kind.split(';').skip(1);
    let mut charsets = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_owned())
    });
    charsets.next()
}
