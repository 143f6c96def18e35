//! The one list of all adapters. Commands, documentation and tests are derived from it.

use orderbridge_event::Source;

/// Every platform, in the order of the alphabet.
pub static ALL: &[&Source] = &[
    &orderbridge_amazon::AMAZON,
    &orderbridge_chargebee::CHARGEBEE,
    &orderbridge_ordergroove::ORDERGROOVE,
    &orderbridge_recharge::RECHARGE,
    &orderbridge_shopify::SHOPIFY,
    &orderbridge_skio::SKIO,
    &orderbridge_stripe::STRIPE,
];

/// Finds a platform by its name on the command line.
pub fn find(name: &str) -> Option<&'static Source> {
    ALL.iter()
        .copied()
        .find(|source| source.adapter.name() == name)
}

/// The examples in the README are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
