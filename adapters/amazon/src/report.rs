//! The all-orders report: the rows of one order, taken out of the report as JSON.
//!
//! `{"columns": ["amazon-order-id", …], "rows": [["111-…", …], …]}`: names as in the header, and the
//! cells of each row. So an order of a report is a payload like any other.
//! <https://developer-docs.amazon.com/sp-api/docs/report-type-values-order>

mod column;
mod rows;

use orderbridge_event::{Amount, Code, MapError, Text, read};
use serde::Deserialize;

use crate::loose::flag_of;
use crate::model::{Delivery, Line, Order, Part, Purse, SoldAt};
use crate::status::Status;
use column::Column;
pub(crate) use rows::AllOrders;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "read::list")]
    columns: Vec<Cell>,
    #[serde(deserialize_with = "read::list")]
    rows: Vec<Row>,
}

/// An empty cell is absent, not 0.
#[derive(Debug)]
struct Cell(Option<Text>);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::text(deserializer).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Row {
    #[serde(deserialize_with = "read::list")]
    cells: Vec<Cell>,
}

/// Reads the rows and nothing more.
pub(crate) fn parse(body: &[u8]) -> Result<(), MapError> {
    read::read::<Body>(body).map(|_| ())
}

/// Reads the rows of one order.
pub(crate) fn read_order(body: &[u8]) -> Result<Order, MapError> {
    let body: Body = read::read(body)?;
    let places = column::places(
        body.columns
            .iter()
            .map(|Cell(name)| name.as_ref().map_or("", |name| name.as_str())),
    );
    let mut rows = body
        .rows
        .into_iter()
        .enumerate()
        .map(|(number, row)| Reader {
            number,
            cells: row.cells,
            places: &places,
        });
    let Some(mut first) = rows.next() else {
        return Err(MapError::invalid(
            Code::PayloadUnknown,
            "$",
            "rows of a report",
        ));
    };
    let id = first
        .text(Column::OrderId)
        .ok_or_else(|| MapError::missing("amazon-order-id"))?;
    let mut purse = Purse::default();
    let is_resold = first.flag(Column::IsIba) == Some(true);
    let seller_order_id = first.text(Column::MerchantOrderId);
    let mut order = Order {
        seller_order_id: seller_order_id.filter(|own| *own != id),
        placed_at: ("purchase-date", first.text(Column::PurchaseDate)),
        status: first.text(Column::OrderStatus).map(Status::read),
        fulfilled_by: first.text(Column::FulfillmentChannel).map(fulfilled_by),
        sold_at: SoldAt {
            name: None,
            text: first.text(Column::SalesChannel),
            marketplace_id: None,
        },
        is_replacement: first.flag(Column::IsReplacement) == Some(true)
            || first.text(Column::OriginalOrderId).is_some(),
        is_business: first.flag(Column::IsBusiness),
        is_prime: None,
        is_resold,
        buyer_email: None,
        place: Delivery {
            city: first.text(Column::City),
            state: first.text(Column::State),
            zip_code: first.text(Column::PostalCode),
            country: ("ship-country", first.text(Column::Country)),
        },
        currency: None,
        total: None,
        tip: None,
        lines: Ok(Vec::new()),
        lines_path: "rows",
        id,
    };
    let mut lines = Vec::with_capacity(rows.len() + 1);
    lines.push(first.line(&mut purse)?);
    for mut row in rows {
        if row.text(Column::OrderId).as_ref() != Some(&order.id) {
            let path = row.path(Column::OrderId);
            return Err(MapError::conflict(Code::IdInvalid, path, "the first row"));
        }
        lines.push(row.line(&mut purse)?);
    }
    order.lines = Ok(lines);
    order.currency = purse.0;
    Ok(order)
}

/// The current API's word.
fn fulfilled_by(channel: Text) -> Text {
    match channel.as_str() {
        "Amazon" => Text::labelled("AMAZON", ""),
        "Merchant" => Text::labelled("MERCHANT", ""),
        _ => channel,
    }
}

/// A row, read cell by cell. Its text is used up.
struct Reader<'a> {
    number: usize,
    cells: Vec<Cell>,
    places: &'a column::Places,
}

impl Reader<'_> {
    /// The text of a cell; rows may be shorter than the header, since trailing empty cells go.
    fn text(&mut self, column: Column) -> Option<Text> {
        let place = self.places.of(column)?;
        self.cells.get_mut(place)?.0.take()
    }

    fn flag(&mut self, column: Column) -> Option<bool> {
        flag_of(self.text(column)?.as_str())
    }

    fn path(&self, column: Column) -> String {
        format!("rows[{}].{}", self.number, column.name())
    }

    fn amount(&mut self, column: Column) -> Result<Option<Amount>, MapError> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        match Amount::parse(text.as_str()) {
            Some(amount) => Ok(Some(amount.magnitude())),
            None => Err(MapError::invalid(
                Code::AmountInvalid,
                self.path(column),
                "a decimal number such as 19.99",
            )),
        }
    }

    fn quantity(&mut self) -> Result<Option<u32>, MapError> {
        let Some(text) = self.text(Column::Quantity) else {
            return Ok(None);
        };
        text.as_str().parse().map(Some).map_err(|_| {
            let path = self.path(Column::Quantity);
            MapError::invalid(Code::QuantityInvalid, path, "a whole number from 0 up")
        })
    }

    fn line(&mut self, purse: &mut Purse) -> Result<Line, MapError> {
        if let Some(code) = self.text(Column::Currency) {
            purse.agree(&code, || self.path(Column::Currency))?;
        }
        let status = self.text(Column::ItemStatus).map(Status::read);
        let is_cancelled =
            status.is_some_and(|status| status.stage == crate::status::Stage::Cancelled);
        let quantity = self.quantity()?;
        let model = self.text(Column::TaxCollectionModel);
        let promotions = self.text(Column::PromotionIds);
        Ok(Line {
            id: None,
            asin: self.text(Column::Asin),
            sku: self.text(Column::Sku),
            title: self.text(Column::ProductName),
            quantity: if is_cancelled { Some(0) } else { quantity },
            unit_price: None,
            goods: Part {
                gross: self.amount(Column::ItemPrice)?,
                tax: self.amount(Column::ItemTax)?,
                discount: self.amount(Column::ItemPromotionDiscount)?,
                discount_tax: None,
            },
            shipping: Part {
                gross: self.amount(Column::ShippingPrice)?,
                tax: self.amount(Column::ShippingTax)?,
                discount: self.amount(Column::ShipPromotionDiscount)?,
                discount_tax: None,
            },
            gift_wrap: Part {
                gross: self.amount(Column::GiftWrapPrice)?,
                tax: self.amount(Column::GiftWrapTax)?,
                ..Part::default()
            },
            cod_fee: Part::default(),
            other: None,
            is_collected: model.is_some_and(|model| model.as_str() == "MarketplaceFacilitator"),
            is_subscribe_and_save: false,
            promotion_ids: promotions.map_or_else(Vec::new, |ids| {
                ids.as_str().split(',').filter_map(Text::new).collect()
            }),
        })
    }
}
