//! Where a Shopify order was placed: a chain of decisions, first match wins.
//!
//! `source_name` alone cannot tell. It is free text that Shopify renames without notice
//! (`subscription_contract` became `subscription_contract_checkout_one` in October 2025), and
//! renewals of older subscription apps are told by their tags only.
//! <https://docs.runconverge.com/sources/server-integrations/shopify>

use orderbridge_event::SalesChannel::{
    FacebookShop, Marketplace, MobileApp, Offline, PinterestShop, Pos, SubscriptionContract,
    TiktokShop, Web,
};
use orderbridge_event::{Amount, Channel, Options, SalesChannel};

use crate::payload::Order;
use crate::tags;

/// A decision, and whether it was no more than the fallback.
pub(crate) enum Decision {
    Known(Channel),
    Fallback(Channel),
}

/// Decides the channel of an order.
pub(crate) fn decide(order: &Order, options: &Options) -> Decision {
    let clues = Clues::of(order);
    let known = configured(&clues, options)
        .or_else(|| renewal(&clues))
        .or_else(|| by_source(&clues))
        .or_else(|| by_staff(&clues))
        .or_else(|| exchange(order, &clues))
        .or_else(|| web(&clues));
    match known {
        Some(channel) => Decision::Known(channel),
        None => Decision::Fallback(Channel::new(Web, "nothing says where the order was placed")),
    }
}

/// What there is to decide by.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct Clues<'a> {
    source: &'a str,
    app: &'a str,
    tags: &'a str,
    has_cart: bool,
    has_checkout: bool,
    has_staff: bool,
    is_free: bool,
}

impl<'a> Clues<'a> {
    fn of(order: &'a Order) -> Self {
        Self {
            source: order.source_name.as_ref().map_or("", |text| text.as_str()),
            app: order.app_id.as_ref().map_or("", |text| text.as_str()),
            tags: order.tags.as_ref().map_or("", |text| text.as_str()),
            has_cart: order.cart_token.is_some(),
            has_checkout: order.checkout_token.is_some(),
            has_staff: order.user_id.is_some(),
            is_free: order.total_price.is_some_and(Amount::is_zero),
        }
    }

    fn is_web_source(&self) -> bool {
        SOURCES
            .iter()
            .any(|(source, channel, _)| *source == self.source && *channel == Web)
    }
}

/// The shop's own map, by source name, app id or tag.
fn configured(clues: &Clues<'_>, options: &Options) -> Option<Channel> {
    let names = &options.channels;
    if names.is_empty() {
        return None;
    }
    for (what, key) in [("source_name", clues.source), ("app_id", clues.app)] {
        if let Some(channel) = names.get(key).filter(|_| !key.is_empty()) {
            return Some(Channel::new(
                *channel,
                format!("the configuration maps {what} {key}"),
            ));
        }
    }
    let tagged = names.iter().find(|(key, _)| tags::has(clues.tags, key))?;
    Some(Channel::new(
        *tagged.1,
        format!("the configuration maps the tag \"{}\"", tagged.0),
    ))
}

/// A renewal: by the kind of source, or by the tag that a subscription app leaves.
fn renewal(clues: &Clues<'_>) -> Option<Channel> {
    // A prefix, as a guard against the next renaming.
    if clues.source.starts_with("subscription_contract") {
        let because = "source_name is a subscription contract";
        return Some(Channel::new(SubscriptionContract, because));
    }
    if clues.tags.is_empty() {
        return None;
    }
    if let Some(tag) = tags::recurring(clues.tags) {
        return Some(Channel::new(
            SubscriptionContract,
            format!("the tag \"{tag}\" marks a renewal"),
        ));
    }
    // The shipments of a prepaid subscription keep the tag of its first order.
    let tag = tags::prepaid(clues.tags)?;
    (clues.is_free || !clues.is_web_source()).then(|| {
        Channel::new(
            SubscriptionContract,
            format!("the tag \"{tag}\" marks a prepaid shipment"),
        )
    })
}

/// A known source or, where the source says nothing, a known app.
fn by_source(clues: &Clues<'_>) -> Option<Channel> {
    if matches!(clues.source, "iphone" | "android") {
        return Some(if clues.has_staff {
            Channel::new(Offline, "staff entered it in Shopify's mobile admin")
        } else {
            Channel::new(MobileApp, "source_name is a mobile checkout")
        });
    }
    let known = SOURCES.iter().find(|(source, channel, _)| {
        // Web comes last in the chain: a staff order or an exchange may say web, too.
        *source == clues.source && *channel != Web
    });
    if let Some((_, channel, because)) = known {
        return Some(Channel::new(*channel, *because));
    }
    let lower = clues.source.to_ascii_lowercase();
    let family = FAMILIES.iter().find(|(name, ..)| is_family(&lower, name));
    if let Some((_, channel, because)) = family {
        return Some(Channel::new(*channel, *because));
    }
    if clues.is_web_source() || clues.app.is_empty() {
        return None;
    }
    let (_, channel, _) = SOURCES
        .iter()
        .chain(APPS)
        .find(|(source, channel, _)| *source == clues.app && *channel != Web)?;
    Some(Channel::new(*channel, format!("app_id is {}", clues.app)))
}

/// `amazon`, `amazon-us` and `amazon_us`, but not `amazonia`.
fn is_family(source: &str, name: &str) -> bool {
    let rest = source.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', ' ', '.']))
}

/// Staff entered it: somebody is named, and no buyer went through a checkout.
fn by_staff(clues: &Clues<'_>) -> Option<Channel> {
    let by_staff = clues.has_staff && !clues.has_checkout;
    by_staff.then(|| Channel::new(Offline, "staff entered it (user_id, no checkout_token)"))
}

/// A free order of an exchange or replacement app.
fn exchange(order: &Order, clues: &Clues<'_>) -> Option<Channel> {
    if !clues.is_free {
        return None;
    }
    let attributes = order
        .note_attributes
        .iter()
        .filter_map(|attribute| attribute.name.as_ref());
    let hint = tags::each(clues.tags)
        .chain(attributes.map(orderbridge_event::Text::as_str))
        .any(|text| {
            let text = text.to_lowercase();
            text.contains("exchange") || text.contains("replacement")
        });
    hint.then(|| Channel::new(Offline, "it is a free exchange or replacement order"))
}

/// A browser journey: a web source, or a cart.
fn web(clues: &Clues<'_>) -> Option<Channel> {
    if let Some((_, _, because)) = SOURCES
        .iter()
        .find(|(source, channel, _)| *source == clues.source && *channel == Web)
    {
        return Some(Channel::new(Web, *because));
    }
    if clues.has_cart {
        return Some(Channel::new(Web, "it has a cart_token"));
    }
    let app = SOURCES
        .iter()
        .any(|(source, channel, _)| *source == clues.app && *channel == Web);
    app.then(|| Channel::new(Web, format!("app_id is {}", clues.app)))
}

/// Values of `source_name` that are known by themselves. The first dozen is Converge's own table;
/// the others are Shopify's app ids and what other integrations have found.
const SOURCES: &[(&str, SalesChannel, &str)] = &[
    ("web", Web, "source_name is web"),
    ("pos", Pos, "source_name is pos"),
    (
        "shopify_draft_order",
        Offline,
        "source_name is a draft order",
    ),
    ("12875497473", Web, "source_name is the Headless channel"),
    (
        "Edit Order",
        Offline,
        "source_name is a manually edited order",
    ),
    ("3890849", Marketplace, "source_name is the Shop app"),
    (
        "2329312",
        FacebookShop,
        "source_name is Facebook & Instagram",
    ),
    ("4383523", TiktokShop, "source_name is TikTok"),
    ("3009811", PinterestShop, "source_name is Pinterest"),
    ("580111", Web, "source_name is the Online Store"),
    ("6167201", Web, "source_name is the Hydrogen channel"),
    ("88312", Web, "source_name is the Buy Button"),
    (
        "checkout_next",
        Web,
        "source_name is the storefront's checkout",
    ),
    ("www", Web, "source_name is the storefront"),
    (
        "294517",
        Web,
        "source_name is Recharge's checkout, and no tag says renewal",
    ),
    ("129785", Pos, "source_name is the Point of Sale app"),
    ("1354745", Offline, "source_name is the Draft Orders app"),
    ("1830279", Offline, "source_name is Shopify's admin"),
    ("1251622", Offline, "source_name is a staff tool"),
    ("mobile_app", MobileApp, "source_name is mobile_app"),
    (
        "2775569",
        FacebookShop,
        "source_name is the old Facebook & Instagram channel",
    ),
    ("1780363", Marketplace, "source_name is Google & YouTube"),
    ("3041525761", Marketplace, "source_name is Ankorstore"),
];

/// Names that connectors write, alone or with a region: `amazon-us`.
const FAMILIES: &[(&str, SalesChannel, &str)] = &[
    ("amazon", Marketplace, "source_name is an Amazon connector"),
    ("ebay", Marketplace, "source_name is an eBay connector"),
    ("walmart", Marketplace, "source_name is a Walmart connector"),
    ("etsy", Marketplace, "source_name is an Etsy connector"),
    ("faire", Marketplace, "source_name is a Faire connector"),
    (
        "ankorstore",
        Marketplace,
        "source_name is an Ankorstore connector",
    ),
    ("tiktok", TiktokShop, "source_name is a TikTok connector"),
    (
        "facebook",
        FacebookShop,
        "source_name is a Facebook connector",
    ),
    (
        "instagram",
        FacebookShop,
        "source_name is an Instagram connector",
    ),
    (
        "pinterest",
        PinterestShop,
        "source_name is a Pinterest connector",
    ),
];

/// App ids that tell something only as the app that made the order.
const APPS: &[(&str, SalesChannel, &str)] = &[(
    "5284869",
    SubscriptionContract,
    "app_id is Loop Subscriptions",
)];

#[cfg(test)]
mod tests;
