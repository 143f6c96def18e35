//! Who bought, and where they live: each part valid or absent.

use std::fmt;

use email_address::{EmailAddress, Options};

use crate::Text;

/// An e-mail address, trimmed and in lower case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(Text);

impl Email {
    /// Reads an address; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let address = text.trim();
        // RFC 5321 allows more than a buyer's address has: a name around it, a host without a dot
        // or in numbers. Such text would be nobody's address elsewhere.
        let options = Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        EmailAddress::parse_with_options(address, options).ok()?;
        Text::new(address.to_lowercase()).map(Self)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this address says nothing about who bought: a marketplace's relay or a placeholder.
    ///
    /// An alias on such an address would merge strangers into one profile. `more` is the shop's own
    /// list: whole addresses, or domains with a leading `@`.
    pub fn is_shared(&self, more: &[String]) -> bool {
        self.is_relay() || self.is_placeholder(more)
    }

    /// Whether a marketplace forwards this address: it reaches the buyer, and differs from order to
    /// order.
    pub fn is_relay(&self) -> bool {
        let (_, domain) = self.parts();
        RELAY_DOMAINS
            .iter()
            .any(|relay| match relay.strip_suffix('*') {
                Some(start) => domain.starts_with(start),
                None => domain == *relay,
            })
    }

    /// Whether nobody reads this address, or many do: a till's placeholder, a `noreply@`, an
    /// address or `@domain` of the shop's own list.
    pub fn is_placeholder(&self, more: &[String]) -> bool {
        let (local, domain) = self.parts();
        // Amazon Business buys under one `no-reply-amazon-iba-buyer@…` for everybody.
        local.starts_with("no-reply-")
            || PLACEHOLDER_NAMES.contains(&local)
            || more.iter().any(|shared| {
                let shared = shared.trim();
                match shared.strip_prefix('@') {
                    Some(shared_domain) => domain.eq_ignore_ascii_case(shared_domain),
                    None => self.as_str().eq_ignore_ascii_case(shared),
                }
            })
    }

    fn parts(&self) -> (&str, &str) {
        self.as_str().rsplit_once('@').unwrap_or_default()
    }
}

/// Domains that forward for a marketplace. A trailing `*` matches any ending.
const RELAY_DOMAINS: &[&str] = &[
    "marketplace.amazon.*",
    "scs.tiktokw.us",
    "members.ebay.com",
    "relay.walmart.com",
];

/// Local parts that nobody reads.
const PLACEHOLDER_NAMES: &[&str] = &[
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "noemail",
    "no-email",
    "nomail",
    "none",
    "pos",
    "placeholder",
    "anonymous",
];

/// A phone number in E.164: `+12025550142`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(Text);

impl Phone {
    /// Reads a number that names its country with a plus (or `00`); `None` for any other, since
    /// the country would be a guess.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim();
        let foreign = number.strip_prefix("00").map(|rest| format!("+{rest}"));
        let number = foreign.as_deref().unwrap_or(number);
        // Letters are not typing aids: `x12` is an extension and an `O` a mistake, and the number
        // that a keypad makes of them is a stranger's.
        let mut rest = number.strip_prefix('+')?.chars();
        let is_typed = |letter: char| {
            letter.is_ascii_digit() || letter.is_whitespace() || "-./()".contains(letter)
        };
        if number.len() > 40 || !rest.all(is_typed) {
            return None;
        }
        let normal = phonelib::normalize_phone_number(number)?;
        let digits = normal.strip_prefix('+')?;
        let plain = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if plain {
            Text::new(normal).map(Self)
        } else {
            None
        }
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// An ISO 3166-1 alpha-2 country code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode(&'static str);

impl CountryCode {
    /// Reads an alpha-2 code, an alpha-3 code or an English country name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let upper = text.to_ascii_uppercase();
        let found = match upper.len() {
            2 => rust_iso3166::from_alpha2(&upper),
            3 => rust_iso3166::from_alpha3(&upper),
            _ => rust_iso3166::ALL
                .iter()
                .copied()
                .find(|country| country.name.eq_ignore_ascii_case(text)),
        };
        found
            .map(|country| Self(country.alpha2))
            .or_else(|| Self::by_common_name(text))
    }

    /// Names that shops and people use where ISO's own is longer.
    fn by_common_name(text: &str) -> Option<Self> {
        COMMON_NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|(_, code)| Self(code))
    }

    /// The code, in upper case.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

const COMMON_NAMES: &[(&str, &str)] = &[
    ("United States", "US"),
    ("USA", "US"),
    ("United Kingdom", "GB"),
    ("Great Britain", "GB"),
    ("Netherlands", "NL"),
    ("South Korea", "KR"),
    ("Russia", "RU"),
    ("Taiwan", "TW"),
    ("Vietnam", "VN"),
    ("Czech Republic", "CZ"),
    ("Czechia", "CZ"),
    ("Turkey", "TR"),
    ("Hong Kong SAR", "HK"),
    ("Macao SAR", "MO"),
    ("United Arab Emirates", "AE"),
    ("Bolivia", "BO"),
    ("Venezuela", "VE"),
    ("Tanzania", "TZ"),
    ("Moldova", "MD"),
    ("North Macedonia", "MK"),
    ("Philippines", "PH"),
    ("Dominican Republic", "DO"),
];

/// How to reach a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// `$email`
    pub email: Option<Email>,
    /// `$phone_number`
    pub phone: Option<Phone>,
}

impl Contact {
    /// Nobody we know how to reach.
    pub const NONE: Self = Self {
        email: None,
        phone: None,
    };
}

/// What a buyer is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `$first_name`
    pub first: Option<Text>,
    /// `$last_name`
    pub last: Option<Text>,
}

impl Names {
    /// Nobody whose name we know.
    pub const NONE: Self = Self {
        first: None,
        last: None,
    };
}

/// Where an order goes, or a buyer lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `$city`
    pub city: Option<Text>,
    /// `$state`
    pub state: Option<Text>,
    /// `$zip_code`
    pub zip_code: Option<Text>,
    /// `$country_code`
    pub country: Option<CountryCode>,
}

impl Place {
    /// Nowhere we know of.
    pub const NONE: Self = Self {
        city: None,
        state: None,
        zip_code: None,
        country: None,
    };
}

// Personal data: `Debug` shows that there is a value, not which.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[e-mail]")
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[phone]")
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
