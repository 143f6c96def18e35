//! Whose a value is, by its key: the one list for all platforms.

use orderbridge_event::tree::Fields;

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What a person is called.
    Name,
    /// A company, or a part of an address.
    Place,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A number that is somebody's: of a card, at a tax office, of a parcel.
    Number,
    /// A day of birth.
    Birth,
    /// What opens a door.
    Token,
    /// An IP address.
    Ip,
    /// A browser.
    Agent,
    /// What somebody has written.
    Prose,
}

/// Endings of keys, in words. What is longer stands before what it ends with.
const ENDINGS: &[(&str, Kind)] = &[
    ("email", Kind::Email),
    ("e mail", Kind::Email),
    ("email address", Kind::Email),
    ("phone", Kind::Phone),
    ("phone number", Kind::Phone),
    ("telephone", Kind::Phone),
    ("mobile", Kind::Phone),
    ("mobile number", Kind::Phone),
    ("cellphone", Kind::Phone),
    ("fax", Kind::Phone),
    ("first name", Kind::Name),
    ("firstname", Kind::Name),
    ("last name", Kind::Name),
    ("lastname", Kind::Name),
    ("middle name", Kind::Name),
    ("full name", Kind::Name),
    ("fullname", Kind::Name),
    ("given name", Kind::Name),
    ("family name", Kind::Name),
    ("surname", Kind::Name),
    ("buyer name", Kind::Name),
    ("customer name", Kind::Name),
    ("recipient name", Kind::Name),
    ("contact name", Kind::Name),
    ("holder name", Kind::Name),
    ("cardholder name", Kind::Name),
    ("billing name", Kind::Name),
    ("shipping name", Kind::Name),
    ("user name", Kind::Name),
    ("username", Kind::Name),
    ("shop owner", Kind::Name),
    ("legal name", Kind::Place),
    ("company name", Kind::Place),
    ("business name", Kind::Place),
    ("company", Kind::Place),
    ("address line", Kind::Place),
    ("street", Kind::Place),
    ("street name", Kind::Place),
    ("street number", Kind::Place),
    ("house number", Kind::Place),
    ("apartment", Kind::Place),
    ("complement", Kind::Place),
    ("neighborhood", Kind::Place),
    ("neighbourhood", Kind::Place),
    ("county", Kind::Place),
    ("district", Kind::Place),
    ("municipality", Kind::Place),
    ("city", Kind::Place),
    ("town", Kind::Place),
    ("suburb", Kind::Place),
    ("locality", Kind::Place),
    ("zip", Kind::Place),
    ("zip code", Kind::Place),
    ("zipcode", Kind::Place),
    ("postal code", Kind::Place),
    ("postalcode", Kind::Place),
    ("post code", Kind::Place),
    ("postcode", Kind::Place),
    ("province", Kind::Place),
    ("province code", Kind::Place),
    ("state code", Kind::Place),
    ("state or region", Kind::Place),
    ("ship state", Kind::Place),
    ("bill state", Kind::Place),
    ("shipping state", Kind::Place),
    ("billing state", Kind::Place),
    ("formatted area", Kind::Place),
    ("latitude", Kind::Number),
    ("longitude", Kind::Number),
    ("last 4", Kind::Number),
    ("card number", Kind::Number),
    ("masked number", Kind::Number),
    ("account number", Kind::Number),
    ("routing number", Kind::Number),
    ("iin", Kind::Number),
    ("iban", Kind::Token),
    ("tax id", Kind::Token),
    ("tax number", Kind::Token),
    ("vat number", Kind::Token),
    ("tax registration number", Kind::Token),
    ("tracking number", Kind::Token),
    ("tracking numbers", Kind::Token),
    ("po number", Kind::Token),
    ("purchase order number", Kind::Token),
    ("birthday", Kind::Birth),
    ("birthdate", Kind::Birth),
    ("birth date", Kind::Birth),
    ("date of birth", Kind::Birth),
    ("dob", Kind::Birth),
    ("token", Kind::Token),
    ("secret", Kind::Token),
    ("password", Kind::Token),
    ("signature", Kind::Token),
    ("authorization", Kind::Token),
    ("authorization code", Kind::Token),
    ("fingerprint", Kind::Token),
    ("hash", Kind::Token),
    ("order key", Kind::Token),
    ("session id", Kind::Token),
    ("receipt handle", Kind::Token),
    ("api key", Kind::Token),
    ("ip", Kind::Ip),
    ("ip address", Kind::Ip),
    ("user agent", Kind::Agent),
    ("useragent", Kind::Agent),
    ("note", Kind::Prose),
    ("notes", Kind::Prose),
    ("memo", Kind::Prose),
    ("comment", Kind::Prose),
    ("comments", Kind::Prose),
    ("remark", Kind::Prose),
    ("instructions", Kind::Prose),
    ("gift message", Kind::Prose),
    ("gift message text", Kind::Prose),
    ("buyer cancel reason", Kind::Prose),
    ("engraving", Kind::Prose),
];

/// Keys that say something only beside a street or a postal code.
const IN_ADDRESSES: &[&str] = &["line", "state", "region", "area", "formatted"];

/// Keys beside which those count.
const OF_ADDRESSES: &[&str] = &[
    "address",
    "address line",
    "city",
    "line",
    "postal code",
    "postalcode",
    "postcode",
    "street",
    "street name",
    "zip",
];

/// Objects under these keys are people.
const PEOPLE: &[&str] = &[
    "address",
    "billing",
    "billing details",
    "buyer",
    "buyer info",
    "company",
    "contact",
    "customer",
    "customer shipping",
    "owner",
    "payer",
    "recipient",
    "shipping",
    "user",
];

/// Keys that a product has and a person has not.
const OF_PRODUCTS: &[&str] = &["sku", "price", "quantity", "product id"];

/// Lists under these keys hold pairs that the buyer may have typed.
const TYPED: &[&str] = &["attributes", "properties", "custom fields", "meta data"];

/// Texts in which people may be named.
const TALK: &[&str] = &[
    "body",
    "comment",
    "content",
    "description",
    "html",
    "label",
    "message",
    "reason",
    "subject",
    "summary",
    "text",
];

/// The words of a key in lower case, numbers at its end left out: `shippingAddress1` is
/// `shipping address`, `last4` stays `last 4`.
pub(crate) fn words(key: &str) -> String {
    let mut words = String::new();
    let letters: Vec<char> = key.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| letters.get(place));
        let after = letters.get(place + 1);
        let starts = before.is_some_and(|before| {
            let is_hump = letter.is_uppercase()
                && (before.is_lowercase() || after.is_some_and(|after| after.is_lowercase()));
            is_hump || before.is_numeric() != letter.is_numeric()
        });
        let is_gap = !letter.is_alphanumeric() || starts;
        if is_gap && !words.ends_with(' ') && !words.is_empty() {
            words.push(' ');
        }
        if letter.is_alphanumeric() {
            words.extend(letter.to_lowercase());
        }
    }
    let words = words.trim_end();
    let plain = words.trim_end_matches(|letter: char| letter.is_numeric() || letter == ' ');
    if words.ends_with("last 4") || plain.is_empty() {
        words.to_owned()
    } else {
        plain.to_owned()
    }
}

/// Whether words end with these.
fn ends(words: &str, ending: &str) -> bool {
    words
        .strip_suffix(ending)
        .is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

fn is_among(words: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| ends(words, ending))
}

/// An object, as far as it says whose its values are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Around {
    is_address: bool,
    is_person: bool,
    /// Pairs of a name and a value that somebody typed.
    pub(crate) is_typed: bool,
}

impl Around {
    /// An object with these keys under this key.
    pub(crate) fn new(parent: &str, fields: &Fields<'_>) -> Self {
        let keys: Vec<String> = fields.iter().map(|(key, _)| words(key)).collect();
        let has = |some: &[&str]| keys.iter().any(|key| some.contains(&key.as_str()));
        let is_address = has(OF_ADDRESSES);
        let named = has(&["first name", "last name", "firstname", "lastname"]);
        Self {
            is_address,
            is_person: (is_address || named || is_among(parent, PEOPLE)) && !has(OF_PRODUCTS),
            is_typed: is_among(parent, TYPED) && has(&["value"]),
        }
    }
}

/// What only sounds like somebody's: companies that carry and charge, papers about money.
const NOBODYS: &[&str] = &[
    "card company",
    "credit memo",
    "credit memos",
    "credit note",
    "credit notes",
    "tracking company",
];

/// Pages of products, which are what is sold.
const PICTURES: &[&str] = &[
    "image",
    "image url",
    "large",
    "medium",
    "original",
    "product url",
    "small",
    "src",
    "thumbnail",
];

/// What stands under a key.
pub(crate) fn kind(key: &str, around: Around) -> Option<Kind> {
    let words = words(key);
    if is_among(&words, NOBODYS) {
        return None;
    }
    if around.is_address && IN_ADDRESSES.contains(&words.as_str()) {
        return Some(Kind::Place);
    }
    if around.is_person && matches!(words.as_str(), "name" | "display name") {
        return Some(Kind::Name);
    }
    // An address that is text; where it is an object its parts say what they are.
    if ends(&words, "address") && !ends(&words, "ip address") && !ends(&words, "email address") {
        return Some(Kind::Place);
    }
    let found = ENDINGS.iter().find(|(ending, _)| ends(&words, ending));
    found.map(|(_, kind)| *kind)
}

/// Whether a page under this key is a product's.
pub(crate) fn is_picture(key: &str) -> bool {
    is_among(&words(key), PICTURES)
}

/// Whether people may be named in a text under this key.
pub(crate) fn is_talk(key: &str) -> bool {
    is_among(&words(key), TALK)
}
