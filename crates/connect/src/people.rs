//! People, as the store knows them.

use orderbridge_core::store::{SubjectHash, SubjectKey, SubjectKind};
use orderbridge_event::{Email, Identity, Text};

/// The fewest digits that can be somebody's phone number.
const FEWEST_DIGITS: usize = 7;

/// The hash under which a store knows somebody. Numbers of customers and orders count within
/// their platform only; of a phone number only the digits count, however it is written.
///
/// `None` for what many people share: a placeholder, one of the shop's own `shared` addresses, a
/// number that is none. An erasure for one of them must not erase the others.
pub fn subject(
    key: &SubjectKey,
    platform: &str,
    shared: &[String],
    identity: &Identity,
) -> Option<SubjectHash> {
    let own = |id: &Text| format!("{platform}:{id}");
    let hash = match identity {
        Identity::Customer(id) => key.hash(SubjectKind::Customer, &own(id)),
        Identity::Order(id) => key.hash(SubjectKind::Order, &own(id)),
        Identity::Email(text) => {
            let is_one_persons = match Email::parse(text.as_str()) {
                Some(email) => !email.is_placeholder(shared),
                None => text.as_str().contains('@'),
            };
            if !is_one_persons {
                return None;
            }
            key.hash(SubjectKind::Email, text.as_str())
        }
        Identity::Phone(text) => key.hash(SubjectKind::Phone, &digits(text.as_str())?),
    };
    Some(hash)
}

fn digits(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let number = digits.strip_prefix("00").unwrap_or(&digits);
    // 000 000 000, as a till fills it in.
    let varies = number
        .bytes()
        .any(|digit| !number.starts_with(char::from(digit)));
    (number.len() >= FEWEST_DIGITS && varies).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(identity: fn(Text) -> Identity, text: &str) -> Option<SubjectHash> {
        let identity = identity(Text::new(text).unwrap());
        let shared = ["@till.example.com".to_owned()];
        subject(&SubjectKey::new([7; 32]), "shop", &shared, &identity)
    }

    #[test]
    fn a_phone_number_is_the_same_however_it_is_written() {
        let plain = of(Identity::Phone, "+12025550142");
        for same in ["+1 (202) 555-0142", "001 202 555 0142", "12025550142"] {
            assert_eq!(of(Identity::Phone, same), plain, "{same}");
        }
        assert_ne!(of(Identity::Phone, "+12025550143"), plain);
    }

    #[test]
    fn what_many_share_is_nobody() {
        for phone in ["n/a", "0000000000", "00 000 000 00", "123"] {
            assert_eq!(of(Identity::Phone, phone), None, "{phone}");
        }
        for email in ["none", "noreply@example.com", "a@till.example.com"] {
            assert_eq!(of(Identity::Email, email), None, "{email}");
        }
        let jane = of(Identity::Email, "jane@example.com");
        assert!(jane.is_some());
        assert_eq!(of(Identity::Email, " Jane@Example.com"), jane);
    }

    #[test]
    fn numbers_count_within_their_platform() {
        let key = SubjectKey::new([7; 32]);
        let seven = Identity::Customer(Text::new("7").unwrap());
        let of_platform = |name| subject(&key, name, &[], &seven);
        assert_ne!(of_platform("a"), of_platform("b"));
        assert_ne!(of(Identity::Customer, "7"), of(Identity::Order, "7"));
    }
}
