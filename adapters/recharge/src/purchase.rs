//! What a charge pays for: a first order, a renewal or a one-time item, and where it was bought.
//!
//! <https://docs.getrecharge.com/docs/webhooks-overview>

use orderbridge_event::{Channel, MapError, SalesChannel};

use crate::payload::Charge;

/// What a charge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purchase {
    /// The first of a subscription, bought in a browser.
    First,
    /// A subscription that went on by itself.
    Renewal,
    /// One-time items only; bought in a browser, or billed along with a contract.
    OneOff,
}

impl Purchase {
    /// Its name in `subscription_order`, for the merchant's filters.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::First => "first_order",
            Self::Renewal => "renewal",
            Self::OneOff => "one_off",
        }
    }
}

/// Tells what a charge pays for, and its channel.
///
/// The type decides. A tag stands in where an old record has none: it is on the charge's order, and
/// a shipment of a prepaid term has it as well, but that is no charge.
pub(crate) fn of(charge: &Charge) -> Result<(Purchase, Channel), MapError> {
    let is_checkout = match charge
        .kind
        .as_ref()
        .map(|kind| kind.as_str().to_lowercase())
    {
        Some(kind) if kind == "checkout" => (true, "the charge's type is checkout"),
        Some(kind) if kind == "recurring" => (false, "the charge's type is recurring"),
        _ if is_tagged(charge, "Subscription Recurring Order") => {
            (false, "the charge is tagged as a recurring order")
        }
        _ if is_tagged(charge, "Subscription First Order") => {
            (true, "the charge is tagged as a first order")
        }
        _ => return Err(MapError::missing("type")),
    };
    Ok(match is_checkout {
        (true, because) => {
            let channel = Channel::new(SalesChannel::Web, because);
            let purchase = if has_subscription(charge) {
                Purchase::First
            } else {
                Purchase::OneOff
            };
            (purchase, channel)
        }
        (false, because) => {
            let channel = Channel::new(SalesChannel::SubscriptionContract, because);
            (
                if is_one_time_only(charge) {
                    Purchase::OneOff
                } else {
                    Purchase::Renewal
                },
                channel,
            )
        }
    })
}

fn is_tagged(charge: &Charge, wanted: &str) -> bool {
    let tags = charge.tags.as_ref().map_or("", |tags| tags.as_str());
    tags.split(',')
        .any(|tag| tag.trim().eq_ignore_ascii_case(wanted))
}

fn has_subscription(charge: &Charge) -> bool {
    charge
        .line_items
        .iter()
        .any(|line| line.subscription().is_some())
}

/// A contract also bills one-time items that were added to it; only what is said to be one counts.
fn is_one_time_only(charge: &Charge) -> bool {
    let mut lines = charge.line_items.iter();
    !charge.line_items.is_empty() && lines.all(crate::payload::LineItem::is_one_time)
}
