//! Reads what strace has written, and finds for each answer of 200 the sync that it rests on.

use std::collections::HashMap;

/// A system call, from the line where it begins to the one where it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    name: String,
    arguments: String,
    begun: usize,
    done: usize,
    result: i64,
}

/// Reads a trace of several threads. Calls that never returned are left out.
pub(crate) fn read(trace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut unfinished: HashMap<&str, (usize, String)> = HashMap::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        let (begun, whole) = if let Some(start) = rest.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (number, start.trim_end().to_owned()));
            continue;
        } else if let Some(end) = rest.strip_prefix("<... ") {
            let Some((begun, start)) = unfinished.remove(thread) else {
                continue;
            };
            let end = end.split_once(" resumed>").map_or(end, |(_, end)| end);
            (begun, start + end)
        } else {
            (number, rest.to_owned())
        };
        calls.extend(call(&whole, begun, number));
    }
    calls.sort_by_key(|call| call.begun);
    calls
}

fn call(whole: &str, begun: usize, done: usize) -> Option<Call> {
    let (name, rest) = whole.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let result = result.split(' ').next()?;
    Some(Call {
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        begun,
        done,
        result: result.parse().ok()?,
    })
}

impl Call {
    /// The descriptor and what it stands for, as in `7<socket:[12]>`.
    fn file(&self) -> &str {
        let end = self.arguments.find('>').map_or(0, |end| end + 1);
        self.arguments.get(..end).unwrap_or_default()
    }

    fn is_on_journal(&self) -> bool {
        self.file().ends_with("-wal>")
    }

    fn is_sync(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync") && self.result == 0
    }

    fn reads(&self) -> bool {
        matches!(
            self.name.as_str(),
            "read" | "readv" | "recvfrom" | "recvmsg"
        )
    }

    fn writes(&self) -> bool {
        let names = [
            "write", "writev", "sendto", "sendmsg", "pwrite64", "pwritev",
        ];
        names.contains(&self.name.as_str())
    }

    /// The first string among the arguments, as bytes.
    fn data(&self) -> Vec<u8> {
        let quoted = self.arguments.split_once('"').map_or("", |(_, rest)| rest);
        unescape(quoted)
    }

    /// Whether this writes the head of the frame that ends a transaction: a page number, and then
    /// the size of the file after it, which is zero in all frames before.
    /// <https://sqlite.org/fileformat2.html#the_write_ahead_log>
    fn commits(&self) -> bool {
        let data = self.data();
        let size = data.get(4..8).unwrap_or_default();
        self.is_on_journal() && self.result == 24 && size.iter().any(|byte| *byte != 0)
    }
}

/// Takes the escapes of a string in C back, up to its closing quote.
fn unescape(quoted: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = quoted.bytes().peekable();
    while let Some(byte) = rest.next() {
        let escaped = match byte {
            b'"' => break,
            b'\\' => rest.next().unwrap_or(b'\\'),
            _ => {
                bytes.push(byte);
                continue;
            }
        };
        bytes.push(match escaped {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'v' => 11,
            b'f' => 12,
            b'0'..=b'7' => {
                let mut number = u32::from(escaped - b'0');
                for _ in 0..2 {
                    match rest.peek() {
                        Some(digit @ b'0'..=b'7') => number = number * 8 + u32::from(digit - b'0'),
                        _ => break,
                    }
                    rest.next();
                }
                u8::try_from(number).unwrap_or_default()
            }
            other => other,
        });
    }
    bytes
}

/// An answer of 200 and the sync before it, by its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) order: u64,
    pub(crate) sync: usize,
}

/// Finds for each answer of 200 to a webhook: its order in a frame of the journal, the frame that
/// commits it, and a sync of the journal after that and before the first byte of the answer.
pub(crate) fn prove(calls: &[Call]) -> Result<Vec<Proof>, String> {
    let mut proofs = Vec::new();
    let mut asked: HashMap<&str, (u64, usize)> = HashMap::new();
    let frames: Vec<(&Call, Vec<u8>)> = calls
        .iter()
        .filter(|call| call.writes() && call.is_on_journal())
        .map(|call| (call, call.data()))
        .collect();
    for call in calls {
        if call.reads() && call.arguments.contains("\"POST /webhooks/") {
            let (_, rest) = call.arguments.split_once("X-Order: ").unwrap_or_default();
            let end = rest.find('\\').unwrap_or(rest.len());
            let order = rest.get(..end).and_then(|order| order.parse().ok());
            let order = order.ok_or("a request without its order")?;
            asked.insert(call.file(), (order, call.done));
        }
        if !(call.writes() && call.arguments.contains("\"HTTP/1.1 200 ")) {
            continue;
        }
        let Some((order, read)) = asked.remove(call.file()) else {
            continue;
        };
        let sync = sync_before(calls, &frames, order, read, call.begun)?;
        proofs.push(Proof { order, sync });
    }
    Ok(proofs)
}

fn sync_before(
    calls: &[Call],
    frames: &[(&Call, Vec<u8>)],
    order: u64,
    read: usize,
    answered: usize,
) -> Result<usize, String> {
    let id = order.to_string();
    let has_id = |data: &[u8]| data.windows(id.len()).any(|part| part == id.as_bytes());
    let written = frames
        .iter()
        .find(|(call, data)| call.begun > read && has_id(data));
    let (written, _) = written.ok_or(format!("order {order} is nowhere in the journal"))?;
    let committed = frames
        .iter()
        .find(|(call, _)| call.begun >= written.begun && call.commits());
    let (committed, _) = committed.ok_or(format!("order {order} was never committed"))?;
    let sync = calls.iter().find(|call| {
        call.is_sync()
            && call.is_on_journal()
            && call.begun > committed.done
            && call.done < answered
    });
    let sync = sync.ok_or(format!(
        "the answer about order {order} was on its way before its commit was synced"
    ))?;
    Ok(sync.begun)
}

#[test]
fn calls_that_were_interrupted_by_other_threads_are_put_together() {
    let calls = read(
        "11 fsync(5</o.db-wal> <unfinished ...>\n\
         12 recvfrom(7<socket:[9]>, <unfinished ...>\n\
         11 <... fsync resumed>) = 0\n\
         12 <... recvfrom resumed>\"a\\r\\n\", 8192, 0, NULL, NULL) = 3\n\
         11 recvfrom(7<socket:[9]>, 0x7f, 8, 0, NULL, NULL) = -1 EAGAIN (Resource unavailable)\n\
         11 +++ exited with 0 +++\n\
         12 fsync(5</o.db-wal> <unfinished ...>\n",
    );
    let places: Vec<_> = calls.iter().map(|it| (it.begun, it.done)).collect();
    assert_eq!(places, [(0, 2), (1, 3), (4, 4)]);
    assert!(calls[0].is_sync() && calls[0].is_on_journal());
    assert_eq!((calls[1].data(), calls[1].result), (b"a\r\n".to_vec(), 3));
    assert_eq!(calls[2].result, -1);
}

#[test]
fn escapes_are_taken_back() {
    assert_eq!(
        unescape("\\0\\0\\31\\0019\\\"\\\\\\n\" rest"),
        b"\0\0\x19\x019\"\\\n"
    );
}
