//! Orders that would be counted twice: by a shop that imports them, and by their own marketplace.

use crate::config::Config;

/// What is to be said of a configuration in which two sources may tell of the same orders.
///
/// Converge does not compare orders of different sources. A shop on Shopify may import the orders
/// of a marketplace, with `source_name` `amazon` or that of an importing app.
pub(crate) fn double_counting(config: &Config) -> Vec<(String, String)> {
    let of = |platform: &'static str| {
        let sources = config.sources.iter();
        sources.filter(move |(_, source)| source.platform == platform)
    };
    let Some((marketplace, _)) = of("amazon").next() else {
        return Vec::new();
    };
    let warning = |shop: &String| {
        let message = format!(
            "sources.{shop}: if this shop imports orders from Amazon, they are counted twice, since \
             sources.{marketplace} tells of them as well. Let one of the two tell: end the import \
             in the shop, or take sources.{marketplace} away"
        );
        (format!("sources.{shop}"), message)
    };
    of("shopify").map(|(shop, _)| warning(shop)).collect()
}
