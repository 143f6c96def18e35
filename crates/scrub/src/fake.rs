//! Fakes of the same shape.

use std::net::{Ipv4Addr, Ipv6Addr};

use orderbridge_event::{Email, Phone};

use crate::dice::Dice;

/// How often a fake is made anew until it can stand for the value.
const ATTEMPTS: u32 = 200;

/// Letters whose neighbours in Unicode are letters of the same script and case.
const SCRIPTS: &[(char, char)] = &[
    ('α', 'ρ'),
    ('Α', 'Ρ'),
    ('а', 'я'),
    ('А', 'Я'),
    ('א', 'ת'),
    ('ب', 'غ'),
    ('अ', 'ह'),
    ('ก', 'ฮ'),
    ('あ', 'ん'),
    ('ア', 'ン'),
    ('가', '힣'),
    ('一', '龥'),
];

/// Text in which each word is another one: as long, in the same script, with the same capitals. A
/// word becomes the same one wherever it stands.
pub(crate) fn words(text: &str) -> String {
    each_word(text, word)
}

/// Text with each word replaced; what is between them stays.
pub(crate) fn each_word(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let (between, from) = rest.split_at(start);
        out.push_str(between);
        let end = from.find(|letter: char| !letter.is_alphanumeric());
        let (word, after) = from.split_at(end.unwrap_or(from.len()));
        out.push_str(&replace(word));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Another word.
pub(crate) fn word(text: &str) -> String {
    let lower = text.to_lowercase();
    usable(|attempt| {
        let mut dice = Dice::new(&lower, attempt);
        let fake: String = text.chars().map(|it| letter(it, &mut dice)).collect();
        (fake.to_lowercase() != lower).then_some(fake)
    })
    .unwrap_or_else(|| text.chars().map(|_| 'x').collect())
}

/// The first attempt that gives something.
fn usable(make: impl Fn(u32) -> Option<String>) -> Option<String> {
    (0..ATTEMPTS).find_map(make)
}

fn letter(letter: char, dice: &mut Dice) -> char {
    const VOWELS: &str = "aeiou";
    const CONSONANTS: &str = "bdfghklmnprstvz";
    let lower = letter.to_ascii_lowercase();
    let fake = match lower {
        '0'..='9' => return dice.one_of("123456789"),
        'a' | 'e' | 'i' | 'o' | 'u' => dice.one_of(VOWELS),
        'a'..='z' => dice.one_of(CONSONANTS),
        _ => return foreign(letter, dice),
    };
    if letter.is_ascii_uppercase() {
        fake.to_ascii_uppercase()
    } else {
        fake
    }
}

fn foreign(letter: char, dice: &mut Dice) -> char {
    let script = SCRIPTS
        .iter()
        .find(|(first, last)| (*first..=*last).contains(&letter));
    match script {
        Some((first, last)) => {
            let first = u32::from(*first);
            let count = u32::from(*last) - first + 1;
            char::from_u32(first + dice.below(count)).unwrap_or(letter)
        }
        None if letter.is_uppercase() => dice.one_of("ÁÉÍÓÚ"),
        None if letter.is_alphabetic() => dice.one_of("áéíóú"),
        None => letter,
    }
}

/// An address at a domain that is reserved for examples. Where a marketplace forwards, the domain
/// stays; where nobody reads or many do, all of it.
pub(crate) fn email(text: &str, shared: &[String]) -> String {
    let Some(known) = Email::parse(text) else {
        return words(text);
    };
    if known.is_placeholder(shared) {
        return text.to_owned();
    }
    let (local, domain) = text.rsplit_once('@').unwrap_or((text, ""));
    let made = usable(|attempt| {
        let local = if attempt == 0 {
            words(local)
        } else {
            token(&format!("{local}{attempt}"))
        };
        let fake = if known.is_relay() {
            format!("{local}@{domain}")
        } else {
            let name = domain.rsplit_once('.').map_or(domain, |(name, _)| name);
            format!("{local}@{}.example", words(name))
        };
        let stands = Email::parse(&fake).is_some_and(|it| !it.is_placeholder(shared));
        stands.then_some(fake)
    });
    made.unwrap_or_else(|| "somebody@shop.example".to_owned())
}

/// A number of the same country and length; one that is valid stays valid, another one does not
/// become so.
pub(crate) fn phone(text: &str) -> String {
    // "Call Jane", or an extension: no number that is one has letters.
    if text.contains(char::is_alphabetic) {
        return words(text);
    }
    let is_valid = Phone::parse(text).is_some();
    let own: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.trim().starts_with('+') || own.starts_with("00");
    let prefix = match own.strip_prefix("00") {
        Some(_) => 5,
        None => 3,
    };
    let kept = if international { prefix } else { 0 };
    let made = usable(|attempt| {
        let mut dice = Dice::new(&own, attempt);
        // The later the attempt, the more of the number stays: few countries use all ranges.
        let kept = if is_valid {
            kept + attempt as usize / 25
        } else {
            kept
        };
        let mut seen = 0;
        let fake = text.chars().map(|letter| {
            if !letter.is_ascii_digit() {
                return letter;
            }
            seen += 1;
            if seen <= kept {
                letter
            } else {
                dice.one_of("0123456789")
            }
        });
        let fake: String = fake.collect();
        (fake != text && Phone::parse(&fake).is_some() == is_valid).then_some(fake)
    });
    made.unwrap_or_else(|| digits(text))
}

/// Other digits, all else as it is; the first is not zero unless it was.
pub(crate) fn digits(text: &str) -> String {
    usable(|attempt| {
        let mut dice = Dice::new(text, attempt);
        let fake = text.chars().map(|letter| match letter {
            '1'..='9' => dice.one_of("123456789"),
            '0' => dice.one_of("0123456789"),
            other => other,
        });
        let fake: String = fake.collect();
        (fake != text || !text.contains(|it: char| it.is_ascii_digit())).then_some(fake)
    })
    .unwrap_or_default()
}

/// A number about as long. Those that are somebody's are few, and nobody counts by them: all of one
/// length become one.
pub(crate) fn number(digits: &str) -> &'static str {
    const WHOLE: [&str; 2] = ["12345678901234567890", "21345678901234567890"];
    const PARTS: [&str; 2] = ["1.2345678901234567890", "2.1345678901234567890"];
    let numbers = if digits.contains('.') { PARTS } else { WHOLE };
    let cut = |number: &'static str| number.get(..digits.len().max(3)).unwrap_or(number);
    let [first, second] = numbers.map(cut);
    if first == digits { second } else { first }
}

/// A token of the same length and alphabet.
pub(crate) fn token(text: &str) -> String {
    let is_hex = text.len() >= 8
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    usable(|attempt| {
        let mut dice = Dice::new(text, attempt);
        let fake = text.chars().map(|letter| match letter {
            'a'..='f' | '0'..='9' if is_hex => dice.one_of("0123456789abcdef"),
            '0'..='9' => dice.one_of("0123456789"),
            'a'..='z' => dice.one_of("abcdefghijklmnopqrstuvwxyz"),
            'A'..='Z' => dice.one_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            other if other.is_alphanumeric() => 'x',
            other => other,
        });
        let fake: String = fake.collect();
        (fake != text || !text.contains(char::is_alphanumeric)).then_some(fake)
    })
    .unwrap_or_default()
}

/// An IP address out of those that are reserved for documents.
pub(crate) fn ip(text: &str) -> String {
    let made = usable(|attempt| {
        let mut dice = Dice::new(text, attempt);
        let part = |end: u32, dice: &mut Dice| u16::try_from(dice.below(end)).unwrap_or(1);
        let fake = if text.parse::<Ipv6Addr>().is_ok() {
            let (one, two) = (part(65_536, &mut dice), part(65_536, &mut dice));
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, one, two).to_string()
        } else {
            let last = u8::try_from(part(254, &mut dice) + 1).unwrap_or(1);
            Ipv4Addr::new(203, 0, 113, last).to_string()
        };
        (fake != text).then_some(fake)
    });
    made.unwrap_or_else(|| "203.0.113.1".to_owned())
}

/// Words that say nothing, about as many. They do not follow from what was written: short notes
/// could be guessed.
pub(crate) fn prose(text: &str) -> String {
    const FILLER: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod \
                          tempor incididunt ut labore et dolore magna aliqua. ";
    if text.trim().is_empty() {
        return text.to_owned();
    }
    let filler: String = FILLER.chars().cycle().take(text.chars().count()).collect();
    filler.trim_end().to_owned()
}
