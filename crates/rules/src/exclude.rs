//! `exclude`: what a source does not send, without a rule.

use orderbridge_event::{CountryCode, Facts, SalesChannel, Text};

use crate::field::{Field, Path};
use crate::mistake::Mistake;
use crate::reader::{Names, Node, Reader, write};
use crate::view::{Value, View};

macro_rules! exclusions {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// A kind of exclusion.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Exclusion {
            $(#[doc = $doc] $variant,)*
        }

        impl Exclusion {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The key that it is written as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it leaves out.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

exclusions! {
    Tags "tags" "Orders with one of these tags; case and white space do not matter."
    Channels "channels" "Events of these sales channels, as rules have set them."
    Countries "countries" "Orders to these countries."
    Sources "sources" "Orders of these source names or app ids."
    TestOrders "test_orders" "Test orders, where the source maps them at all."
    ZeroTotals "zero_totals" "Events whose order costs nothing."
    Unpaid "unpaid" "Orders that the platform says are not paid in full."
}

/// What a source excludes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Exclude {
    tags: Vec<Text>,
    channels: Vec<SalesChannel>,
    countries: Vec<CountryCode>,
    sources: Vec<String>,
    test_orders: bool,
    zero_totals: bool,
    unpaid: bool,
    /// As it is shown and hashed.
    text: String,
}

impl Exclude {
    /// Reads the value of `exclude`, and all that is wrong with it.
    pub fn read(node: &Node<'_>) -> (Self, Vec<Mistake>) {
        let names = Names {
            platforms: &[],
            sources: &[],
        };
        let mut reader = Reader {
            names,
            mistakes: Vec::new(),
        };
        let read = Self::read_with(&mut reader, node);
        (read, reader.mistakes)
    }

    fn read_with(reader: &mut Reader<'_>, node: &Node<'_>) -> Self {
        let mut read = Self::default();
        let Some(table) = reader.table("exclude", node, "a table, as in { tags = [\"test\"] }")
        else {
            return read;
        };
        for (key, value) in table {
            let Some(kind) = Exclusion::parse(key.get_ref()) else {
                let known = Exclusion::ALL.iter().map(|kind| kind.as_str());
                reader.unknown(key.span(), "exclude has no key", key.get_ref(), known);
                continue;
            };
            let what = format!("exclude {}", kind.as_str());
            match kind {
                Exclusion::Tags => {
                    for item in items(reader, &what, value) {
                        let tag = reader.text(&what, item).and_then(Facts::tag);
                        read.tags.extend(tag);
                    }
                }
                Exclusion::Channels => {
                    for item in items(reader, &what, value) {
                        read.channels.extend(reader.channel(item));
                    }
                }
                Exclusion::Countries => {
                    for item in items(reader, &what, value) {
                        read.countries.extend(reader.country(item));
                    }
                }
                Exclusion::Sources => {
                    for item in items(reader, &what, value) {
                        let source = reader.text(&what, item);
                        read.sources.extend(source.map(|it| it.trim().to_owned()));
                    }
                }
                Exclusion::TestOrders => {
                    read.test_orders = reader.flag(&what, value).unwrap_or(false);
                }
                Exclusion::ZeroTotals => {
                    read.zero_totals = reader.flag(&what, value).unwrap_or(false);
                }
                Exclusion::Unpaid => read.unpaid = reader.flag(&what, value).unwrap_or(false),
            }
        }
        if !read.is_empty() {
            write(&mut read.text, node.get_ref());
        }
        read
    }

    /// Whether nothing is excluded.
    pub fn is_empty(&self) -> bool {
        let Self {
            tags,
            channels,
            countries,
            sources,
            test_orders,
            zero_totals,
            unpaid,
            text: _,
        } = self;
        let none = tags.is_empty() && channels.is_empty();
        none && countries.is_empty()
            && sources.is_empty()
            && !(*test_orders || *zero_totals || *unpaid)
    }

    /// The value as TOML; empty when nothing is excluded.
    pub fn as_toml(&self) -> &str {
        &self.text
    }

    /// Whether unpaid orders are excluded.
    pub fn unpaid(&self) -> bool {
        self.unpaid
    }

    /// Whether it asks for what no event carries.
    pub(crate) fn needs_facts(&self) -> bool {
        !self.tags.is_empty() || !self.sources.is_empty() || self.test_orders || self.unpaid
    }

    /// The exclusion that an event falls under, and a sentence about it.
    pub(crate) fn of(&self, view: &View<'_>, channel: SalesChannel) -> Option<(Exclusion, String)> {
        let facts = view.facts;
        let tag = self
            .tags
            .iter()
            .find(|tag| facts.is_some_and(|it| it.tags.contains(tag)));
        if let Some(tag) = tag {
            let message = format!("the tag \"{tag}\" is excluded");
            return Some((Exclusion::Tags, message));
        }
        if self.channels.contains(&channel) {
            let message = format!("the channel {channel} is excluded");
            return Some((Exclusion::Channels, message));
        }
        if let Value::Text(country) = view.get(&path(Field::Country))
            && self.countries.iter().any(|known| known.as_str() == country)
        {
            let message = format!("orders to {country} are excluded");
            return Some((Exclusion::Countries, message));
        }
        for field in [Field::SourceName, Field::AppId] {
            if let Value::Text(name) = view.get(&path(field))
                && self.sources.iter().any(|known| known == name)
            {
                let message = format!("the source \"{name}\" is excluded");
                return Some((Exclusion::Sources, message));
            }
        }
        if let Some(facts) = facts {
            if self.test_orders && facts.is_test == Some(true) {
                let message = "test orders are excluded".to_owned();
                return Some((Exclusion::TestOrders, message));
            }
            if self.unpaid && facts.is_paid == Some(false) {
                let message = "unpaid orders are excluded".to_owned();
                return Some((Exclusion::Unpaid, message));
            }
        }
        let order = view.event.kind.order();
        if self.zero_totals && order.is_some_and(|order| order.total_price.is_zero()) {
            let message = "orders that cost nothing are excluded".to_owned();
            return Some((Exclusion::ZeroTotals, message));
        }
        None
    }
}

fn path(field: Field) -> Path {
    Path { field, name: None }
}

fn items<'n, 'a>(reader: &mut Reader<'_>, what: &str, node: &'n Node<'a>) -> Vec<&'n Node<'a>> {
    let list = reader.list(what, node, "a list, as in [\"a\", \"b\"]");
    list.map_or_else(Vec::new, |list| list.iter().collect())
}
