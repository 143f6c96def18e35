//! Addresses as they are listened at, and as they are called.

/// The URL at which what listens at an address can be called from the same machine.
pub(crate) fn local_url(listen: &str, path: &str) -> String {
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "80"));
    let host = match host {
        // Everywhere is also here.
        "0.0.0.0" | "" => "127.0.0.1",
        "[::]" => "[::1]",
        host => host,
    };
    format!("http://{host}:{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_called_here() {
        for (listen, url) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080/livez"),
            ("[::]:8080", "http://[::1]:8080/livez"),
            ("10.0.0.1:80", "http://10.0.0.1:80/livez"),
            ("localhost:4040", "http://localhost:4040/livez"),
        ] {
            assert_eq!(local_url(listen, "/livez"), url);
        }
    }
}
