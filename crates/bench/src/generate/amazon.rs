//! Orders as Amazon's API v2026-01-01 answers with them, with all the keys that nobody reads, and
//! the all-orders report.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

const CITIES: &[(&str, &str, &str)] = &[
    ("Springfield", "IL", "62701"),
    ("Portland", "OR", "97201"),
    ("Austin", "TX", "73301"),
];

/// One order, with 1 to 3 items: 3 kB on average.
pub(super) fn order(dice: &mut fastrand::Rng, number: u32) -> Value {
    let lines: Vec<Line> = (0..dice.u64(1..4)).map(|_| Line::roll(dice)).collect();
    let total: u64 = lines.iter().map(Line::total).sum();
    let (city, state, zip) = CITIES
        .get(dice.usize(..CITIES.len()))
        .unwrap_or(&("", "", ""));
    let created = time(dice);
    let items: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| line.json(number, place))
        .collect();
    json!({
        "orderId": id(number),
        "orderAliases": [{ "aliasId": format!("WEB-{number}"), "aliasType": "SELLER_ORDER_ID" }],
        "createdTime": created, "lastUpdatedTime": created, "programs": ["PRIME"],
        "salesChannel": { "channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER",
            "marketplaceName": "Amazon.com" },
        "buyer": { "buyerName": "Robin Example",
            "buyerEmail": format!("a{number}@marketplace.amazon.com") },
        "recipient": { "deliveryAddress": { "name": "Robin Example", "companyName": "",
            "addressLine1": "1 Example Street", "addressLine2": "", "addressLine3": "",
            "city": city, "districtOrCounty": "", "stateOrRegion": state, "municipality": "",
            "postalCode": zip, "countryCode": "US", "phone": "+1 202 555 0142",
            "addressType": "RESIDENTIAL" } },
        "proceeds": { "grandTotal": usd(total) },
        "fulfillment": { "fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT",
            "fulfillmentServiceLevel": "STANDARD",
            "shipByWindow": { "earliestDateTime": created, "latestDateTime": created },
            "deliverByWindow": { "earliestDateTime": created, "latestDateTime": created } },
        "orderItems": items,
    })
}

struct Line {
    quantity: u64,
    price: u64,
    discount: u64,
    shipping: u64,
    product: u64,
}

impl Line {
    fn roll(dice: &mut fastrand::Rng) -> Self {
        let price = dice.u64(500..9_000);
        Self {
            quantity: dice.u64(1..4),
            price,
            discount: if dice.u8(0..4) == 0 { price / 10 } else { 0 },
            shipping: dice.u64(0..2) * 499,
            product: dice.u64(1..900),
        }
    }

    fn goods(&self) -> u64 {
        self.price * self.quantity
    }

    fn tax(&self) -> u64 {
        (self.goods() - self.discount) * 8 / 100
    }

    fn total(&self) -> u64 {
        self.goods() + self.shipping + self.tax() - self.discount
    }

    fn title(&self) -> String {
        format!(
            "Example Tea | Organic green tea no. {}, loose leaf, 100 g, in a tin with a spoon",
            self.product
        )
    }

    fn json(&self, order: u32, place: usize) -> Value {
        json!({
            "orderItemId": format!("{:012}{place:02}", order), "quantityOrdered": self.quantity,
            "measurement": { "unit": "COUNT", "value": 1 },
            "product": { "asin": format!("B0{:08}", self.product), "title": self.title(),
                "sellerSku": format!("TEA-{:04}-100G", self.product),
                "condition": { "conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": "" },
                "price": { "unitPrice": usd(self.price) } },
            "proceeds": { "proceedsTotal": usd(self.total()), "breakdowns": [
                { "type": "ITEM", "subtotal": usd(self.goods()) },
                { "type": "SHIPPING", "subtotal": usd(self.shipping) },
                { "type": "TAX", "subtotal": usd(self.tax()),
                  "detailedBreakdowns": [{ "subtype": "ITEM", "value": usd(self.tax()) }] },
                { "type": "DISCOUNT", "subtotal": usd(self.discount) },
            ] },
            "fulfillment": { "quantityFulfilled": 0, "quantityUnfulfilled": self.quantity },
            "tax": { "taxCollections": [{ "model": "MarketplaceFacilitator",
                "responsibleParty": "Amazon Services, Inc." }] },
        })
    }
}

const HEADER: &str = "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\t\
    order-status\tfulfillment-channel\tsales-channel\torder-channel\turl\tship-service-level\t\
    product-name\tsku\tasin\tnumber-of-items\titem-status\ttax-collection-model\t\
    tax-collection-responsible-party\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\t\
    shipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\t\
    address-type\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tcpf\t\
    is-business-order\tpurchase-order-number\tprice-designation\tis-replacement-order\t\
    original-order-id\torder-invoice-type\tis-iba";

/// Writes a report of so many orders with 1 to 3 rows; those of every hundredth order stand apart.
pub(super) fn write_report(file: &Path, orders: u32) -> Result<(), String> {
    let shown = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut dice = fastrand::Rng::with_seed(20_261_124);
    let mut out = BufWriter::new(File::create(file).map_err(shown)?);
    writeln!(out, "{HEADER}").map_err(shown)?;
    let mut later = Vec::new();
    for number in 0..orders {
        let (city, state, zip) = CITIES
            .get(dice.usize(..CITIES.len()))
            .unwrap_or(&("", "", ""));
        let time = time(&mut dice).replace('Z', "+00:00");
        for place in 0..dice.u32(1..4) {
            let line = Line::roll(&mut dice);
            let discount = if line.discount > 0 {
                cents(line.discount)
            } else {
                String::new()
            };
            let promotion = if line.discount > 0 {
                "PLM-4f1c7a2e-0000-0000"
            } else {
                ""
            };
            let row = format!(
                "{id}\t{id}\t{time}\t{time}\tShipped\tMerchant\tAmazon.com\t\t\tStandard\t{title}\t\
                 TEA-{product:04}-100G\tB0{product:08}\t\tShipped\tMarketplaceFacilitator\t\
                 Amazon Services, Inc.\t{quantity}\tUSD\t{goods}\t{tax}\t{shipping}\t0.0\t\t\t{discount}\t\t\
                 Residential\t{city}\t{state}\t{zip}\tUS\t{promotion}\t\tfalse\t\t\tfalse\t\t\tfalse",
                id = id(number),
                title = line.title(),
                product = line.product,
                quantity = line.quantity,
                goods = cents(line.goods()),
                tax = cents(line.tax()),
                shipping = cents(line.shipping),
            );
            if place > 0 && number % 100 == 0 {
                later.push((number + 1_000, row));
            } else {
                writeln!(out, "{row}").map_err(shown)?;
            }
        }
        while later.first().is_some_and(|(due, _)| *due <= number) {
            let (_, row) = later.remove(0);
            writeln!(out, "{row}").map_err(shown)?;
        }
    }
    for (_, row) in later {
        writeln!(out, "{row}").map_err(shown)?;
    }
    out.flush().map_err(shown)
}

fn id(number: u32) -> String {
    format!("111-{:07}-{:07}", number % 10_000_000, 7_654_321)
}

fn time(dice: &mut fastrand::Rng) -> String {
    format!(
        "2026-11-{:02}T{:02}:{:02}:30Z",
        dice.u8(1..29),
        dice.u8(0..24),
        dice.u8(0..60)
    )
}

fn usd(amount: u64) -> Value {
    json!({ "amount": cents(amount), "currencyCode": "USD" })
}

fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}
