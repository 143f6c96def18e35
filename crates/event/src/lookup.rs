//! What a payload does not tell and its platform's API does.

use std::fmt::Write as _;

use crate::json;
use crate::tree::Pairs;

/// A request whose answer belongs into a payload: what a connector may do before it maps.
///
/// Pure data. Whoever performs it puts the answer, as it comes, in the place of the field at
/// `into`; a mapping reads a payload with and without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Method and path, as in `GET /v1/customers/cus_1`.
    pub request: String,
    /// The field, as in `data.object.customer`.
    pub into: &'static str,
}

impl Lookup {
    /// A request for one object: `before` and `after` stand around its id in the path. The id is
    /// the payload's, so whatever is not plain in it is encoded.
    pub fn get(before: &str, id: &str, after: &str, into: &'static str) -> Self {
        let mut request = format!("GET {before}");
        for byte in id.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                request.push(char::from(byte));
            } else {
                let _ = write!(request, "%{byte:02X}");
            }
        }
        request.push_str(after);
        Self { request, into }
    }

    /// A payload with the answer in its place, and all else as it was; `None` where the payload
    /// has no such place.
    pub fn put(&self, payload: &[u8], answer: &[u8]) -> Option<Vec<u8>> {
        let payload = std::str::from_utf8(payload).ok()?;
        let mut out = Vec::with_capacity(payload.len() + answer.len());
        put(payload, self.into, answer, &mut out)?;
        Some(out)
    }
}

/// Writes an object with the answer at a path within it.
fn put(object: &str, path: &str, answer: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let Pairs(fields) = serde_json::from_str(object).ok()?;
    let (key, below) = match path.split_once('.') {
        Some((key, below)) => (key, Some(below)),
        None => (path, None),
    };
    let mut is_there = false;
    out.push(b'{');
    for (place, (name, value)) in fields.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        json::string(out, name);
        out.push(b':');
        match below {
            _ if name != key => out.extend_from_slice(value.get().as_bytes()),
            Some(below) => put(value.get(), below, answer, out)?,
            None => out.extend_from_slice(answer),
        }
        is_there |= name == key;
    }
    if !is_there {
        // The last step may be to a field that is new, the others lead to what is there.
        if below.is_some() {
            return None;
        }
        if !fields.is_empty() {
            out.push(b',');
        }
        json::string(out, key);
        out.push(b':');
        out.extend_from_slice(answer);
    }
    out.push(b'}');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        let lookup = Lookup::get("/v1/customers/", "a/../b?c=ü", "/x", "customer");
        assert_eq!(
            lookup.request,
            "GET /v1/customers/a%2F..%2Fb%3Fc%3D%C3%BC/x"
        );
    }

    #[test]
    fn an_answer_goes_to_its_place_and_no_digit_changes() {
        let put = |into, body: &str| {
            let lookup = Lookup::get("/x/", "1", "", into);
            let whole = lookup.put(body.as_bytes(), br#"{"id":1}"#)?;
            Some(String::from_utf8(whole).unwrap())
        };
        let body = r#"{"data":{"object":{"customer":"c","total":1.10}},"z\n":null}"#;
        let whole = r#"{"data":{"object":{"customer":{"id":1},"total":1.10}},"z\n":null}"#;
        assert_eq!(put("data.object.customer", body).as_deref(), Some(whole));
        let table = [
            ("a", "{}", Some(r#"{"a":{"id":1}}"#)),
            ("a", r#"{"b":2}"#, Some(r#"{"b":2,"a":{"id":1}}"#)),
            ("a.b", r#"{"a":{}}"#, Some(r#"{"a":{"b":{"id":1}}}"#)),
            ("a.b", "{}", None),
            ("a.b", r#"{"a":[]}"#, None),
            ("a", "{", None),
        ];
        for (into, body, expected) in table {
            assert_eq!(put(into, body).as_deref(), expected, "{body}");
        }
    }
}
