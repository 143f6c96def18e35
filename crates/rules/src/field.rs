//! The fields that a rule may ask for. The one list of them: reading, suggestions and
//! documentation come from here.

use orderbridge_event::Text;

/// What kind of value a field has, and with that which operators fit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text, compared as it is.
    Text,
    /// Text in lower case.
    Lower,
    /// One of the platforms.
    Platform,
    /// One of the configured sources.
    Source,
    /// One of Converge's ten channels.
    Channel,
    /// One of the names of events.
    EventName,
    /// Two letters, upper case.
    Country,
    /// Three letters, upper case.
    Currency,
    /// A list of tags, trimmed and in lower case.
    Tags,
    /// A list of texts.
    Texts,
    /// An amount of money, exact.
    Money,
    /// A whole number.
    Count,
    /// Yes or no.
    Flag,
    /// Texts by name.
    Named,
    /// Texts, numbers and flags by name.
    Custom,
}

impl Shape {
    /// The kind of value, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text | Self::Lower => "text",
            Self::Platform => "a platform",
            Self::Source => "a source of the configuration",
            Self::Channel => "a sales channel",
            Self::EventName => "an event name",
            Self::Country => "a country code",
            Self::Currency => "a currency code",
            Self::Tags | Self::Texts => "a list",
            Self::Money => "money",
            Self::Count => "a number",
            Self::Flag => "true or false",
            Self::Named => "text, by name",
            Self::Custom => "text, a number or a flag, by name",
        }
    }

    /// Whether it is a list.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Tags | Self::Texts)
    }

    /// Whether its values are looked up by a name.
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Named | Self::Custom)
    }
}

macro_rules! fields {
    ($($variant:ident $name:literal $shape:ident $doc:literal)*) => {
        /// A field of the order, as rules see it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = $doc] $variant,)*
        }

        impl Field {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name that it is asked for by.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What kind of value it has.
            pub const fn shape(self) -> Shape {
                match self { $(Self::$variant => Shape::$shape,)* }
            }

            /// What it is.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Finds a field by its name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    Platform "platform" Platform "The platform: `shopify`, `amazon`, …"
    Source "source" Source "The source's name in the configuration."
    Topic "topic" Text "What the payload is about, as in `orders/create`."
    EventName "event_name" EventName "The event's name: `Placed Order`, …"
    Channel "channel" Channel "The sales channel that the adapter chose."
    OrderId "order_id" Text "The id of the order, or of the subscription."
    SourceName "source_name" Text "The platform's word for where the order was placed: Shopify's `source_name`, Amazon's marketplace, Chargebee's `source`, Stripe's `billing_reason`."
    AppId "app_id" Text "The app that made the order (Shopify)."
    Tags "tags" Tags "The order's tags (Shopify, Recharge)."
    Email "email" Lower "The buyer's e-mail address, in lower case."
    Country "country" Country "Where the order goes, else where the buyer lives."
    State "state" Text "State or province, as the platform writes it."
    City "city" Text "City."
    ZipCode "zip_code" Text "Postal code."
    Currency "currency" Currency "The currency of all amounts."
    TotalPrice "total_price" Money "What the buyer is charged; of a refund, what went back."
    TotalDiscount "total_discount" Money "The discount."
    TotalShipping "total_shipping" Money "Shipping before tax."
    TotalTax "total_tax" Money "All tax."
    Coupons "coupons" Texts "The codes that were entered."
    Quantity "quantity" Count "The units of all items together."
    ItemsSku "items.sku" Texts "The items' SKUs."
    ItemsVendor "items.vendor" Texts "The items' vendors."
    ItemsProductId "items.product_id" Texts "The items' product ids."
    ItemsVariantId "items.variant_id" Texts "The items' variant ids."
    ItemsName "items.name" Texts "The items' names."
    IsNewCustomer "is_new_customer" Flag "Whether the buyer is new, if it is known."
    IsTest "is_test" Flag "Whether it is a test order; most adapters ignore those anyway."
    IsPaid "is_paid" Flag "Whether it is paid in full, if the platform says so."
    NoteAttributes "note_attributes" Named "What the shop's theme or apps noted at the order (Shopify)."
    Properties "properties" Custom "The event's custom properties, as the adapter made them."
}

impl Field {
    /// The table that a name such as `note_attributes.gift` looks into, and the name in it.
    pub fn parse_named(path: &str) -> Option<(Self, &str)> {
        let (table, name) = path.split_once('.')?;
        let table = Self::parse(table).filter(|field| field.shape().is_table())?;
        (!name.trim().is_empty()).then_some((table, name))
    }

    /// Whether an event does not carry it, so that the adapter has to be asked.
    pub(crate) const fn is_fact(self) -> bool {
        matches!(
            self,
            Self::SourceName
                | Self::AppId
                | Self::Tags
                | Self::IsTest
                | Self::IsPaid
                | Self::NoteAttributes
        )
    }
}

/// A field, and the name in it where it is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) field: Field,
    pub(crate) name: Option<Text>,
}

impl Path {
    /// Reads a path such as `tags` or `note_attributes.gift`.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if let Some(field) = Field::parse(path) {
            let name = None;
            return (!field.shape().is_table()).then_some(Self { field, name });
        }
        let (field, name) = Field::parse_named(path)?;
        Some(Self {
            field,
            name: Text::new(name),
        })
    }

    /// The path as it is written.
    pub(crate) fn shown(&self) -> String {
        match &self.name {
            None => self.field.as_str().to_owned(),
            Some(name) => format!("{}.{name}", self.field.as_str()),
        }
    }
}
