//! Every code that `OrderBridge` prints, each with its help page. The one list of them.

use std::fmt;

/// What kind of remark a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The payload could not be mapped.
    Error,
    /// The payload is understood, and no event on purpose.
    Ignored,
    /// An event was made; this is worth knowing about it.
    Note,
    /// A fault or weakness of an event body, found by the checker.
    Finding,
    /// A platform's API did not give what it was asked for.
    Pull,
}

impl Class {
    /// The class in a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Ignored => "ignored",
            Self::Note => "note",
            Self::Finding => "finding",
            Self::Pull => "pull",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $class:ident $code:literal $summary:literal $page:literal)*) => {
        /// A stable name for an error, a reason to ignore, a note or a finding.
        ///
        /// The documentation of a variant is its help page: `orderbridge explain-code <code>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(
                #[doc = concat!("`", $code, "`: ", $summary)]
                #[doc = ""]
                #[doc = $page]
                $variant,
            )*
        }

        impl Code {
            /// All codes, by class.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as it is printed.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What kind of remark it is.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// One line.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// What it means and what to do.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$variant => $page,)* }
            }

            /// Finds a code by the way it is printed.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

codes! {
    PayloadSyntax Error "payload.syntax" "the payload is not JSON"
        "The bytes are not one complete JSON document: cut off, not UTF-8, or something else altogether. Look at the line and column; a payload that was cut is best fetched again from the platform."
    PayloadType Error "payload.type" "a field holds the wrong kind of value"
        "The field at the path has a value of a kind that the platform does not send, such as text where a list belongs. Middle layers that turn everything into text (\"NULL\", \"FALSE\") cause this. Send the body as the platform delivered it."
    PayloadMissing Error "payload.missing" "a field is missing that an event cannot do without"
        "Without this field (an id, a total, a currency, a time) no right event can be made, and a guessed one would be worse than none. Was the payload trimmed, by `fields=` or `includeFields`? Fetch the whole object."
    PayloadUnknown Error "payload.unknown" "the body is not what its topic says"
        "The body is JSON, but none of the fields of its topic are in it. Check the topic: `--topic`, or `topic` in the envelope."
    AmountInvalid Error "amount.invalid" "an amount is not a decimal number"
        "Amounts are decimal text such as \"19.99\" or JSON numbers. Signs of thousands, decimal commas and currency signs are not read, because they would have to be guessed at."
    AmountOverflow Error "amount.overflow" "an amount has too many digits"
        "The amounts of this payload cannot be added up exactly in 28 digits. No real order has such amounts."
    CurrencyInvalid Error "currency.invalid" "a currency is not an ISO 4217 code"
        "A currency is three letters, such as EUR."
    CurrencyMixed Error "currency.mixed" "amounts of one event are in different currencies"
        "An event has one currency. Amounts of two currencies are never added."
    TimeInvalid Error "time.invalid" "a time has no offset or is not a time"
        "Times are RFC 3339 with an offset, such as 2026-11-02T10:15:30-05:00. A time without an offset could be hours off, so it is refused rather than guessed."
    TimeMissing Error "time.missing" "the message does not say when it was sent"
        "Messages of this topic have no time of their own; the platform tells it beside them, in a header. Give it with `--received-at`, or as `received_at` in the envelope."
    IdInvalid Error "id.invalid" "an id is not a number or text"
        "Ids are whole numbers or text. A number with a fraction or an exponent has been through a tool that rounds ids; its true value is lost."
    QuantityInvalid Error "quantity.invalid" "a quantity is not a whole number"
        "Quantities are whole numbers from 0 up."

    TopicUnknown Ignored "topic.unknown" "the topic is not one that OrderBridge maps"
        "The payload is left alone. `orderbridge adapters` lists the topics of each platform. If the topic is misspelled, correct `--topic` or the webhook subscription."
    TopicNoEvent Ignored "topic.no_event" "the topic never makes an event"
        "The topic is known, and Converge has no event for it: an order counts once, as first placed. The reason beside the code says more."
    OrderTest Ignored "order.test" "a test order"
        "Test orders and the platform's canned test notifications are not sales and never reach Converge."
    OrderTrimmed Ignored "order.trimmed" "the response was trimmed to some fields"
        "The request asked for selected fields only (`fields=`), so no event can be made of the answer. Fetch whole orders."
    OrderPending Ignored "order.pending" "the order is not complete yet"
        "The marketplace is still checking the payment, or has not told all prices. The order is placed with the first complete version of it, which comes later."
    OrderCancelled Ignored "order.cancelled" "the order was cancelled before it was placed at Converge"
        "Nothing of it is left to be sold. An order that was sent before stays what it was: Converge has no event that takes one back."
    OrderElsewhere Ignored "order.elsewhere" "the order was placed in another shop"
        "The platform only ships it (Multi-Channel Fulfillment, Buy with Prime, a removal). The shop where it was placed sends it; to send it here as well would count it twice."
    OrderReplacement Ignored "order.replacement" "a replacement or an exchange"
        "It stands in for an order that was counted before."
    OrderFree Ignored "order.free" "nothing was charged"
        "The order's total is zero or less: a free replacement, or a sample whose price is rebated. The source's `free_orders = \"send\"` sends those of exactly zero."
    OrderWithoutItems Ignored "order.without_items" "the order came without its items"
        "The platform gives the order and its items in separate answers. Put them together, as in `{\"order\": {…}, \"items\": […]}` under the topic `v0-order`."
    OrderNotice Ignored "order.notice" "a message that an order has changed"
        "It names an order and has no prices, so it is no event by itself. The order is to be fetched."
    OrderTrigger Ignored "order.trigger" "another topic places this shop's orders"
        "A shop's orders are placed by one topic: `orders/create` by default, or `orders/paid` where the source says `placed_on = \"paid\"`. The other topic is ignored, so that no order is counted twice."
    OrderUnpaid Ignored "order.unpaid" "nothing was charged"
        "The charge or invoice is a draft, queued, failed, skipped, pending, or paid in part. It is money once it is paid, and the platform says so then."
    OrderByStore Ignored "order.by_store" "another source sends this order"
        "Converge drops a repeated event inside one of its sources only, so exactly one source may send `Placed Order` for a purchase; `mode` says which. With `beside_store`, the default of subscription tools beside a shop, the shop's own source sends every order. With `both_through_us` the two make one event under the shop's order id. With `standalone` no shop sends orders, and this one would be sent."
    RenewalOff Ignored "renewal.off" "renewals are switched off for this source"
        "The source says `renewals = \"off\"`: the shop's own source sends the renewal's order, and no second event is wanted."
    RefundOff Ignored "refund.off" "refunds are switched off for this source"
        "The source says `refunds = \"off\"`."
    RefundDeferred Ignored "refund.deferred" "the refund is not released yet"
        "The platform tells of a refund when it is deferred and again when it is released. It is sent once, when it is released."
    RefundNoMoney Ignored "refund.no_money" "no money went back"
        "The refund has no successful refund transaction: goods were restocked or lines removed, or the payment is pending or failed. Converge hears of money only."
    SubscriptionNoEvent Ignored "subscription.no_event" "a change of a subscription that has no event"
        "The message tells nothing that Converge has an event for; what it announces arrives with an order."
    OrderTestMode Ignored "order.test_mode" "a message of the platform's test mode"
        "It tells of no real money, so it must not reach Converge. A source for trying things out says `test_mode = \"map\"`."
    OrderNothingSold Ignored "order.nothing_sold" "the invoice charges nothing"
        "It opens a free trial, or gives back more than it charges. The subscription's own message tells of its start."
    OrderOneOff Ignored "order.one_off" "the invoice belongs to no subscription"
        "It was written by hand, or bills what was left over. A source that wants these as orders names a channel for them: `channels = { \"manual\" = \"offline\" }`."
    PrivacyRequest Ignored "privacy.request" "a privacy request"
        "A request to disclose or erase personal data. It makes no event."
    AppUninstalled Ignored "app.uninstalled" "the app was removed from the shop"
        "The shop removed the app: its token is dead and no more orders will come. It makes no event."
    RuleDrop Ignored "rule.drop" "a rule of the configuration drops it"
        "The reason is the one that the rule gives; `rule` is its id. `orderbridge explain` shows what each rule says of a payload. In the store the payload stays, so that a drop can be undone: change the rule, then `orderbridge queue retry --remap --reason rule.drop`."
    RuleExclude Ignored "rule.exclude" "the source excludes it"
        "`exclude` of the source names what it does not send; the message says which part of it. The payload stays in the store: change `exclude`, then `orderbridge queue retry --remap --reason rule.exclude`."
    CustomerFigures Ignored "customer.figures" "purchase figures of a customer"
        "Sales figures of a customer, without an order. They make no event."

    RuleFailed Note "rule.failed" "a rule could not be evaluated"
        "The rule's expression met a value that it is not made for, so it did not match; a drop never fires then. `orderbridge explain` with this payload shows what went wrong."
    RulePartly Note "rule.partly" "one of the payload's events was dropped"
        "A rule or an exclusion drops one event of a payload that makes several. The others are sent."
    RuleAlias Note "rule.alias" "a rule's alias found no room"
        "An event has at most ten aliases, and the platform's own come first."
    MoneyGap Note "money.gap" "the parts of the order do not add up to its total"
        "Σ(price × quantity) + shipping + tax − discount + tip + duties + fees + rounding should be the total. The gap is what the platform's own numbers leave unexplained. Totals are sent as the platform states them; nothing is rescaled."
    MoneyUnproven Note "money.unproven" "the order's numbers are too long to be added up"
        "The amounts or quantities have so many digits that they cannot be added exactly. They are sent as they are."
    TaxUnknown Note "tax.unknown" "included tax is not told per line"
        "The shop's prices include tax, but the payload does not say how much of it is in each line, so the prices are sent as charged."
    TaxMissing Note "tax.missing" "the platform does not say how much tax was charged"
        "`total_tax` is left out. A zero would be a claim."
    ShippingMissing Note "shipping.missing" "the platform does not say what shipping cost"
        "`total_shipping` is left out. A zero would be a claim."
    MarketplaceUnknown Note "marketplace.unknown" "the marketplace is not in the table"
        "Nothing says whether its prices include tax, so they are taken to be without. If that is wrong, say so in the configuration: `tax_in_price = { \"<marketplace id>\" = \"yes\" }`."
    PriceMismatch Note "price.mismatch" "a unit price and a line's amount differ"
        "The unit price times the quantity is not the amount of the line. The amount is used."
    DiscountUnallocated Note "discount.unallocated" "the total discount differs from the discounts of the lines"
        "The order's total discount is not the sum of what its lines and shipping say. The total is sent as stated; the money proof tells whether it is right."
    PhoneInvalid Note "phone.invalid" "a phone number was left out"
        "A phone number must name its country, as in +12025550142, and be possible there. A wrong number matches strangers, so it is left out."
    EmailInvalid Note "email.invalid" "an e-mail address was left out"
        "The text is not an e-mail address. It is neither sent nor used as an alias."
    EmailMissing Note "email.missing" "the message has no e-mail address"
        "The platform leaves the customer out unless it is asked for: create the webhook with `\"included_objects\": [\"customer\"]`. Until then the event is known by the platform's number of the customer only."
    EmailShared Note "email.shared" "an e-mail address is no alias"
        "The address is a marketplace's relay, a placeholder or on the source's `shared_emails`. As an alias it would merge strangers into one profile. A relay address is sent as a property only; a placeholder, which would make everybody the same returning customer, is left out altogether."
    CountryInvalid Note "country.invalid" "a country was left out"
        "The country is neither an ISO 3166-1 code nor a country's name. It is left out, since Converge flags any other value."
    ChannelUnknown Note "channel.unknown" "the order's source is not in any channel table"
        "Nothing says where this order was placed, so it counts as `web`, which is what Converge does itself. If that is wrong, name the source in the configuration: `channels = { \"<source>\" = \"marketplace\" }`."
    IdentityBlocked Note "identity.blocked" "the platform withholds personal data"
        "The payload has no personal fields at all, as Shopify sends them to apps without approval for protected customer data. The event is known by tokens and ids only. Apply for the approval, or use a custom app."
    IdentityOrderOnly Note "identity.order_only" "nothing identifies the buyer"
        "There is no token, customer id or e-mail address of the buyer's own, so the event's only alias is the order. It will not be joined with a web session."
    ProductUnknown Note "product.unknown" "a line has no product id"
        "The line is a custom one or its product is gone. The variant, SKU or line id stands in for the required product id."
    RefundAmount Note "refund.amount" "part of a refund is in another currency"
        "A refund transaction is in the buyer's currency and the payload does not tell its worth in the shop's. The amount is left out of the sum rather than converted at a guessed rate."
    RefundOrderUnknown Note "refund.order_unknown" "the refund does not say who bought"
        "Refund messages carry neither buyer nor token. Without the order at hand the only alias is the order's id."
    RefundCumulative Note "refund.cumulative" "the platform tells only the sum of all refunds"
        "A second refund is the difference to what was given back before, which a payload does not tell. Without that at hand, the sum is counted as one refund: right for the first, too much for a later one."
    RefundTest Note "refund.test" "the refund went through a test gateway"
        "A transaction is marked as a test. Whether its order was one is for the order to say."
    LinesCut Note "lines.cut" "the invoice has more lines than the message"
        "Webhooks hold the first lines only. The total is exact; the items are not all there, and the sum has a gap. Fetch the lines from the platform's API."
    OrderImported Note "order.imported" "the order is older than its record"
        "The order was processed long before it was created at the platform: an import. Its own time is sent. An old event may still reach ad platforms; consider a separate source for history."
    TotalMissing Note "total.missing" "the message has no amounts"
        "A subscription's message tells no price, so the event has none. A zero would be a claim."
    ItemsMissing Note "items.missing" "the message does not have the order's items"
        "The total is exact, but what was bought is not in the message, so the sum has a gap. Set the webhook up to carry the items."
    TimeUntold Note "time.untold" "the message does not say when it happened"
        "The event's time is the time of receipt. Nothing in the message tells this change of the subscription from a later one of the same kind, so both would have one id, and the later one would count as a repetition."
    IdMismatch Note "id.mismatch" "two ids of the order differ"
        "`id` and the end of `admin_graphql_api_id` differ: a tool that rounds large numbers has touched the payload. The exact one is used."

    BodySyntax Finding "body.syntax" "the event is not JSON"
        "An event body is one JSON object."
    BodyType Finding "body.type" "a field of the event has the wrong type"
        "The field must have the type that Converge's webhook page gives it. <https://docs.runconverge.com/sources/server-integrations/webhook>"
    BodyMissing Finding "body.missing" "a required field of the event is missing or empty"
        "`event_name`, `event_id`, `properties`, `profile_properties` and `aliases` are required."
    BodyRepeated Finding "body.repeated" "a key stands in an object twice"
        "Readers of JSON differ on which of the two counts. Send each key once."
    NameFinding Finding "event.name" "the event's name is nearly one of Converge's"
        "Names are compared letter by letter, so `placed order` is an event of your own and no sale. <https://docs.runconverge.com/sources/converge-spec>"
    AliasCount Finding "alias.count" "an event has between 1 and 10 aliases"
        "With none Converge cannot tell whose event it is; more than ten are refused."
    AliasEmpty Finding "alias.empty" "an alias is empty"
        "An alias without a value, such as `urn:email:`, would be shared by everybody and merge them into one profile."
    AliasRepeated Finding "alias.repeated" "an alias stands twice"
        "Repeating an alias says nothing, and uses up one of ten."
    TimestampInvalid Finding "timestamp.invalid" "the timestamp has no offset or is not a time"
        "A timestamp is ISO 8601 with an offset, or Unix seconds (10 digits) as a number. Without one, Converge takes the time of receipt."
    ChannelInvalid Finding "channel.invalid" "the sales channel is not one of the ten"
        "`$sales_channel_type` must be one of Converge's ten values. <https://docs.runconverge.com/sources/concepts/sales-channels>"
    ChannelMissing Finding "channel.missing" "the sales channel is not given"
        "Without `$sales_channel_type` Converge takes `web`, which spoils the stitching rate if it is not."
    PropertyMissing Finding "property.missing" "a property that the spec requires is missing"
        "Converge flags the event; it does not refuse it."
    PriceMissing Finding "price.missing" "an item has no price"
        "Converge takes 0.0, and the revenue is wrong."
    DiscountNegative Finding "discount.negative" "the discount is negative"
        "`total_discount` is a magnitude: what the customer saved, without a sign."
    CountryFinding Finding "country.code" "the country is not an alpha-2 code"
        "`$country_code` is ISO 3166-1 alpha-2, such as DE."
    EmailFinding Finding "email.format" "the e-mail address is not one"
        "Leave it out rather than send it."
    PhoneFinding Finding "phone.format" "the phone number is not recognisable"
        "A phone number has a plus and its country code, such as +1 (917) 555-4444. Leave it out rather than send it."
    CurrencyFinding Finding "currency.code" "the currency is not an ISO 4217 code, or not the same throughout"
        "Each event has one currency, repeated on each item."
    GapFinding Finding "total.gap" "the parts of the event do not add up to total_price"
        "The sum of `price` × `quantity`, plus `total_shipping` and `total_tax`, less `total_discount`, plus the named rest, should be `total_price`."

    PullUnavailable Pull "pull.unavailable" "the platform's API does not answer, or asks to come again later"
        "No connection, no answer in time, a throttle or a fault on the platform's side. The request is made again, after the time that the platform names or after a growing pause. Nothing is lost: the position is kept."
    PullCredentials Pull "pull.credentials" "the platform does not accept the credentials"
        "A token or secret was revoked, has expired, or lacks the permission for this request. Renew it at the platform and put it where the configuration refers to; the source is tried again every few minutes."
    PullAnswer Pull "pull.answer" "an answer of the platform cannot be read"
        "The answer was cut off, or is not what the platform documents. It was asked for several times. If this goes on, the platform may have changed its API."
    PullMissing Pull "pull.missing" "the platform does not know what was asked for"
        "A notification named an order that the platform does not give out, or not yet, and it was asked for again for an hour; or a message names a customer or an invoice that its platform does not know, as when the key belongs to another account. `queue retry --remap` asks once more."
    PullRefused Pull "pull.refused" "the platform refuses the request"
        "The request itself is not accepted; the message tells what the platform calls it. The same request would be refused again, so it is not repeated."
    PullPending Pull "pull.pending" "waits to be fetched from the platform"
        "A notification said that something has changed, or a message lacks what the platform's API tells: who bought, or the rest of the lines. It is fetched as soon as the platform's quota allows, and again after a restart."
    PullFetched Pull "pull.fetched" "what the notification named was fetched"
        "A notification makes no event itself. What it named was fetched and stored as a payload of its own."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
