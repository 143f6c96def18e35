//! The body that is `POSTed` to Converge: the only place that knows its JSON.
//!
//! <https://docs.runconverge.com/sources/server-integrations/webhook>

use crate::json::{self, Object};
use crate::{
    Contact, CountryCode, Discount, Email, Event, Item, Kind, Names, Order, Phone, Place,
    PropertyValue, Refund, Subscription, Text,
};

/// The property in which a body names its sales channel.
pub const CHANNEL_PROPERTY: &str = "$sales_channel_type";

impl Event {
    /// The body for this event. The same event always gives the same bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048);
        self.write_json(&mut out);
        out
    }

    /// Appends the body to a buffer.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut body = Object::open(out);
        body.text("event_name", self.kind.name());
        body.text("event_id", self.id.as_str());
        body.object("properties", |properties| self.write_properties(properties));
        body.object("profile_properties", |profile| {
            write_contact(profile, &self.contact);
            write_names(profile, &self.names);
            write_place(profile, self.home.as_ref().unwrap_or(&self.place));
        });
        body.list("aliases", self.aliases.iter(), |out, alias| {
            json::string(out, alias.as_str());
        });
        body.text("timestamp", &self.timestamp.to_string());
        body.close();
    }

    fn write_properties(&self, properties: &mut Object<'_>) {
        match &self.kind {
            Kind::PlacedOrder {
                id,
                order,
                is_new_customer,
            } => {
                properties.text("id", id.as_str());
                write_order(properties, order);
                if let Some(is_new) = is_new_customer {
                    properties.flag("$is_new_customer", *is_new);
                }
            }
            Kind::StartedSubscription(subscription)
            | Kind::CancelledSubscription(subscription)
            | Kind::PlacedRecurringSubscriptionOrder(subscription)
            | Kind::Lifecycle(_, subscription)
            | Kind::Custom(_, Some(subscription)) => write_subscription(properties, subscription),
            Kind::ReceivedRefund(refund) => write_refund(properties, refund),
            Kind::Custom(_, None) => {}
        }
        write_contact(properties, &self.contact);
        write_place(properties, &self.place);
        properties.text(CHANNEL_PROPERTY, self.channel.as_str());
        for (name, value) in self.custom.iter() {
            let out = properties.named(name.as_str());
            match value {
                PropertyValue::Text(text) => json::string(out, text.as_str()),
                PropertyValue::Number(amount) => json::amount(out, *amount),
                PropertyValue::Flag(flag) => json::flag(out, *flag),
            }
        }
    }
}

fn write_subscription(properties: &mut Object<'_>, subscription: &Subscription) {
    properties.text("id", subscription.id.as_str());
    if let Some(order) = &subscription.order {
        write_order(properties, order);
    }
}

fn write_order(properties: &mut Object<'_>, order: &Order) {
    properties.amount("total_price", order.total_price);
    properties.maybe_amount("total_tax", order.total_tax);
    properties.maybe_amount("total_shipping", order.total_shipping);
    properties.maybe_amount("total_discount", order.total_discount.map(Discount::amount));
    match order.coupons.as_slice() {
        [] => {}
        [coupon] => properties.text("coupon", coupon.as_str()),
        coupons => {
            properties.list("coupon", coupons, |out, coupon| {
                json::string(out, coupon.as_str());
            });
        }
    }
    properties.text("currency", order.currency.as_str());
    properties.list("items", &order.items, |out, item| {
        let mut object = Object::open(out);
        write_item(&mut object, item, order);
        object.close();
    });
    for (name, amount) in order.rest.parts() {
        properties.amount(name, amount);
    }
}

fn write_item(object: &mut Object<'_>, item: &Item, order: &Order) {
    object.text("product_id", item.product_id.as_str());
    object.maybe_text("variant_id", item.variant_id.as_ref().map(Text::as_str));
    object.maybe_text("sku", item.sku.as_ref().map(Text::as_str));
    object.text("name", item.name.as_str());
    object.maybe_text("variant_name", item.variant_name.as_ref().map(Text::as_str));
    object.amount("price", item.price);
    object.text("currency", order.currency.as_str());
    object.count("quantity", item.quantity.into());
    object.maybe_text("vendor", item.vendor.as_ref().map(Text::as_str));
    object.maybe_text("url", item.url.as_ref().map(Text::as_str));
    object.maybe_text("image_url", item.image_url.as_ref().map(Text::as_str));
}

fn write_refund(properties: &mut Object<'_>, refund: &Refund) {
    properties.text("id", refund.order_id.as_str());
    properties.text("order_id", refund.order_id.as_str());
    properties.text("refund_id", refund.refund_id.as_str());
    properties.maybe_amount("total_price", refund.amount);
    properties.text("currency", refund.currency.as_str());
}

fn write_contact(object: &mut Object<'_>, contact: &Contact) {
    object.maybe_text("$email", contact.email.as_ref().map(Email::as_str));
    object.maybe_text("$phone_number", contact.phone.as_ref().map(Phone::as_str));
}

fn write_names(object: &mut Object<'_>, names: &Names) {
    object.maybe_text("$first_name", names.first.as_ref().map(Text::as_str));
    object.maybe_text("$last_name", names.last.as_ref().map(Text::as_str));
}

fn write_place(object: &mut Object<'_>, place: &Place) {
    object.maybe_text("$city", place.city.as_ref().map(Text::as_str));
    object.maybe_text("$state", place.state.as_ref().map(Text::as_str));
    object.maybe_text("$zip_code", place.zip_code.as_ref().map(Text::as_str));
    object.maybe_text("$country_code", place.country.map(CountryCode::as_str));
}
