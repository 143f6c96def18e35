//! The all-orders report: the rows of one order, as the report has them or as JSON.
//!
//! `{"columns": ["amazon-order-id", …], "rows": [["111-…", …], …]}`: names as in the header, and the
//! cells of each row. So an order of a report can be stored like any other payload.
//! <https://developer-docs.amazon.com/sp-api/docs/report-type-values-order>

mod column;
mod rows;

use orderbridge_event::{Amount, Code, MapError, Text, read};
use serde::Deserialize;

use crate::loose::flag_of;
use crate::model::{Delivery, Line, Order, Part, Purse, SoldAt};
use crate::status::{Stage, Status};
use column::{Cells, Column, Columns};
pub(crate) use rows::AllOrders;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "read::list")]
    columns: Vec<Cell>,
    #[serde(deserialize_with = "read::list")]
    rows: Vec<CellsOfRow>,
}

/// An empty cell is absent, not 0.
#[derive(Debug)]
struct Cell(Option<Text>);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::text(deserializer).map(Self)
    }
}

impl Cell {
    fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", Text::as_str)
    }
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct CellsOfRow {
    #[serde(deserialize_with = "read::list")]
    cells: Vec<Cell>,
}

/// Reads the rows and nothing more.
pub(crate) fn parse(body: &[u8]) -> Result<(), MapError> {
    read::read::<Body>(body).map(|_| ())
}

/// Reads the rows of one order in JSON.
pub(crate) fn read_order(body: &[u8]) -> Result<Order, MapError> {
    let Body { columns, rows } = read::read(body)?;
    let columns = Columns::find(columns.iter().map(Cell::as_str));
    let mut reading = Reading::default();
    for CellsOfRow { cells } in &rows {
        reading.add(&columns.cells(cells.iter().map(Cell::as_str)))?;
    }
    reading.order()
}

/// An order, as far as its rows were read.
#[derive(Default)]
struct Reading {
    /// The order without its lines, as its first row has it.
    order: Option<Order>,
    lines: Vec<Line>,
    purse: Purse,
}

impl Reading {
    fn add(&mut self, cells: &Cells<'_>) -> Result<(), MapError> {
        let row = Row {
            number: self.lines.len(),
            cells,
        };
        match &self.order {
            None => self.order = Some(row.order()?),
            Some(order) if row.cells.of(Column::OrderId).trim() == order.id.as_str() => {}
            Some(_) => {
                let path = row.path(Column::OrderId);
                return Err(MapError::conflict(Code::IdInvalid, path, "the first row"));
            }
        }
        self.lines.push(row.line(&mut self.purse)?);
        Ok(())
    }

    fn order(self) -> Result<Order, MapError> {
        let order = self
            .order
            .ok_or_else(|| MapError::invalid(Code::PayloadUnknown, "$", "rows of a report"))?;
        Ok(Order {
            currency: self.purse.0,
            lines: Ok(self.lines),
            ..order
        })
    }
}

/// The current API's word.
fn fulfilled_by(channel: Text) -> Text {
    match channel.as_str() {
        "Amazon" => Text::labelled("AMAZON", ""),
        "Merchant" => Text::labelled("MERCHANT", ""),
        _ => channel,
    }
}

/// A row. An empty cell is absent, not 0.
struct Row<'a> {
    number: usize,
    cells: &'a Cells<'a>,
}

impl Row<'_> {
    fn text(&self, column: Column) -> Option<Text> {
        Text::new(self.cells.of(column))
    }

    fn flag(&self, column: Column) -> Option<bool> {
        flag_of(self.cells.of(column))
    }

    fn path(&self, column: Column) -> String {
        format!("rows[{}].{}", self.number, column.name())
    }

    fn amount(&self, column: Column) -> Result<Option<Amount>, MapError> {
        match self.cells.of(column).trim() {
            "" => Ok(None),
            text => match Amount::parse(text) {
                Some(amount) => Ok(Some(amount.magnitude())),
                None => Err(MapError::invalid(
                    Code::AmountInvalid,
                    self.path(column),
                    "a decimal number such as 19.99",
                )),
            },
        }
    }

    fn quantity(&self) -> Result<Option<u32>, MapError> {
        match self.cells.of(Column::Quantity).trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                let path = self.path(Column::Quantity);
                MapError::invalid(Code::QuantityInvalid, path, "a whole number from 0 up")
            }),
        }
    }

    /// What the row says of the whole order.
    fn order(&self) -> Result<Order, MapError> {
        let id = self
            .text(Column::OrderId)
            .ok_or_else(|| MapError::missing("amazon-order-id"))?;
        let seller_order_id = self.text(Column::MerchantOrderId);
        Ok(Order {
            seller_order_id: seller_order_id.filter(|own| *own != id),
            placed_at: ("purchase-date", self.text(Column::PurchaseDate)),
            status: self.text(Column::OrderStatus).map(Status::read),
            fulfilled_by: self.text(Column::FulfillmentChannel).map(fulfilled_by),
            sold_at: SoldAt {
                name: None,
                text: self.text(Column::SalesChannel),
                marketplace_id: None,
            },
            is_replacement: self.flag(Column::IsReplacement) == Some(true)
                || self.text(Column::OriginalOrderId).is_some(),
            is_business: self.flag(Column::IsBusiness),
            is_prime: None,
            is_resold: self.flag(Column::IsIba) == Some(true),
            buyer_email: None,
            place: Delivery {
                city: self.text(Column::City),
                state: self.text(Column::State),
                zip_code: self.text(Column::PostalCode),
                country: ("ship-country", self.text(Column::Country)),
            },
            currency: None,
            total: None,
            tip: None,
            lines: Ok(Vec::new()),
            lines_path: "rows",
            id,
        })
    }

    fn line(&self, purse: &mut Purse) -> Result<Line, MapError> {
        if let Some(code) = self.text(Column::Currency) {
            purse.agree(&code, || self.path(Column::Currency))?;
        }
        let status = self.text(Column::ItemStatus).map(Status::read);
        let is_cancelled = status.is_some_and(|status| status.stage == Stage::Cancelled);
        let quantity = self.quantity()?;
        let model = self.cells.of(Column::TaxCollectionModel).trim();
        let promotions = self.cells.of(Column::PromotionIds).split(',');
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
            is_collected: model == "MarketplaceFacilitator",
            is_subscribe_and_save: false,
            promotion_ids: promotions.filter_map(Text::new).collect(),
        })
    }
}
