//! What was bought and what it cost.

use crate::{Amount, Currency, Text};

/// The order behind an event: totals as first placed, in one currency.
///
/// `total_price = Σ(price × quantity) + shipping + tax − discount + rest`; [`crate::Proof`] does
/// the sum. <https://docs.runconverge.com/sources/converge-spec>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// `currency`, of every amount here and of every item.
    pub currency: Currency,
    /// `total_price`: what the customer is charged, with tax and shipping, after discount.
    pub total_price: Amount,
    /// `total_tax`: all of it, shipping tax included. Absent when the platform does not say.
    pub total_tax: Option<Amount>,
    /// `total_shipping`: before tax. Absent when the platform does not say.
    pub total_shipping: Option<Amount>,
    /// `total_discount`: a magnitude.
    pub total_discount: Option<Discount>,
    /// `coupon`: the codes that were entered.
    pub coupons: Vec<Text>,
    /// `items`
    pub items: Vec<Item>,
    /// What is in the total and has no field at Converge.
    pub rest: Rest,
    /// Whether tax is a part of the other amounts or comes on top of them.
    pub prices: Prices,
}

/// A discount is a magnitude: its sign says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount(Amount);

impl Discount {
    /// Takes the magnitude, since some platforms sign their discounts.
    pub fn new(amount: Amount) -> Self {
        Self(amount.magnitude())
    }

    /// How much.
    pub fn amount(self) -> Amount {
        self.0
    }
}

/// Whether the amounts of items, shipping and discount hold tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prices {
    /// Tax comes on top of them: the form that Converge's formula expects.
    Net,
    /// They are as charged, tax inside; the sum then leaves `total_tax` out.
    TaxInside,
}

/// Parts of a total that Converge has no field for; sent as flat custom properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// `total_tip`
    pub tip: Option<Amount>,
    /// `total_duties`
    pub duties: Option<Amount>,
    /// `total_fees`
    pub fees: Option<Amount>,
    /// `total_rounding`: cash rounding, and tax rounded per order instead of per line. Signed.
    pub rounding: Option<Amount>,
}

impl Rest {
    /// Nothing beside items, shipping, tax and discount.
    pub const NONE: Self = Self {
        tip: None,
        duties: None,
        fees: None,
        rounding: None,
    };

    /// The parts that are there, with the names they are sent under.
    pub fn parts(self) -> impl Iterator<Item = (&'static str, Amount)> {
        [
            ("total_tip", self.tip),
            ("total_duties", self.duties),
            ("total_fees", self.fees),
            ("total_rounding", self.rounding),
        ]
        .into_iter()
        .filter_map(|(name, amount)| amount.map(|amount| (name, amount)))
    }
}

/// One line of an order: Converge's `CheckoutItem`. Its currency is the order's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// `product_id`
    pub product_id: Text,
    /// `variant_id`
    pub variant_id: Option<Text>,
    /// `sku`; Converge matches costs on it.
    pub sku: Option<Text>,
    /// `name`
    pub name: Text,
    /// `variant_name`
    pub variant_name: Option<Text>,
    /// `price` of one unit, before discount.
    pub price: Amount,
    /// `quantity`
    pub quantity: u32,
    /// `vendor`
    pub vendor: Option<Text>,
    /// `url`
    pub url: Option<Text>,
    /// `image_url`
    pub image_url: Option<Text>,
}
