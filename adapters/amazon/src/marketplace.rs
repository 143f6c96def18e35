//! Amazon's marketplaces, and whether prices in them include tax.
//!
//! No field of an order says whether its prices include tax: it is a fact about the marketplace.
//! <https://developer-docs.amazon.com/sp-api/docs/marketplace-ids>

use orderbridge_event::{Options, Text};

use crate::model::SoldAt;

/// A marketplace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marketplace {
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    pub id: &'static str,
    /// What orders and reports call it.
    pub text: &'static str,
    /// Whether the price of an item holds the tax on it.
    pub tax_in_price: bool,
}

const fn row(
    country: &'static str,
    id: &'static str,
    text: &'static str,
    tax_in_price: bool,
) -> Marketplace {
    Marketplace {
        country,
        id,
        text,
        tax_in_price,
    }
}

/// Sources disagree about Mexico: large integrations say that tax comes on top.
static MARKETPLACES: &[Marketplace] = &[
    row("US", "ATVPDKIKX0DER", "Amazon.com", false),
    row("CA", "A2EUQ1WTGCTBG2", "Amazon.ca", false),
    row("MX", "A1AM78C64UM0Y8", "Amazon.com.mx", false),
    row("BR", "A2Q3Y263D00KWC", "Amazon.com.br", true),
    row("GB", "A1F83G8C2ARO7P", "Amazon.co.uk", true),
    row("DE", "A1PA6795UKMFR9", "Amazon.de", true),
    row("FR", "A13V1IB3VIYZZH", "Amazon.fr", true),
    row("IT", "APJ6JRA9NG5V4", "Amazon.it", true),
    row("ES", "A1RKKUPIHCS9HS", "Amazon.es", true),
    row("NL", "A1805IZSGTT6HS", "Amazon.nl", true),
    row("BE", "AMEN7PMS3EDWL", "Amazon.com.be", true),
    row("IE", "A28R8C7NBKEWEA", "Amazon.ie", true),
    row("SE", "A2NODRKZP88ZB9", "Amazon.se", true),
    row("PL", "A1C3SOZRARQ6R3", "Amazon.pl", true),
    row("TR", "A33AVAJ2PDY3EV", "Amazon.com.tr", true),
    row("AE", "A2VIGQ35RCS4UG", "Amazon.ae", true),
    row("SA", "A17E79C6D8DWNP", "Amazon.sa", true),
    row("EG", "ARBP9OOSHTCHU", "Amazon.eg", true),
    row("IN", "A21TJRUUN4KGV", "Amazon.in", true),
    row("ZA", "AE08WJ6YKNBMC", "Amazon.co.za", true),
    row("JP", "A1VC38T7YXB528", "Amazon.co.jp", true),
    row("AU", "A39IBJ37TRP1C6", "Amazon.com.au", true),
    row("SG", "A19VAU5U5O7RUS", "Amazon.sg", true),
];

/// The part of the world whose endpoint serves a marketplace. One refresh token is good for one.
pub(crate) fn region(country: &str) -> &'static str {
    match country {
        "US" | "CA" | "MX" | "BR" => "na",
        "JP" | "AU" | "SG" => "fe",
        _ => "eu",
    }
}

/// Finds a marketplace by its country or its id.
pub(crate) fn named(name: &str) -> Option<&'static Marketplace> {
    let country = if name.eq_ignore_ascii_case("UK") {
        "GB"
    } else {
        name
    };
    MARKETPLACES
        .iter()
        .find(|known| known.country.eq_ignore_ascii_case(country) || known.id == name)
}

/// The ids of all marketplaces of a region.
pub(crate) fn all_of(wanted: &str) -> Vec<String> {
    let served = MARKETPLACES
        .iter()
        .filter(|it| region(it.country) == wanted);
    served.map(|it| it.id.to_owned()).collect()
}

/// Finds the marketplace of an order: by its id, or by its name, since reports have no id.
pub(crate) fn of(sold_at: &SoldAt) -> Option<&'static Marketplace> {
    let by_id = sold_at
        .marketplace_id
        .as_ref()
        .and_then(|id| MARKETPLACES.iter().find(|known| known.id == id.as_str()));
    by_id.or_else(|| {
        let text = sold_at.text.as_ref()?;
        MARKETPLACES
            .iter()
            .find(|known| known.text.eq_ignore_ascii_case(text.as_str()))
    })
}

/// Whether prices include tax: as the configuration says, by country, id or name, else as the
/// table does. `None` for a marketplace that is in neither.
pub(crate) fn tax_in_price(
    sold_at: &SoldAt,
    known: Option<&Marketplace>,
    options: &Options,
) -> Option<bool> {
    let of_table = known.map(|known| known.tax_in_price);
    if options.tax_in_price.is_empty() {
        return of_table;
    }
    let own = [sold_at.marketplace_id.as_ref(), sold_at.text.as_ref()];
    let own = own.into_iter().flatten().map(Text::as_str);
    let names: Vec<&str> = own
        .chain(known.map(|known| known.country))
        .chain(known.map(|known| known.id))
        // What Amazon itself calls it.
        .chain(known.filter(|known| known.country == "GB").map(|_| "UK"))
        .collect();
    let configured = options
        .tax_in_price
        .iter()
        .find(|(key, _)| names.iter().any(|name| name.eq_ignore_ascii_case(key)));
    configured.map(|(_, answer)| *answer).or(of_table)
}

#[cfg(test)]
mod tests {
    use orderbridge_event::CountryCode;

    use super::*;

    fn sold_at(id: &str, text: &str) -> SoldAt {
        SoldAt {
            name: None,
            text: Text::new(text),
            marketplace_id: Text::new(id),
        }
    }

    #[test]
    fn each_is_found_by_id_and_by_any_spelling_of_its_name() {
        for known in MARKETPLACES {
            assert_eq!(of(&sold_at(known.id, "")), Some(known));
            assert_eq!(of(&sold_at("", &known.text.to_uppercase())), Some(known));
            assert!(CountryCode::parse(known.country).is_some());
        }
        assert_eq!(of(&sold_at("A1", "Non-Amazon")), None);
    }

    #[test]
    fn the_configuration_goes_before_the_table() {
        let mexico = sold_at("A1AM78C64UM0Y8", "");
        let known = of(&mexico);
        let asked = |key: &str| {
            let mut options = Options::default();
            options.tax_in_price.insert(key.to_owned(), true);
            tax_in_price(&mexico, known, &options)
        };
        assert_eq!(
            tax_in_price(&mexico, known, &Options::default()),
            Some(false)
        );
        assert_eq!(asked("MX"), Some(true));
        assert_eq!(asked("A1AM78C64UM0Y8"), Some(true));
        assert_eq!(asked("DE"), Some(false));
        let new = sold_at("ANEW", "Amazon.example");
        assert_eq!(tax_in_price(&new, None, &Options::default()), None);
    }
}
