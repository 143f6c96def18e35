//! The columns that are read, found by their names: which there are, and where, varies by account
//! and over time.

macro_rules! columns {
    ($($variant:ident $name:literal,)*) => {
        /// A column of the report that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Column { $($variant,)* }

        impl Column {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in the header.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Finds a column by its name in a header.
            pub(crate) fn find(name: &str) -> Option<Self> {
                match name { $($name => return Some(Self::$variant),)* _ => {} }
                Self::ALL.iter().copied().find(|column| {
                    column.name().eq_ignore_ascii_case(name.trim())
                })
            }
        }
    };
}

columns! {
    OrderId "amazon-order-id",
    MerchantOrderId "merchant-order-id",
    PurchaseDate "purchase-date",
    OrderStatus "order-status",
    FulfillmentChannel "fulfillment-channel",
    SalesChannel "sales-channel",
    ProductName "product-name",
    Sku "sku",
    Asin "asin",
    ItemStatus "item-status",
    Quantity "quantity",
    Currency "currency",
    ItemPrice "item-price",
    ItemTax "item-tax",
    ShippingPrice "shipping-price",
    ShippingTax "shipping-tax",
    GiftWrapPrice "gift-wrap-price",
    GiftWrapTax "gift-wrap-tax",
    ItemPromotionDiscount "item-promotion-discount",
    ShipPromotionDiscount "ship-promotion-discount",
    City "ship-city",
    State "ship-state",
    PostalCode "ship-postal-code",
    Country "ship-country",
    PromotionIds "promotion-ids",
    IsBusiness "is-business-order",
    IsIba "is-iba",
    IsReplacement "is-replacement-order",
    OriginalOrderId "original-order-id",
    TaxCollectionModel "tax-collection-model",
}

/// What is read of each column of a report, from left to right, up to the last one that is.
#[derive(Debug)]
pub(crate) struct Columns(Vec<Option<Column>>);

impl Columns {
    /// Finds them by the names in a header; of two with one name the first counts.
    pub(crate) fn find<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found: Vec<Option<Column>> = Vec::new();
        for name in names {
            let column = Column::find(name).filter(|column| !found.contains(&Some(*column)));
            found.push(column);
        }
        let last = found.iter().rposition(Option::is_some);
        found.truncate(last.map_or(0, |last| last + 1));
        Self(found)
    }

    /// Those that are read.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Column> {
        self.0.iter().copied().flatten()
    }

    /// The place of a column, if the report has it.
    pub(crate) fn place(&self, wanted: Column) -> Option<usize> {
        self.0.iter().position(|column| *column == Some(wanted))
    }

    /// Picks the cells of a row that are read.
    pub(crate) fn cells<'a>(&self, row: impl Iterator<Item = &'a str>) -> Cells<'a> {
        let mut cells = Cells::default();
        for (column, text) in self.0.iter().zip(row) {
            if let Some(column) = column {
                cells.put(*column, text);
            }
        }
        cells
    }

    /// The same of a row as the report has it.
    pub(crate) fn cells_of_row<'a>(&self, row: &'a str) -> Cells<'a> {
        let mut cells = Cells::default();
        let mut tabs = memchr::memchr_iter(b'\t', row.as_bytes());
        let mut start = 0;
        for column in &self.0 {
            let tab = tabs.next();
            if let Some(column) = column {
                let end = tab.unwrap_or(row.len());
                cells.put(*column, row.get(start..end).unwrap_or_default());
            }
            // Rows may be shorter than the header, since trailing empty cells go.
            let Some(tab) = tab else { break };
            start = tab + 1;
        }
        cells
    }
}

/// The cells of a row, by column; empty where it has none.
#[derive(Debug, Default)]
pub(crate) struct Cells<'a>([&'a str; Column::ALL.len()]);

impl<'a> Cells<'a> {
    pub(crate) fn of(&self, column: Column) -> &'a str {
        self.0.get(column as usize).copied().unwrap_or_default()
    }

    fn put(&mut self, column: Column, text: &'a str) {
        if let Some(cell) = self.0.get_mut(column as usize) {
            *cell = text;
        }
    }
}
