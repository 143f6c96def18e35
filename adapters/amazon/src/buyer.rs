//! Who bought. By default nobody is known: an order is known by its own id.

use orderbridge_event::{
    Alias, Aliases, Code, Contact, CountryCode, Email, Note, Options, PersonalData, Place, Text,
};

use crate::model::{Delivery, Order};

/// The buyer of an order.
pub(crate) struct Buyer {
    pub contact: Contact,
    pub place: Place,
    pub aliases: Aliases,
}

/// Reads the buyer. The order's text is used up.
///
/// City, state and country are not personal to Amazon; postal code and e-mail address are, and are
/// forwarded only where the source says so.
pub(crate) fn of(order: &mut Order, options: &Options, notes: &mut Vec<Note>) -> Buyer {
    let is_forwarded = options.personal_data == PersonalData::Forward;
    let email = if is_forwarded {
        email(order, options, notes)
    } else {
        None
    };
    let buyer = email.as_ref().and_then(|email| {
        let prefix = prefix(options, "buyer", "urn:amazon:buyer:");
        // Never urn:email:, which others would take for an address to write to.
        Alias::new(prefix, email.as_str())
    });
    let delivery = std::mem::take(&mut order.place);
    Buyer {
        contact: Contact { email, phone: None },
        place: place(delivery, is_forwarded, notes),
        aliases: Aliases::new(order_alias(options, &order.id), buyer),
    }
}

/// The buyer's relay address. It is the same in all orders of one buyer with one seller; that of
/// Amazon Business is the same in the orders of everybody.
fn email(order: &mut Order, options: &Options, notes: &mut Vec<Note>) -> Option<Email> {
    let (path, text) = order.buyer_email.take()?;
    let (code, message) = match Email::parse(text.as_str()) {
        None => (Code::EmailInvalid, "not an e-mail address"),
        Some(email) if order.is_resold || email.is_placeholder(&options.shared_emails) => (
            Code::EmailShared,
            "an address that many orders share is left out",
        ),
        Some(email) => return Some(email),
    };
    notes.push(Note::new(code, message, path));
    None
}

fn place(delivery: Delivery, is_forwarded: bool, notes: &mut Vec<Note>) -> Place {
    let (path, country) = delivery.country;
    let read = country
        .as_ref()
        .and_then(|text| CountryCode::parse(text.as_str()));
    if country.is_some() && read.is_none() {
        let message = "not an ISO 3166-1 country";
        notes.push(Note::new(Code::CountryInvalid, message, path));
    }
    Place {
        city: delivery.city,
        state: delivery.state,
        zip_code: delivery.zip_code.filter(|_| is_forwarded),
        country: read,
    }
}

/// The alias of an order.
pub(crate) fn order_alias(options: &Options, id: &Text) -> Alias {
    let prefix = prefix(options, "order_id", "urn:amazon:order_id:");
    Alias::given(Text::labelled(prefix, id.as_str()))
}

fn prefix<'a>(options: &'a Options, name: &str, usual: &'a str) -> &'a str {
    options
        .alias_prefixes
        .get(name)
        .map_or(usual, String::as_str)
}
