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

/// The columns of a report that are read, with their places, from left to right.
#[derive(Debug)]
pub(crate) struct Columns(Vec<(usize, Column)>);

impl Columns {
    /// Finds them by the names in a header; of two with one name the first counts.
    pub(crate) fn find<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut found: Vec<(usize, Column)> = Vec::new();
        for (place, name) in names.enumerate() {
            if let Some(column) = Column::find(name)
                && !found.iter().any(|(_, known)| *known == column)
            {
                found.push((place, column));
            }
        }
        Self(found)
    }

    /// The columns.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = Column> + ExactSizeIterator {
        self.0.iter().map(|(_, column)| *column)
    }

    /// The place of a column, if the report has it.
    pub(crate) fn place(&self, wanted: Column) -> Option<usize> {
        let found = self.0.iter().find(|(_, column)| *column == wanted);
        found.map(|(place, _)| *place)
    }

    /// Picks the cells of a row that are read. Rows may be shorter than the header, since trailing
    /// empty cells go.
    pub(crate) fn cells<'a>(&self, row: impl Iterator<Item = &'a str>) -> Cells<'a> {
        let mut cells = Cells::default();
        let mut wanted = self.0.iter().peekable();
        for (place, text) in row.enumerate() {
            if let Some((_, column)) = wanted.next_if(|(wanted, _)| *wanted == place)
                && let Some(cell) = cells.0.get_mut(*column as usize)
            {
                *cell = text;
            }
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
}
