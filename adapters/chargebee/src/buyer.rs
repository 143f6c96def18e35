//! Who pays: contact, names, place, and the aliases that identify them.

use orderbridge_event::{
    Alias, Aliases, Code, Contact, CountryCode, Names, Note, Options, Place, Text, first_email,
    first_phone,
};

use crate::payload::{Address, Content};

/// Whoever a message is about.
pub(crate) struct Buyer {
    pub contact: Contact,
    pub names: Names,
    pub place: Place,
    pub aliases: Aliases,
}

/// Reads the customer and, where there is one, the invoice. Without anybody `last` is the alias.
pub(crate) fn of(
    content: &Content,
    last: (AliasKind, &Text),
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let customer = content.customer();
    let invoice = content.invoice.as_ref();
    let billing = invoice.and_then(|it| it.billing_address.as_ref());
    let shipping = invoice.and_then(|it| it.shipping_address.as_ref());
    let emails = [
        ("customer.email", customer.and_then(|it| it.email.as_ref())),
        (
            "invoice.billing_address.email",
            billing.and_then(|it| it.email.as_ref()),
        ),
        (
            "invoice.shipping_address.email",
            shipping.and_then(|it| it.email.as_ref()),
        ),
    ];
    let phones = [
        ("customer.phone", customer.and_then(|it| it.phone.as_ref())),
        (
            "invoice.shipping_address.phone",
            shipping.and_then(|it| it.phone.as_ref()),
        ),
        (
            "invoice.billing_address.phone",
            billing.and_then(|it| it.phone.as_ref()),
        ),
    ];
    let addresses = [
        ("invoice.shipping_address.country", shipping),
        ("invoice.billing_address.country", billing),
        (
            "customer.billing_address.country",
            customer.and_then(|it| it.billing_address.as_ref()),
        ),
    ];
    let email = first_email(&emails, &options.shared_emails, notes);
    let known = [
        alias(options, CUSTOMER_ID, customer_id(content)),
        email
            .as_ref()
            .and_then(|email| Alias::email(email, &options.shared_emails)),
    ];
    let aliases = Aliases::from_known(known.into_iter().flatten()).unwrap_or_else(|| {
        let message = "no customer or e-mail address: the object is the only alias";
        notes.push(Note::new(Code::IdentityOrderOnly, message, "customer"));
        let (kind, id) = last;
        let alias = Text::labelled(prefix(options, kind), id.as_str());
        Aliases::new(Alias::given(alias), None)
    });
    Buyer {
        names: customer.map_or(Names::NONE, |customer| Names {
            first: customer.first_name.clone(),
            last: customer.last_name.clone(),
        }),
        contact: Contact {
            email,
            phone: first_phone(&phones, notes),
        },
        place: place(&addresses, notes),
        aliases,
    }
}

/// The customer's id, from whatever object has it.
pub(crate) fn customer_id(content: &Content) -> Option<&Text> {
    let own = content.customer().and_then(|it| it.id.as_ref());
    let of_invoice = content
        .invoice
        .as_ref()
        .and_then(|it| it.customer_id.as_ref());
    let of_subscription = content
        .subscription
        .as_ref()
        .and_then(|it| it.customer_id.as_ref());
    let of_transaction = content
        .transaction
        .as_ref()
        .and_then(|it| it.customer_id.as_ref());
    own.or(of_invoice).or(of_subscription).or(of_transaction)
}

/// The first address that says anything.
fn place(addresses: &[(&'static str, Option<&Address>)], notes: &mut Vec<Note>) -> Place {
    for (path, address) in addresses {
        let Some(address) = address else { continue };
        let told = address.country.as_ref();
        let country = told.and_then(|text| CountryCode::parse(text.as_str()));
        if told.is_some() && country.is_none() {
            let message = "not an ISO 3166-1 country";
            notes.push(Note::new(Code::CountryInvalid, message, *path));
        }
        let place = Place {
            city: address.city.clone(),
            state: address.state_code.clone().or_else(|| address.state.clone()),
            zip_code: address.zip.clone(),
            country,
        };
        if place != Place::NONE {
            return place;
        }
    }
    Place::NONE
}

/// A kind of alias: its name in `alias_prefixes`, and the usual prefix.
pub(crate) type AliasKind = (&'static str, &'static str);

const CUSTOMER_ID: AliasKind = ("customer_id", "urn:chargebee:customer_id:");
pub(crate) const INVOICE_ID: AliasKind = ("invoice_id", "urn:chargebee:invoice_id:");
pub(crate) const SUBSCRIPTION_ID: AliasKind = ("subscription_id", "urn:chargebee:subscription_id:");

fn alias(options: &Options, kind: AliasKind, value: Option<&Text>) -> Option<Alias> {
    Alias::new(prefix(options, kind), value?.as_str())
}

fn prefix(options: &Options, (name, usual): AliasKind) -> &str {
    let own = options.alias_prefixes.get(name);
    own.map_or(usual, String::as_str)
}
