//! Keys that say what else sends events to Converge.

use super::reader::{Reader, Value};

/// One of Converge's own sources. <https://docs.runconverge.com/sources/server-integrations>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Native {
    name: &'static str,
    title: &'static str,
    owns_orders: bool,
}

/// Those that send what a source here may send as well.
const NATIVES: &[Native] = &[
    Native::shop("shopify", "Shopify"),
    Native::shop("woocommerce", "WooCommerce"),
    Native::shop("bigcommerce", "BigCommerce"),
    Native::shop("magento", "Magento 2"),
    Native::tool("recharge", "Recharge"),
    Native::tool("skio", "Skio"),
];

impl Native {
    const fn shop(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            owns_orders: true,
        }
    }

    const fn tool(name: &'static str, title: &'static str) -> Self {
        Self {
            name,
            title,
            owns_orders: false,
        }
    }

    /// Its name in a configuration: that of our platform where there is one.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// Its name for people.
    pub(crate) const fn title(self) -> &'static str {
        self.title
    }

    /// Whether it sends the `Placed Order` of a shop.
    pub(crate) const fn owns_orders(self) -> bool {
        self.owns_orders
    }

    /// Reads `native_sources`.
    pub(super) fn read_all<'a>(reader: &mut Reader<'a>, value: &Value<'a>) -> Vec<Self> {
        let names: Vec<&str> = NATIVES.iter().map(|it| it.name).collect();
        let mut read = Vec::new();
        for item in reader.array("native_sources", value).into_iter().flatten() {
            let Some(text) = reader.text("each of native_sources", item) else {
                continue;
            };
            match NATIVES.iter().find(|it| it.name == text) {
                Some(native) => read.push(*native),
                None => reader.unknown(item.span(), "Converge has no source", text, &names),
            }
        }
        read
    }
}

/// `double_counting`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DoubleCounting {
    /// What counts twice keeps the connector from starting.
    #[default]
    Refuse,
    /// The sources tell of different purchases, whatever it looks like.
    Accept,
}

/// Its choices, the default first.
pub(super) const DOUBLE_COUNTING: &[(&str, DoubleCounting)] = &[
    ("refuse", DoubleCounting::Refuse),
    ("accept", DoubleCounting::Accept),
];
