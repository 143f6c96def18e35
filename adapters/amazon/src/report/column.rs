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

/// Where each column is.
#[derive(Debug, Default)]
pub(crate) struct Places([Option<usize>; Column::ALL.len()]);

impl Places {
    /// The place of a column, if the report has it.
    pub(crate) fn of(&self, column: Column) -> Option<usize> {
        self.0.get(column as usize).copied().flatten()
    }
}

/// Finds the columns by the names of a header; of two with one name the first counts.
pub(crate) fn places<'a>(names: impl Iterator<Item = &'a str>) -> Places {
    let mut places = Places::default();
    for (place, name) in names.enumerate() {
        if let Some(column) = Column::find(name)
            && let Some(slot) = places.0.get_mut(column as usize)
        {
            slot.get_or_insert(place);
        }
    }
    places
}
