//! Who bought: contact, names, place, and the aliases that identify them.

use orderbridge_event::{
    Alias, Aliases, Code, Contact, CountryCode, Email, Names, Note, Options, Phone, Place, Text,
};

use crate::payload::{Address, Charge, Customer, Subscription, in_store};

/// The buyer of a charge or the holder of a subscription.
pub(crate) struct Buyer {
    pub contact: Contact,
    pub names: Names,
    pub place: Place,
    pub aliases: Aliases,
}

/// Reads the buyer of a charge; the customer beside it fills in what the charge does not tell.
pub(crate) fn of_charge(
    charge: &mut Charge,
    beside: Option<&Customer>,
    id: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let own = charge.customer.as_ref();
    let told = Told {
        emails: [
            ("customer.email", own.and_then(|it| it.email.as_ref())),
            ("email", charge.email.as_ref()),
            ("customer.email", beside.and_then(|it| it.email.as_ref())),
        ],
        phones: [
            (
                "shipping_address.phone",
                phone_of(charge.shipping_address.as_ref()),
            ),
            (
                "billing_address.phone",
                phone_of(charge.billing_address.as_ref()),
            ),
            ("customer.phone", beside.and_then(|it| it.phone.as_ref())),
        ],
        names: [
            (charge.first_name.as_ref(), charge.last_name.as_ref()),
            names_of(own),
            names_of(beside),
            names_at(charge.billing_address.as_ref()),
            names_at(charge.shipping_address.as_ref()),
        ],
        cart: charge
            .external_cart_token
            .as_ref()
            .or(charge.shopify_cart_token.as_ref()),
        in_store: customer_in_store(own).or_else(|| customer_in_store(beside)),
        customer: own
            .and_then(|it| it.id.as_ref())
            .or(charge.customer_id.as_ref()),
        object: ("charge_id", "urn:recharge:charge_id:", id),
    };
    let (contact, names, aliases) = told.read(options, notes);
    let place = place(charge, notes);
    Buyer {
        contact,
        names,
        place,
        aliases,
    }
}

/// Reads the holder of a subscription, which names little more than a number.
pub(crate) fn of_subscription(
    subscription: &Subscription,
    beside: Option<&Customer>,
    id: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let told = Told {
        emails: [
            ("email", subscription.email.as_ref()),
            ("customer.email", beside.and_then(|it| it.email.as_ref())),
        ],
        phones: [("customer.phone", beside.and_then(|it| it.phone.as_ref()))],
        names: [names_of(beside)],
        cart: None,
        in_store: customer_in_store(beside),
        customer: subscription
            .customer_id
            .as_ref()
            .or(beside.and_then(|it| it.id.as_ref())),
        object: ("subscription_id", "urn:recharge:subscription_id:", id),
    };
    let (contact, names, aliases) = told.read(options, notes);
    if contact.email.is_none() && subscription.email.is_none() && beside.is_none() {
        let message = "the customer is not beside it: included_objects asks for that";
        notes.push(Note::new(Code::EmailMissing, message, "customer"));
    }
    Buyer {
        contact,
        names,
        place: Place::NONE,
        aliases,
    }
}

/// What a message tells of a person, in the order in which it is believed.
struct Told<'a, const E: usize, const P: usize, const N: usize> {
    emails: [(&'static str, Option<&'a Text>); E],
    phones: [(&'static str, Option<&'a Text>); P],
    names: [(Option<&'a Text>, Option<&'a Text>); N],
    cart: Option<&'a Text>,
    in_store: Option<Text>,
    customer: Option<&'a Text>,
    object: (&'static str, &'static str, &'a Text),
}

impl<const E: usize, const P: usize, const N: usize> Told<'_, E, P, N> {
    fn read(self, options: &Options, notes: &mut Vec<Note>) -> (Contact, Names, Aliases) {
        let email = email(&self.emails, options, notes);
        let phone = phone(&self.phones, notes);
        let who = self
            .names
            .into_iter()
            .find(|(first, last)| first.is_some() || last.is_some());
        let names = who.map_or(Names::NONE, |(first, last)| Names {
            first: first.cloned(),
            last: last.cloned(),
        });
        let known = [
            alias(options, CART_TOKEN, self.cart),
            alias(options, CUSTOMER_ID, self.in_store.as_ref()),
            alias(options, RECHARGE_CUSTOMER_ID, self.customer),
            email
                .as_ref()
                .and_then(|email| Alias::email(email, &options.shared_emails)),
        ];
        let aliases = Aliases::from_known(known.into_iter().flatten()).unwrap_or_else(|| {
            let message = "no customer and no e-mail address: the object itself is the only alias";
            notes.push(Note::new(Code::IdentityOrderOnly, message, "customer"));
            let (name, usual, id) = self.object;
            let prefix = prefix(options, (name, usual));
            Aliases::new(Alias::given(Text::labelled(prefix, id.as_str())), None)
        });
        (Contact { email, phone }, names, aliases)
    }
}

/// The first address that is somebody's own.
fn email(
    places: &[(&'static str, Option<&Text>)],
    options: &Options,
    notes: &mut Vec<Note>,
) -> Option<Email> {
    let mut refused = None;
    for (path, text) in places {
        let Some(text) = text else { continue };
        let why = match Email::parse(text.as_str()) {
            Some(email) if email.is_placeholder(&options.shared_emails) => (
                Code::EmailShared,
                "a placeholder or shared address is left out",
            ),
            Some(email) => return Some(email),
            None => (Code::EmailInvalid, "not an e-mail address"),
        };
        refused = refused.or(Some((why, *path)));
    }
    if let Some(((code, message), path)) = refused {
        notes.push(Note::new(code, message, path));
    }
    None
}

/// The first phone number that is one.
fn phone(places: &[(&'static str, Option<&Text>)], notes: &mut Vec<Note>) -> Option<Phone> {
    let mut refused = None;
    for (path, text) in places {
        let Some(text) = text else { continue };
        match Phone::parse(text.as_str()) {
            Some(phone) => return Some(phone),
            None => refused = refused.or(Some(*path)),
        }
    }
    if let Some(path) = refused {
        let message = "not a phone number with its country code";
        notes.push(Note::new(Code::PhoneInvalid, message, path));
    }
    None
}

/// Where the charge's goods go, else where the bill goes.
fn place(charge: &mut Charge, notes: &mut Vec<Note>) -> Place {
    let addresses = [
        ("shipping_address", charge.shipping_address.take()),
        ("billing_address", charge.billing_address.take()),
    ];
    for (path, address) in addresses {
        let Some(address) = address else { continue };
        let country = country(path, &address, notes);
        let place = Place {
            city: address.city,
            state: address.province,
            zip_code: address.zip,
            country,
        };
        if place != Place::NONE {
            return place;
        }
    }
    Place::NONE
}

fn country(path: &str, address: &Address, notes: &mut Vec<Note>) -> Option<CountryCode> {
    let told = [
        ("country_code", &address.country_code),
        ("country", &address.country),
    ];
    let mut told = told
        .into_iter()
        .filter_map(|(key, text)| Some((key, text.as_ref()?)));
    let (key, _) = told.clone().next()?;
    let read = told.find_map(|(_, text)| CountryCode::parse(text.as_str()));
    if read.is_none() {
        let message = "not an ISO 3166-1 country";
        notes.push(Note::new(
            Code::CountryInvalid,
            message,
            format!("{path}.{key}"),
        ));
    }
    read
}

fn phone_of(address: Option<&Address>) -> Option<&Text> {
    address?.phone.as_ref()
}

fn names_of(customer: Option<&Customer>) -> (Option<&Text>, Option<&Text>) {
    customer.map_or((None, None), |it| {
        (it.first_name.as_ref(), it.last_name.as_ref())
    })
}

fn names_at(address: Option<&Address>) -> (Option<&Text>, Option<&Text>) {
    address.map_or((None, None), |it| {
        (it.first_name.as_ref(), it.last_name.as_ref())
    })
}

fn customer_in_store(customer: Option<&Customer>) -> Option<Text> {
    let customer = customer?;
    in_store(
        customer.external_customer_id.as_ref(),
        customer.shopify_customer_id.as_ref(),
    )
}

/// A kind of alias: its name in `alias_prefixes`, and its usual prefix.
type AliasKind = (&'static str, &'static str);

// The first two as the store's own source has them, so that both tell of one person.
const CART_TOKEN: AliasKind = ("cart_token", "urn:shopify:cart_token:");
const CUSTOMER_ID: AliasKind = ("customer_id", "urn:customer_id:");
const RECHARGE_CUSTOMER_ID: AliasKind = ("recharge_customer_id", "urn:recharge:customer_id:");

fn alias(options: &Options, kind: AliasKind, value: Option<&Text>) -> Option<Alias> {
    Alias::new(prefix(options, kind), value?.as_str())
}

fn prefix(options: &Options, (name, usual): AliasKind) -> &str {
    options
        .alias_prefixes
        .get(name)
        .map_or(usual, String::as_str)
}
