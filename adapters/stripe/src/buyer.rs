//! Who pays: contact, place, and the aliases that identify them.

use orderbridge_event::{
    Alias, Aliases, Code, Contact, CountryCode, Note, Options, Place, Text, Told, first_email,
    first_phone,
};

use crate::expand::Ref;
use crate::objects::{Address, Charge, Customer};
use crate::payload::Invoice;

/// Whoever an object is about.
pub(crate) struct Buyer {
    pub contact: Contact,
    pub place: Place,
    pub aliases: Aliases,
}

/// The buyer of an invoice. What the invoice says is of that day and comes before what the customer
/// looks like today.
pub(crate) fn of_invoice(
    invoice: &Invoice,
    id: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let customer = invoice.customer.object();
    let shipping = invoice.customer_shipping.as_ref();
    let emails = [
        ("customer_email", invoice.customer_email.as_ref()),
        ("customer.email", customer.and_then(|it| it.email.as_ref())),
    ];
    let phones = [
        ("customer_phone", invoice.customer_phone.as_ref()),
        (
            "customer_shipping.phone",
            shipping.and_then(|it| it.phone.as_ref()),
        ),
        ("customer.phone", customer.and_then(|it| it.phone.as_ref())),
    ];
    let addresses = [
        (
            "customer_shipping.address.country",
            shipping.and_then(|it| it.address.as_ref()),
        ),
        (
            "customer_address.country",
            invoice.customer_address.as_ref(),
        ),
        (
            "customer.address.country",
            customer.and_then(|it| it.address.as_ref()),
        ),
    ];
    let last = (INVOICE_ID, id);
    buyer(
        &invoice.customer,
        &emails,
        &phones,
        &addresses,
        last,
        options,
        notes,
    )
}

/// The customer of a subscription, which names them by id unless they were fetched.
pub(crate) fn of_subscription(
    customer: &Ref<Customer>,
    id: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let fetched = customer.object();
    let shipping = fetched.and_then(|it| it.shipping.as_ref());
    let emails = [("customer.email", fetched.and_then(|it| it.email.as_ref()))];
    let phones = [
        ("customer.phone", fetched.and_then(|it| it.phone.as_ref())),
        (
            "customer.shipping.phone",
            shipping.and_then(|it| it.phone.as_ref()),
        ),
    ];
    let addresses = [
        (
            "customer.shipping.address.country",
            shipping.and_then(|it| it.address.as_ref()),
        ),
        (
            "customer.address.country",
            fetched.and_then(|it| it.address.as_ref()),
        ),
    ];
    let last = (SUBSCRIPTION_ID, id);
    buyer(customer, &emails, &phones, &addresses, last, options, notes)
}

/// Whoever a charge was made to.
pub(crate) fn of_charge(
    charge: &Charge,
    order: &Text,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let details = charge.billing_details.as_ref();
    let customer = charge.customer.object();
    let emails = [
        (
            "billing_details.email",
            details.and_then(|it| it.email.as_ref()),
        ),
        ("customer.email", customer.and_then(|it| it.email.as_ref())),
    ];
    let phones = [(
        "billing_details.phone",
        details.and_then(|it| it.phone.as_ref()),
    )];
    let last = (INVOICE_ID, order);
    buyer(
        &charge.customer,
        &emails,
        &phones,
        &[],
        last,
        options,
        notes,
    )
}

fn buyer(
    customer: &Ref<Customer>,
    emails: &[Told<'_>],
    phones: &[Told<'_>],
    addresses: &[(&'static str, Option<&Address>)],
    last: (AliasKind, &Text),
    options: &Options,
    notes: &mut Vec<Note>,
) -> Buyer {
    let email = first_email(emails, &options.shared_emails, notes);
    let known = [
        alias(options, CUSTOMER_ID, customer.id()),
        email
            .as_ref()
            .and_then(|email| Alias::email(email, &options.shared_emails)),
    ];
    let aliases = Aliases::from_known(known.into_iter().flatten()).unwrap_or_else(|| {
        let message = "no customer or e-mail address: the object is the only alias";
        notes.push(Note::new(Code::IdentityOrderOnly, message, "customer"));
        let (kind, id) = last;
        object_alias(options, kind, id)
    });
    Buyer {
        contact: Contact {
            email,
            phone: first_phone(phones, notes),
        },
        place: place(addresses, notes),
        aliases,
    }
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
            state: address.state.clone(),
            zip_code: address.postal_code.clone(),
            country,
        };
        if place != Place::NONE {
            return place;
        }
    }
    Place::NONE
}

/// A kind of alias: its name in `alias_prefixes`, and the usual prefix.
type AliasKind = (&'static str, &'static str);

const CUSTOMER_ID: AliasKind = ("customer_id", "urn:stripe:customer_id:");
const INVOICE_ID: AliasKind = ("invoice_id", "urn:stripe:invoice_id:");
const SUBSCRIPTION_ID: AliasKind = ("subscription_id", "urn:stripe:subscription_id:");

fn alias(options: &Options, kind: AliasKind, value: Option<&Text>) -> Option<Alias> {
    Alias::new(prefix(options, kind), value?.as_str())
}

/// The alias of an object that nobody is known to belong to.
fn object_alias(options: &Options, kind: AliasKind, id: &Text) -> Aliases {
    let alias = Alias::given(Text::labelled(prefix(options, kind), id.as_str()));
    Aliases::new(alias, None)
}

fn prefix(options: &Options, (name, usual): AliasKind) -> &str {
    let own = options.alias_prefixes.get(name);
    own.map_or(usual, String::as_str)
}
