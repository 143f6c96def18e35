//! As little of HTTP/1.1 as measuring needs. The bench shares its processor cores with what it
//! measures, so it must not spend more on a message than it has to.

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// Reads one message, request or answer, into the buffer. `None` when the other side closed the
/// connection instead.
pub(super) async fn message(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<()>> {
    buffer.clear();
    let mut length = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
        if length.is_none() {
            length = whole_length(buffer);
        }
        if length.is_some_and(|length| buffer.len() >= length) {
            return Ok(Some(()));
        }
    }
}

/// How long a message is in all, as soon as its headers are there.
fn whole_length(message: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let end = memchr::memmem::find(message, b"\r\n\r\n")? + 4;
    let head = message.get(..end)?;
    let body = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        let value = std::str::from_utf8(value).ok()?;
        name.eq_ignore_ascii_case(NAME)
            .then(|| value.trim().parse::<usize>().ok())?
    });
    Some(end + body.unwrap_or_default())
}

/// The status of an answer.
pub(super) fn status(answer: &[u8]) -> u16 {
    let code = answer.get(9..12).unwrap_or_default();
    let code = std::str::from_utf8(code).ok();
    code.and_then(|code| code.parse().ok()).unwrap_or_default()
}
