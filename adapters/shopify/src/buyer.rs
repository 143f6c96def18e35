//! Who bought: contact, names, place, and the aliases that identify them.

use orderbridge_event::{
    Alias, Aliases, Code, Contact, CountryCode, Email, Names, Note, Options, Phone, Place, Text,
};

use crate::payload::{Address, Order};

/// The buyer of an order.
pub(crate) struct Buyer {
    pub contact: Contact,
    pub names: Names,
    pub place: Place,
    pub home: Option<Place>,
    pub aliases: Aliases,
}

/// Reads the buyer from an order. The order's text is used up.
pub(crate) fn of(order: &mut Order, id: &Text, options: &Options, notes: &mut Vec<Note>) -> Buyer {
    let email = email(order, options, notes);
    let aliases = aliases(order, id, email.as_ref(), options, notes);
    let contact = Contact {
        phone: phone(order, notes),
        email,
    };
    let names = names(order);
    let (place, home) = places(order, notes);
    Buyer {
        contact,
        names,
        place,
        home,
        aliases,
    }
}

/// The first e-mail address of the buyer's: the order's own before the account's.
///
/// A till's placeholder is passed over, since it would make everybody the same returning customer.
fn email(order: &Order, options: &Options, notes: &mut Vec<Note>) -> Option<Email> {
    let customer = order.customer.as_ref();
    let places = [
        ("email", order.email.value()),
        ("contact_email", order.contact_email.value()),
        (
            "customer.email",
            customer.and_then(|customer| customer.email.as_ref()),
        ),
    ];
    let (mut refused, mut passed_over) = (None, None);
    for (path, text) in places {
        let Some(text) = text else { continue };
        match Email::parse(text.as_str()) {
            Some(email) if email.is_placeholder(&options.shared_emails) => {
                passed_over = passed_over.or(Some(path));
            }
            Some(email) => {
                if email.is_relay() {
                    let message = "a marketplace's relay address is no alias";
                    notes.push(Note::new(Code::EmailShared, message, path));
                }
                return Some(email);
            }
            None => refused = refused.or(Some(path)),
        }
    }
    if let Some(path) = passed_over {
        let message = "a placeholder or shared address is left out";
        notes.push(Note::new(Code::EmailShared, message, path));
    }
    if let Some(path) = refused {
        notes.push(Note::new(Code::EmailInvalid, "not an e-mail address", path));
    }
    None
}

/// The first phone number that is one.
fn phone(order: &Order, notes: &mut Vec<Note>) -> Option<Phone> {
    let of = |address: &Option<Address>| address.as_ref().and_then(|a| a.phone.clone());
    let customer = order.customer.as_ref();
    let places = [
        ("phone", order.phone.value().cloned()),
        (
            "customer.phone",
            customer.and_then(|customer| customer.phone.clone()),
        ),
        ("shipping_address.phone", of(&order.shipping_address)),
        ("billing_address.phone", of(&order.billing_address)),
    ];
    let mut refused = None;
    for (path, text) in places {
        let Some(text) = text else { continue };
        match Phone::parse(text.as_str()) {
            Some(phone) => return Some(phone),
            None => refused = refused.or(Some(path)),
        }
    }
    if let Some(path) = refused {
        let message = "not a phone number with its country code";
        notes.push(Note::new(Code::PhoneInvalid, message, path));
    }
    None
}

/// The customer's name, else the one on an address.
fn names(order: &mut Order) -> Names {
    let customer = order
        .customer
        .as_mut()
        .map(|c| (c.first_name.take(), c.last_name.take()));
    let of = |address: &mut Option<Address>| {
        address
            .as_mut()
            .map(|a| (a.first_name.take(), a.last_name.take()))
    };
    let candidates = [
        customer,
        of(&mut order.billing_address),
        of(&mut order.shipping_address),
    ];
    let named = candidates
        .into_iter()
        .flatten()
        .find(|(f, l)| f.is_some() || l.is_some());
    named.map_or(Names::NONE, |(first, last)| Names { first, last })
}

/// Where the order goes, and, where it goes nowhere, where the buyer lives.
fn places(order: &mut Order, notes: &mut Vec<Note>) -> (Place, Option<Place>) {
    let addresses = [
        ("shipping_address", order.shipping_address.take()),
        ("billing_address", order.billing_address.take()),
    ];
    for (path, address) in addresses {
        if let Some(place) = address.and_then(|address| place(path, address, notes)) {
            return (place, None);
        }
    }
    // The account's address may be an old one: good enough for the profile, not for the order.
    let account = order
        .customer
        .as_mut()
        .and_then(|customer| customer.default_address.take());
    let home = account.and_then(|address| place("customer.default_address", address, notes));
    (Place::NONE, home)
}

fn place(path: &str, address: Address, notes: &mut Vec<Note>) -> Option<Place> {
    let country = match (&address.country_code, &address.country) {
        (None, None) => None,
        (code, name) => {
            let texts = [("country_code", code), ("country", name)];
            let given = texts
                .into_iter()
                .filter_map(|(key, text)| Some((key, text.as_ref()?)));
            let read = given
                .clone()
                .find_map(|(_, text)| CountryCode::parse(text.as_str()));
            if read.is_none()
                && let Some((key, _)) = given.clone().next()
            {
                let message = "not an ISO 3166-1 country";
                notes.push(Note::new(
                    Code::CountryInvalid,
                    message,
                    format!("{path}.{key}"),
                ));
            }
            read
        }
    };
    let place = Place {
        city: address.city,
        state: address.province_code.or(address.province),
        zip_code: address.zip,
        country,
    };
    (place != Place::NONE).then_some(place)
}

/// What identifies the buyer, in order of value; the order itself when nothing does.
fn aliases(
    order: &Order,
    id: &Text,
    email: Option<&Email>,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Aliases {
    let customer = order
        .customer
        .as_ref()
        .and_then(|customer| customer.id.as_ref());
    let known = [
        alias(options, CART_TOKEN, order.cart_token.as_ref()),
        alias(options, CHECKOUT_TOKEN, order.checkout_token.as_ref()),
        alias(options, CUSTOMER_ID, customer),
        email.and_then(|email| Alias::email(email, &options.shared_emails)),
    ];
    let found = Aliases::from_known(known.into_iter().flatten());
    if is_blocked(order) {
        let message = "no personal field is in the payload: protected customer data";
        notes.push(Note::new(Code::IdentityBlocked, message, "email"));
    } else if found.is_none() {
        let message = "no token, customer or e-mail address: the order is the only alias";
        notes.push(Note::new(Code::IdentityOrderOnly, message, "email"));
    }
    found.unwrap_or_else(|| order_alias(options, id))
}

/// Shopify leaves the personal keys out, rather than nulling them, for apps without approval.
fn is_blocked(order: &Order) -> bool {
    let keys_absent =
        order.email.is_absent() && order.contact_email.is_absent() && order.phone.is_absent();
    let customer = order.customer.as_ref();
    keys_absent && customer.is_none_or(|c| c.email.is_none() && c.last_name.is_none())
}

/// A kind of alias: its name in `alias_prefixes`, and Converge's usual prefix.
type AliasKind = (&'static str, &'static str);

const CART_TOKEN: AliasKind = ("cart_token", "urn:shopify:cart_token:");
const CHECKOUT_TOKEN: AliasKind = ("checkout_token", "urn:checkout_token:");
pub(crate) const CUSTOMER_ID: AliasKind = ("customer_id", "urn:customer_id:");
const ORDER_ID: AliasKind = ("order_id", "urn:shopify:order_id:");

/// An alias of one kind, under the prefix that the shop's pixel uses.
pub(crate) fn alias(options: &Options, kind: AliasKind, value: Option<&Text>) -> Option<Alias> {
    Alias::new(prefix(options, kind), value?.as_str())
}

/// The alias of an order that nobody is known to have placed.
pub(crate) fn order_alias(options: &Options, id: &Text) -> Aliases {
    let alias = Alias::given(Text::labelled(prefix(options, ORDER_ID), id.as_str()));
    Aliases::new(alias, None)
}

fn prefix(options: &Options, (name, usual): AliasKind) -> &str {
    options
        .alias_prefixes
        .get(name)
        .map_or(usual, String::as_str)
}
