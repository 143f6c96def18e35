//! An order as rules see it: the values of fields, borrowed from the event and the facts.

use orderbridge_event::{
    Amount, CountryCode, Currency, Discount, Email, Event, Facts, Item, Kind, Order, PropertyValue,
    SalesChannel, Text,
};

use crate::field::{Field, Path};

/// Where a payload came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) platform: &'a str,
    pub(crate) source: Option<&'a str>,
    pub(crate) topic: &'a str,
}

/// One event, with all that rules may ask of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) origin: Origin<'a>,
    pub(crate) event: &'a Event,
    pub(crate) channel: SalesChannel,
    pub(crate) facts: Option<&'a Facts>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Absent,
    Text(&'a str),
    Texts(Texts<'a>),
    Number(Amount),
    Flag(bool),
}

/// A list of texts.
#[derive(Clone, Copy)]
pub(crate) enum Texts<'a> {
    Plain(&'a [Text]),
    OfItems(&'a [Item], fn(&Item) -> Option<&Text>),
}

impl std::fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        let (plain, items, of) = match self {
            Self::Plain(texts) => (texts, [].as_slice(), None),
            Self::OfItems(items, of) => ([].as_slice(), items, Some(of)),
        };
        let of_items = items.iter().filter_map(move |item| of?(item));
        plain.iter().chain(of_items).map(Text::as_str)
    }
}

impl<'a> View<'a> {
    /// The value at a path.
    pub(crate) fn get(&self, path: &Path) -> Value<'a> {
        match (path.field, &path.name) {
            (Field::NoteAttributes, Some(name)) => {
                let noted = self.note_attributes().iter();
                let mut noted = noted.filter(|(known, _)| known == name);
                text(noted.next().map(|(_, value)| value))
            }
            (Field::Properties, Some(name)) => match self.event.custom.get(name.as_str()) {
                None => Value::Absent,
                Some(PropertyValue::Text(value)) => Value::Text(value.as_str()),
                Some(PropertyValue::Number(value)) => Value::Number(*value),
                Some(PropertyValue::Flag(value)) => Value::Flag(*value),
            },
            (field, _) => self.field(field),
        }
    }

    fn field(&self, field: Field) -> Value<'a> {
        let fact = |of: fn(&Facts) -> Option<&Text>| text(self.facts.and_then(of));
        let place = &self.event.place;
        let home = self.event.home.as_ref();
        match field {
            Field::Platform => Value::Text(self.origin.platform),
            Field::Source => self.origin.source.map_or(Value::Absent, Value::Text),
            Field::Topic => Value::Text(self.origin.topic),
            Field::EventName => Value::Text(self.event.kind.name()),
            Field::Channel => Value::Text(self.channel.as_str()),
            Field::OrderId => text(self.id()),
            Field::SourceName => self.source_name(),
            Field::AppId => fact(|facts| facts.app_id.as_ref()),
            Field::Tags => texts(self.facts.map_or(&[], |facts| &facts.tags)),
            Field::Email => {
                let email = self.event.contact.email.as_ref();
                email.map_or(Value::Absent, |email| Value::Text(Email::as_str(email)))
            }
            Field::Country => {
                let country = place.country.or(home.and_then(|home| home.country));
                country.map_or(Value::Absent, |it| Value::Text(CountryCode::as_str(it)))
            }
            Field::State => text(place.state.as_ref()),
            Field::City => text(place.city.as_ref()),
            Field::ZipCode => text(place.zip_code.as_ref()),
            Field::Currency => self.currency(),
            Field::TotalPrice => number(self.total()),
            Field::TotalDiscount => {
                let discount = self.order().and_then(|order| order.total_discount);
                number(discount.map(Discount::amount))
            }
            Field::TotalShipping => number(self.order().and_then(|order| order.total_shipping)),
            Field::TotalTax => number(self.order().and_then(|order| order.total_tax)),
            Field::Coupons => texts(self.order().map_or(&[], |order| &order.coupons)),
            Field::Quantity => match self.order() {
                None => Value::Absent,
                Some(order) => {
                    let units = order.items.iter().map(|item| Amount::from(item.quantity));
                    number(Amount::sum(units))
                }
            },
            Field::ItemsSku => self.of_items(|item| item.sku.as_ref()),
            Field::ItemsVendor => self.of_items(|item| item.vendor.as_ref()),
            Field::ItemsProductId => self.of_items(|item| Some(&item.product_id)),
            Field::ItemsVariantId => self.of_items(|item| item.variant_id.as_ref()),
            Field::ItemsName => self.of_items(|item| Some(&item.name)),
            Field::IsNewCustomer => match &self.event.kind {
                Kind::PlacedOrder {
                    is_new_customer, ..
                } => flag(*is_new_customer),
                _ => Value::Absent,
            },
            Field::IsTest => flag(self.facts.and_then(|facts| facts.is_test)),
            Field::IsPaid => flag(self.facts.and_then(|facts| facts.is_paid)),
            // Only what is in them has a value.
            Field::NoteAttributes | Field::Properties => Value::Absent,
        }
    }

    /// Adapters whose orders have nothing else that rules ask for give it as a property only.
    fn source_name(&self) -> Value<'a> {
        let fact = self.facts.and_then(|facts| facts.source_name.as_ref());
        match (fact, self.event.custom.get("source_name")) {
            (Some(fact), _) => Value::Text(fact.as_str()),
            (None, Some(PropertyValue::Text(property))) => Value::Text(property.as_str()),
            (None, _) => Value::Absent,
        }
    }

    pub(crate) fn note_attributes(&self) -> &'a [(Text, Text)] {
        self.facts.map_or(&[], |facts| &facts.note_attributes)
    }

    pub(crate) fn items(&self) -> &'a [Item] {
        self.order().map_or(&[], |order| &order.items)
    }

    fn of_items(&self, of: fn(&Item) -> Option<&Text>) -> Value<'a> {
        let all = Texts::OfItems(self.items(), of);
        match all.iter().next() {
            None => Value::Absent,
            Some(_) => Value::Texts(all),
        }
    }

    fn order(&self) -> Option<&'a Order> {
        self.event.kind.order()
    }

    fn id(&self) -> Option<&'a Text> {
        match &self.event.kind {
            Kind::PlacedOrder { id, .. } => Some(id),
            Kind::StartedSubscription(about)
            | Kind::CancelledSubscription(about)
            | Kind::PlacedRecurringSubscriptionOrder(about)
            | Kind::Lifecycle(_, about)
            | Kind::Custom(_, Some(about)) => Some(&about.id),
            Kind::ReceivedRefund(refund) => Some(&refund.order_id),
            Kind::Custom(_, None) => None,
        }
    }

    /// What was charged or went back.
    pub(crate) fn total(&self) -> Option<Amount> {
        match &self.event.kind {
            Kind::ReceivedRefund(refund) => refund.amount,
            kind => kind.order().map(|order| order.total_price),
        }
    }

    fn currency(&self) -> Value<'a> {
        let currency: Option<&'a Currency> = match &self.event.kind {
            Kind::ReceivedRefund(refund) => Some(&refund.currency),
            kind => kind.order().map(|order| &order.currency),
        };
        currency.map_or(Value::Absent, |it| Value::Text(it.as_str()))
    }
}

fn text(value: Option<&Text>) -> Value<'_> {
    value.map_or(Value::Absent, |text| Value::Text(text.as_str()))
}

fn texts(values: &[Text]) -> Value<'_> {
    match values {
        [] => Value::Absent,
        values => Value::Texts(Texts::Plain(values)),
    }
}

fn number(value: Option<Amount>) -> Value<'static> {
    value.map_or(Value::Absent, Value::Number)
}

fn flag(value: Option<bool>) -> Value<'static> {
    value.map_or(Value::Absent, Value::Flag)
}

/// The most of a value that is shown.
const SHOWN: usize = 80;

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::Absent => "absent".to_owned(),
            Self::Text(text) => format!("{text:?}"),
            Self::Texts(texts) => format!("{texts:?}"),
            Self::Number(amount) => amount.to_string(),
            Self::Flag(flag) => flag.to_string(),
        };
        match text.char_indices().nth(SHOWN) {
            None => f.write_str(&text),
            Some((end, _)) => write!(f, "{}…", text.get(..end).unwrap_or_default()),
        }
    }
}
