//! What a payload does not tell and its platform's API does.

use std::fmt::Write as _;

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
}
