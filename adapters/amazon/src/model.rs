//! An order as both generations of the API and the report tell it: the one form that is mapped.

use orderbridge_event::{Amount, Code, Currency, MapError, Text, read};
use serde::Deserialize;

use crate::status::Status;

/// An order, read and not yet judged.
#[derive(Debug)]
pub(crate) struct Order {
    pub id: Text,
    pub seller_order_id: Option<Text>,
    /// Where the time of purchase stands, and the time.
    pub placed_at: (&'static str, Option<Text>),
    pub status: Option<Status>,
    pub fulfilled_by: Option<Text>,
    pub sold_at: SoldAt,
    pub is_replacement: bool,
    pub is_business: Option<bool>,
    pub is_prime: Option<bool>,
    /// Amazon Business buys it and sells it on, under an address that all such orders share.
    pub is_resold: bool,
    pub buyer_email: Option<(&'static str, Text)>,
    pub place: Delivery,
    pub currency: Option<Currency>,
    /// What the buyer is charged, if Amazon says so.
    pub total: Option<Amount>,
    /// The tip, and whether it may still change.
    pub tip: Option<(Amount, bool)>,
    /// The lines, or the reason why there are none to look at.
    pub lines: Result<Vec<Line>, NoLines>,
    /// The name of the list of lines, for remarks.
    pub lines_path: &'static str,
}

impl Order {
    /// The order as an answer that is not to have its lines.
    pub(crate) fn without_lines(self) -> Self {
        Self {
            lines: Err(NoLines::Elsewhere),
            ..self
        }
    }
}

/// Why an order has no lines to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoLines {
    /// They are in another answer of the API.
    Elsewhere,
    /// The request did not ask for money.
    WithoutMoney,
}

/// What there is to tell a marketplace of Amazon's from another shop.
#[derive(Debug, Default)]
pub(crate) struct SoldAt {
    /// `AMAZON` or `NON_AMAZON`
    pub name: Option<Text>,
    /// `Amazon.de`, `Non-Amazon US`
    pub text: Option<Text>,
    pub marketplace_id: Option<Text>,
}

/// Where an order goes, without the street.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub city: Option<Text>,
    pub state: Option<Text>,
    pub zip_code: Option<Text>,
    /// Where the country stands, and the country.
    pub country: (&'static str, Option<Text>),
}

/// A line of an order.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub id: Option<Text>,
    pub asin: Option<Text>,
    pub sku: Option<Text>,
    pub title: Option<Text>,
    /// 0 when the line was cancelled.
    pub quantity: Option<u32>,
    pub unit_price: Option<Amount>,
    pub goods: Part,
    pub shipping: Part,
    pub gift_wrap: Part,
    pub cod_fee: Part,
    /// What Amazon calls other.
    pub other: Option<Amount>,
    /// Whether Amazon collects the tax and remits it.
    pub is_collected: bool,
    pub is_subscribe_and_save: bool,
    pub promotion_ids: Vec<Text>,
}

/// A part of what a line costs: totals of the line, all of them magnitudes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Part {
    pub gross: Option<Amount>,
    pub discount: Option<Amount>,
    pub tax: Option<Amount>,
    pub discount_tax: Option<Amount>,
}

impl Line {
    pub(crate) fn parts(&self) -> [&Part; 4] {
        [&self.goods, &self.shipping, &self.gift_wrap, &self.cod_fee]
    }
}

/// An amount with its currency, as any of Amazon's APIs writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cash {
    #[serde(
        alias = "Amount",
        alias = "currencyAmount",
        alias = "CurrencyAmount",
        deserialize_with = "read::amount"
    )]
    pub amount: Option<Amount>,
    #[serde(
        rename = "currencyCode",
        alias = "CurrencyCode",
        deserialize_with = "read::text"
    )]
    pub currency: Option<Text>,
}

/// The currency of an order: that of the first amount that has one. Another one is refused.
#[derive(Debug, Default)]
pub(crate) struct Purse(pub(crate) Option<Currency>);

impl Purse {
    /// The amount of some cash, once its currency is the order's.
    pub(crate) fn take(
        &mut self,
        cash: Option<&Cash>,
        path: impl Fn() -> String,
    ) -> Result<Option<Amount>, MapError> {
        let Some(Cash { amount, currency }) = cash else {
            return Ok(None);
        };
        if amount.is_some()
            && let Some(code) = currency
        {
            self.agree(code, path)?;
        }
        Ok(*amount)
    }

    /// Checks that a currency is the order's.
    pub(crate) fn agree(&mut self, code: &Text, path: impl Fn() -> String) -> Result<(), MapError> {
        let Some(currency) = Currency::parse(code.as_str()) else {
            let expected = "three letters such as EUR";
            return Err(MapError::invalid(Code::CurrencyInvalid, path(), expected));
        };
        if self.0.is_some_and(|known| known != currency) {
            let others = "the order's other amounts";
            return Err(MapError::conflict(Code::CurrencyMixed, path(), others));
        }
        self.0 = Some(currency);
        Ok(())
    }
}
