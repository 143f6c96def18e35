//! What Stripe sends, as far as it is read, in both of its shapes: the one before API version
//! `2025-03-31.basil` and the one since. Some payloads carry both.
//!
//! <https://docs.stripe.com/changelog/basil>

use orderbridge_event::{Amount, Text, read};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use crate::expand::{HasId, Ref};
use crate::objects::{Address, Customer, Named, Price, Shipping, Subscription};

/// An event: the body of a webhook. <https://docs.stripe.com/api/events/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
pub(crate) struct Event<T> {
    #[serde(rename = "type", deserialize_with = "read::text")]
    pub kind: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub api_version: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created: Option<Text>,
    #[serde(deserialize_with = "read::flag")]
    pub livemode: Option<bool>,
    #[serde(deserialize_with = "read::object")]
    pub data: Option<Data<T>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
pub(crate) struct Data<T> {
    #[serde(deserialize_with = "read::object")]
    pub object: Option<T>,
    #[serde(deserialize_with = "read::object")]
    pub previous_attributes: Option<Previous>,
}

/// What some fields were before an update. Absent means unchanged, null means there was none.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Previous {
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    #[serde(deserialize_with = "before")]
    pub pause_collection: Before,
    #[serde(deserialize_with = "read::amount")]
    pub amount_refunded: Option<Amount>,
}

/// Whether a field had a value before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Before {
    #[default]
    Unchanged,
    Nothing,
    Something,
}

fn before<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Before, D::Error> {
    let value = Option::<IgnoredAny>::deserialize(deserializer)?;
    Ok(value.map_or(Before::Nothing, |_| Before::Something))
}

/// <https://docs.stripe.com/api/invoices/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Invoice {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub number: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub status: Option<Text>,
    /// Gone since basil.
    #[serde(deserialize_with = "read::flag")]
    pub paid: Option<bool>,
    #[serde(deserialize_with = "read::flag")]
    pub livemode: Option<bool>,
    #[serde(deserialize_with = "read::text")]
    pub billing_reason: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub created: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub status_transitions: Option<StatusTransitions>,
    pub customer: Ref<Customer>,
    #[serde(deserialize_with = "read::text")]
    pub customer_email: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub customer_phone: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    pub customer_address: Option<Address>,
    #[serde(deserialize_with = "read::object")]
    pub customer_shipping: Option<Shipping>,
    /// Before basil.
    pub subscription: Ref<Subscription>,
    /// Since basil, and some time before it beside the old fields.
    #[serde(deserialize_with = "read::object")]
    pub parent: Option<Parent>,

    #[serde(deserialize_with = "read::text")]
    pub currency: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub subtotal: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub total_excluding_tax: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_paid: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_shipping: Option<Amount>,
    #[serde(deserialize_with = "read::object")]
    pub shipping_cost: Option<ShippingCost>,
    /// Before basil.
    #[serde(deserialize_with = "read::amount")]
    pub tax: Option<Amount>,
    /// Before basil.
    #[serde(deserialize_with = "some_list")]
    pub total_tax_amounts: Option<Vec<Tax>>,
    /// Since basil.
    #[serde(deserialize_with = "some_list")]
    pub total_taxes: Option<Vec<Tax>>,
    #[serde(deserialize_with = "some_list")]
    pub total_discount_amounts: Option<Vec<Part>>,
    /// Before basil: the only discount there could be.
    pub discount: Ref<Discount>,
    #[serde(deserialize_with = "read::list")]
    pub discounts: Vec<Ref<Discount>>,
    #[serde(deserialize_with = "read::object")]
    pub lines: Option<List<Line>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StatusTransitions {
    #[serde(deserialize_with = "read::text")]
    pub paid_at: Option<Text>,
}

/// What an invoice or a line comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Stripe's own names")]
pub(crate) struct Parent {
    #[serde(deserialize_with = "read::object")]
    pub subscription_details: Option<SubscriptionDetails>,
    #[serde(deserialize_with = "read::object")]
    pub subscription_item_details: Option<SubscriptionDetails>,
    #[serde(deserialize_with = "read::object")]
    pub invoice_item_details: Option<SubscriptionDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SubscriptionDetails {
    pub subscription: Ref<Subscription>,
    #[serde(deserialize_with = "read::flag")]
    pub proration: Option<bool>,
}

/// A page of a list; webhooks hold the first lines of an invoice only.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
pub(crate) struct List<T> {
    #[serde(deserialize_with = "read::list")]
    pub data: Vec<T>,
    #[serde(deserialize_with = "read::flag")]
    pub has_more: Option<bool>,
}

/// <https://docs.stripe.com/api/invoice-line-item/object>
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    pub description: Option<Text>,
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    #[serde(deserialize_with = "read::count")]
    pub quantity: Option<u32>,
    /// Before basil; older still, `plan`.
    #[serde(deserialize_with = "read::object")]
    pub price: Option<Price>,
    #[serde(deserialize_with = "read::object")]
    pub plan: Option<Price>,
    /// Since basil.
    #[serde(deserialize_with = "read::object")]
    pub pricing: Option<Pricing>,
    /// Before basil.
    pub subscription: Ref<Subscription>,
    #[serde(deserialize_with = "read::flag")]
    pub proration: Option<bool>,
    /// Since basil.
    #[serde(deserialize_with = "read::object")]
    pub parent: Option<Parent>,
    #[serde(deserialize_with = "read::object")]
    pub period: Option<Period>,
    /// Before basil.
    #[serde(deserialize_with = "read::list")]
    pub tax_amounts: Vec<Tax>,
    /// Since basil.
    #[serde(deserialize_with = "read::list")]
    pub taxes: Vec<Tax>,
    #[serde(deserialize_with = "read::list")]
    pub discount_amounts: Vec<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Period {
    #[serde(deserialize_with = "read::text")]
    pub start: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Pricing {
    #[serde(deserialize_with = "read::object")]
    pub price_details: Option<PriceDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PriceDetails {
    pub price: Ref<Named>,
    pub product: Ref<Named>,
}

/// A tax, whose amount is inside the prices or on top of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Stripe's own names")]
pub(crate) struct Tax {
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
    /// Before basil.
    #[serde(deserialize_with = "read::flag")]
    pub inclusive: Option<bool>,
    /// Since basil: `inclusive` or `exclusive`.
    #[serde(deserialize_with = "read::text")]
    pub tax_behavior: Option<Text>,
}

impl Tax {
    pub(crate) fn is_inside(&self) -> bool {
        let behavior = self.tax_behavior.as_ref().map(Text::as_str);
        self.inclusive == Some(true) || behavior == Some("inclusive")
    }
}

/// A part of an amount.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    #[serde(deserialize_with = "read::amount")]
    pub amount: Option<Amount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Stripe's own names")]
pub(crate) struct ShippingCost {
    #[serde(deserialize_with = "read::amount")]
    pub amount_subtotal: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_tax: Option<Amount>,
    #[serde(deserialize_with = "read::amount")]
    pub amount_total: Option<Amount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Discount {
    #[serde(deserialize_with = "read::key")]
    pub id: Option<Text>,
    pub coupon: Ref<Named>,
    /// Since clover the coupon is in here.
    #[serde(deserialize_with = "read::object")]
    pub source: Option<DiscountSource>,
}

impl HasId for Discount {
    fn id(&self) -> Option<&Text> {
        self.id.as_ref()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DiscountSource {
    pub coupon: Ref<Named>,
}

impl Invoice {
    /// The subscription: in its new place, its old one, or on the first line that has one.
    pub(crate) fn subscription(&self) -> &Ref<Subscription> {
        let details = self
            .parent
            .as_ref()
            .and_then(|it| it.subscription_details.as_ref());
        let places = details
            .map(|details| &details.subscription)
            .into_iter()
            .chain([&self.subscription])
            .chain(self.lines().iter().filter_map(Line::subscription));
        let named = places.filter(|place| place.id().is_some());
        // Whichever is expanded tells more.
        let (mut first, mut expanded) = (None, None);
        for place in named {
            first = first.or(Some(place));
            expanded = expanded.or(place.object().map(|_| place));
        }
        expanded.or(first).unwrap_or(&Ref::Nothing)
    }

    pub(crate) fn subscription_id(&self) -> Option<&Text> {
        self.subscription().id()
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.lines.as_ref().map_or(&[], |lines| &lines.data)
    }

    /// Whether the payload holds the first lines only.
    pub(crate) fn is_cut(&self) -> bool {
        self.lines
            .as_ref()
            .is_some_and(|lines| lines.has_more == Some(true))
    }
}

impl Line {
    fn details(&self) -> Option<&SubscriptionDetails> {
        let parent = self.parent.as_ref()?;
        let details = parent.subscription_item_details.as_ref();
        details.or(parent.invoice_item_details.as_ref())
    }

    fn subscription(&self) -> Option<&Ref<Subscription>> {
        let details = self.details().map(|details| &details.subscription);
        let found = details.filter(|it| it.id().is_some());
        found.or(Some(&self.subscription))
    }

    pub(crate) fn is_proration(&self) -> bool {
        let details = self.details().and_then(|details| details.proration);
        details.or(self.proration) == Some(true)
    }

    /// The line's price as an object, as it was before basil.
    pub(crate) fn old_price(&self) -> Option<&Price> {
        self.price.as_ref().or(self.plan.as_ref())
    }
}

/// A list that may be absent or null, which is not the same as empty.
fn some_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let list = Option::<Listed<T>>::deserialize(deserializer)?;
    Ok(list.map(|Listed(list)| list))
}

struct Listed<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::list(deserializer).map(Self)
    }
}
