//! What goes over the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;

use orderbridge_cli::Exit;

use crate::support::Ran;
use crate::{Bench, event};

/// Takes one request, to the byte, and says that all is well.
fn record(listener: &TcpListener) -> String {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let start = request.len();
        reader.read_line(&mut request).unwrap();
        let line = request[start..].trim_end().to_lowercase();
        if let Some(digits) = line.strip_prefix("content-length: ") {
            length = digits.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    reader.get_mut().write_all(answer).unwrap();
    request
}

#[test]
fn a_request_is_what_the_webhook_page_asks_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let recorder = thread::spawn(move || record(&listener));
    let bench = Bench::new(
        &format!("http://{address}/api/webhooks"),
        "token = \"file:token\"",
    );
    bench.write("token", "tok-secret\n");
    let body = event(1);
    let ran = bench.send(&format!("{body}\n"), &[]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    let request = recorder.join().unwrap();
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(sent, body);
    let version = format!("orderbridge/{}", env!("CARGO_PKG_VERSION"));
    let shown = Ran {
        command: "send".to_owned(),
        stdout: format!("{}\n\n{sent}\n", head.replace("\r\n", "\n")),
        stderr: String::new(),
        ..ran
    };
    shown
        .replace(&address, "HOST")
        .replace(&version, "orderbridge/VERSION")
        .replace("tok-secret", "TOKEN")
        .check("send-request");
}

#[test]
fn bytes_are_sent_as_they_are() {
    let mut server = mockito::Server::new();
    let url = server.url();
    // White space, unusual escapes and digits stay what they are.
    let body = event(2).replacen(
        "{\"event_name\"",
        "{ \"x\":\"\\u00e9\\/\", \"n\":1.50, \"event_name\"",
        1,
    );
    let mock = server
        .mock("POST", "/")
        .match_body(body.as_str())
        .expect(1)
        .create();
    let ran = Bench::hasty(&url).send(&format!("\u{feff}\n{body}\r\n\n"), &[]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stderr);
    mock.assert();
}

#[test]
fn the_token_comes_from_where_it_is_said_to_be() {
    let mut server = mockito::Server::new();
    let url = server.url();
    let wants = |server: &mut mockito::ServerGuard, token: &str| {
        server.reset();
        let mock = server
            .mock("POST", "/")
            .match_header("x-webhook-token", token);
        mock.expect(1).create()
    };
    let line = event(3);

    let bench = Bench::new(&url, "token = \"env:CARGO_PKG_NAME\"");
    let mock = wants(&mut server, env!("CARGO_PKG_NAME"));
    assert_eq!(bench.send(&line, &[]).exit, Exit::Done);
    mock.assert();

    bench.write("token", "  from-a-file\r\n");
    let mock = wants(&mut server, "from-a-file");
    let reference = format!("file:{}", bench.path("token"));
    assert_eq!(bench.send(&line, &["--token", &reference]).exit, Exit::Done);
    mock.assert();
}

#[test]
fn a_token_that_is_written_down_is_refused_and_not_repeated() {
    let bench = Bench::hasty("http://127.0.0.1:1");
    let secret = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0";
    let ran = bench.send(&event(4), &["--token", secret]);
    assert!(!ran.stderr.contains("eyJ"), "{}", ran.stderr);
    ran.replace(secret, "TOKEN").check("send-literal-token");
    bench.write("token", "with\nbreak");
    let reference = format!("file:{}", bench.path("token"));
    let ran = bench.send(&event(4), &["--token", &reference]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(!ran.stderr.contains("with"), "{}", ran.stderr);
    assert!(
        !crate::exists(&bench.path("rejects.ndjson")),
        "nothing was begun"
    );
}

#[test]
fn a_token_over_plain_http_is_warned_of() {
    let bench = Bench::new("http://192.0.2.1", "token = \"env:CARGO_PKG_NAME\"");
    let ran = bench.send("", &[]);
    assert_eq!(ran.exit, Exit::Done);
    assert!(
        ran.stderr.starts_with("warning: the token travels"),
        "{}",
        ran.stderr
    );
}
