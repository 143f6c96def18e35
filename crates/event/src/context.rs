//! What a mapping may know beside the payload.

use std::collections::BTreeMap;

use crate::{Currency, KnownOrder, Refunded, SalesChannel, Timestamp};

/// The options of a source, and what the caller knows. Mapping is a function of the payload and of
/// this; time, randomness and history come in here or not at all.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The source's options.
    pub options: Options,
    /// Whether the buyer is new, if the caller knows.
    pub is_new_customer: Option<bool>,
    /// When the message was sent, for messages that have no time of their own.
    pub received_at: Option<Timestamp>,
    /// The order that a refund belongs to, if the caller has it.
    pub order: Option<KnownOrder>,
    /// What was told of its refunds before, if the caller knows; for platforms that tell only the sum.
    pub refunded_before: Option<Refunded>,
    /// Whether rules will ask for [`crate::Facts`]. It costs a little, and changes no event.
    pub wants_facts: bool,
}

/// Options of one source. The defaults are the ones that suit most shops.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// What is sent where a shop's prices include tax.
    pub tax_inclusive_prices: TaxInclusivePrices,
    /// The message that places an order.
    pub placed_on: PlacedOn,
    /// Where refunds are taken from.
    pub refunds: Refunds,
    /// What `event_id` is made of.
    pub event_id: OrderIdentity,
    /// Put in front of each event id, where several shops share a Converge source.
    pub event_id_prefix: String,
    /// The shop's own sources and app ids.
    pub channels: BTreeMap<String, SalesChannel>,
    /// Addresses that many people share, or domains with a leading `@`.
    pub shared_emails: Vec<String>,
    /// Alias prefixes by alias type (`cart_token`), where the shop's pixel uses others.
    pub alias_prefixes: BTreeMap<String, String>,
    /// The channel of `Cancelled Subscription`; Converge's pages name two.
    pub cancelled_channel: CancelledChannel,
    /// Whether prices include tax, by country or id of a marketplace, where the table is wrong.
    pub tax_in_price: BTreeMap<String, bool>,
    /// What becomes of tax that the marketplace collects and remits.
    pub collected_tax: CollectedTax,
    /// What becomes of orders that cost nothing.
    pub free_orders: FreeOrders,
    /// What becomes of personal data that a marketplace lets few see.
    pub personal_data: PersonalData,
    /// What becomes of a marketplace's promotion ids.
    pub promotion_ids: PromotionIds,
    /// Who owns the orders of a shop with a subscription tool; the platform's own default when the
    /// source does not say.
    pub mode: Option<Mode>,
    /// What becomes of renewals beside a store, whose own source sends their orders.
    pub renewals: Renewals,
    /// The currency of payloads that do not name theirs.
    pub currency: Option<Currency>,
    /// Whether messages of a platform's test mode are mapped.
    pub test_mode: TestMode,
}

/// The value of an option, as a configuration file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `"net"`
    Text(String),
    /// `["a", "b"]`
    List(Vec<String>),
    /// `{ key = "value" }`
    Map(BTreeMap<String, String>),
}

/// Why an option was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingError {
    /// There is no such option; [`Options::KEYS`] has those that there are.
    Unknown,
    /// The option takes something else: "expected …".
    Expected(String),
}

impl Options {
    /// The names of all options, in the order of the documentation.
    pub const KEYS: &[&str] = &[
        "placed_on",
        "refunds",
        "channels",
        "tax_inclusive_prices",
        "event_id",
        "event_id_prefix",
        "shared_emails",
        "alias_prefixes",
        "cancelled_channel",
        "tax_in_price",
        "collected_tax",
        "free_orders",
        "personal_data",
        "promotion_ids",
        "mode",
        "renewals",
        "currency",
        "test_mode",
    ];

    /// Sets an option by its name in a configuration.
    pub fn set(&mut self, key: &str, value: Setting) -> Result<(), SettingError> {
        match key {
            "placed_on" => self.placed_on = choose(&value, PlacedOn::parse, PlacedOn::NAMES)?,
            "refunds" => self.refunds = choose(&value, Refunds::parse, Refunds::NAMES)?,
            "channels" => self.channels = channels(value)?,
            "tax_inclusive_prices" => {
                let names = TaxInclusivePrices::NAMES;
                self.tax_inclusive_prices = choose(&value, TaxInclusivePrices::parse, names)?;
            }
            "event_id" => {
                self.event_id = choose(&value, OrderIdentity::parse, OrderIdentity::NAMES)?;
            }
            "event_id_prefix" => match value {
                Setting::Text(prefix) => self.event_id_prefix = prefix,
                _ => return Err(expected("text")),
            },
            "shared_emails" => match value {
                Setting::List(emails) => self.shared_emails = emails,
                _ => return Err(expected("a list of addresses or @domains")),
            },
            "alias_prefixes" => match value {
                Setting::Map(prefixes) => self.alias_prefixes = prefixes,
                _ => {
                    return Err(expected(
                        "a table such as { cart_token = \"urn:cart_token:\" }",
                    ));
                }
            },
            "cancelled_channel" => {
                let names = CancelledChannel::NAMES;
                self.cancelled_channel = choose(&value, CancelledChannel::parse, names)?;
            }
            "tax_in_price" => self.tax_in_price = yes_or_no(value)?,
            "collected_tax" => {
                let names = CollectedTax::NAMES;
                self.collected_tax = choose(&value, CollectedTax::parse, names)?;
            }
            "free_orders" => {
                self.free_orders = choose(&value, FreeOrders::parse, FreeOrders::NAMES)?;
            }
            "personal_data" => {
                let names = PersonalData::NAMES;
                self.personal_data = choose(&value, PersonalData::parse, names)?;
            }
            "promotion_ids" => {
                let names = PromotionIds::NAMES;
                self.promotion_ids = choose(&value, PromotionIds::parse, names)?;
            }
            "mode" => self.mode = Some(choose(&value, Mode::parse, Mode::NAMES)?),
            "renewals" => self.renewals = choose(&value, Renewals::parse, Renewals::NAMES)?,
            "currency" => {
                let read = match &value {
                    Setting::Text(code) => Currency::parse(code),
                    Setting::List(_) | Setting::Map(_) => None,
                };
                self.currency =
                    Some(read.ok_or_else(|| expected("three letters such as \"EUR\""))?);
            }
            "test_mode" => self.test_mode = choose(&value, TestMode::parse, TestMode::NAMES)?,
            _ => return Err(SettingError::Unknown),
        }
        Ok(())
    }
}

fn expected(what: impl Into<String>) -> SettingError {
    SettingError::Expected(what.into())
}

fn choose<T>(
    value: &Setting,
    parse: fn(&str) -> Option<T>,
    names: &[&str],
) -> Result<T, SettingError> {
    let choice = match value {
        Setting::Text(name) => parse(name),
        _ => None,
    };
    choice.ok_or_else(|| expected(format!("one of {}", names.join(", "))))
}

fn channels(value: Setting) -> Result<BTreeMap<String, SalesChannel>, SettingError> {
    let Setting::Map(names) = value else {
        return Err(expected(
            "a table such as { \"16818700289\" = \"mobile_app\" }",
        ));
    };
    let read = names.into_iter().map(|(source, name)| {
        let channel = SalesChannel::parse(&name).ok_or_else(|| {
            let all: Vec<&str> = SalesChannel::ALL.iter().map(|it| it.as_str()).collect();
            expected(format!(
                "a sales channel for {source:?}: one of {}",
                all.join(", ")
            ))
        })?;
        Ok((source, channel))
    });
    read.collect()
}

fn yes_or_no(value: Setting) -> Result<BTreeMap<String, bool>, SettingError> {
    let wanted = || expected("a table such as { MX = \"yes\" }, each \"yes\" or \"no\"");
    let Setting::Map(names) = value else {
        return Err(wanted());
    };
    let read = names
        .into_iter()
        .map(|(name, answer)| match answer.as_str() {
            "yes" => Ok((name, true)),
            "no" => Ok((name, false)),
            _ => Err(wanted()),
        });
    read.collect()
}

macro_rules! choice {
    ($(#[$meta:meta])* $type:ident { $first:ident $first_name:literal $first_doc:literal $(, $variant:ident $name:literal $doc:literal)* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        pub enum $type {
            #[doc = $first_doc]
            #[default]
            $first,
            $(#[doc = $doc] $variant,)*
        }

        impl $type {
            /// The names of all choices, the default first.
            pub const NAMES: &[&str] = &[$first_name $(, $name)*];

            /// Reads a choice by its name in a configuration.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $first_name => Some(Self::$first),
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

choice! {
    /// `tax_inclusive_prices`
    TaxInclusivePrices {
        Net "net" "Prices, shipping and discount without their tax, so that Converge's sum holds.",
        AsCharged "as_charged" "All amounts as charged, tax inside.",
    }
}

choice! {
    /// `placed_on`
    PlacedOn {
        Created "created" "When the order is made.",
        Paid "paid" "When it is paid; for shops with many orders that are never paid.",
    }
}

choice! {
    /// `refunds`
    Refunds {
        Topic "topic" "From refund messages; whoever subscribes to them wants the event.",
        All "all" "Also from the refunds nested in an order.",
        Off "off" "From nowhere.",
    }
}

choice! {
    /// `event_id`
    OrderIdentity {
        Id "id" "The platform's id of the order.",
        Name "name" "The order's name, as in #1001, where the shop's pixel sends that.",
    }
}

choice! {
    /// `cancelled_channel`
    CancelledChannel {
        SubscriptionContract "subscription_contract" "As Converge's Recharge page says.",
        Offline "offline" "As Converge's spec says.",
    }
}

choice! {
    /// `collected_tax`
    CollectedTax {
        Keep "keep" "In the total and in the tax: what the buyer paid.",
        LeaveOut "leave_out" "Out of both: it never reaches the seller.",
    }
}

choice! {
    /// `free_orders`
    FreeOrders {
        Drop "drop" "They are replacements and samples, and no sales.",
        Send "send" "Those of exactly zero are sent as any other.",
    }
}

choice! {
    /// `personal_data`
    PersonalData {
        Withhold "withhold" "It is not sent, even where the platform gives it.",
        Forward "forward" "The buyer's relay address and postal code are sent.",
    }
}

choice! {
    /// `promotion_ids`
    PromotionIds {
        Off "off" "They are not sent: most are internal.",
        Coupon "coupon" "They are sent as `coupon`.",
    }
}

choice! {
    /// `mode`: which of two systems that see one purchase sends it. Converge drops a repeated event
    /// inside one of its sources only, so exactly one may send `Placed Order`.
    Mode {
        BesideStore "beside_store" "The store's own source sends every order; from here come renewals under their own name, and the subscription's life.",
        Standalone "standalone" "No store sends orders: first orders and renewals are `Placed Order`.",
        BothThroughUs "both_through_us" "The store's orders pass through here into the same Converge source: both systems make one `Placed Order` under the store's order id.",
    }
}

choice! {
    /// `renewals`
    Renewals {
        Event "event" "A renewal beside a store is `Placed Recurring Subscription Order`.",
        Off "off" "It is nothing, where its order is enough.",
    }
}

choice! {
    /// `test_mode`
    TestMode {
        Ignore "ignore" "Messages of the platform's test mode make no events.",
        Map "map" "They are mapped as if they were real: a source for trying things out.",
    }
}
