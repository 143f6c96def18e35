//! Stripe's minor units, which are not always those of ISO 4217.
//!
//! <https://docs.stripe.com/currencies>

use orderbridge_event::{Amount, Code, Currency, MapError, Text};

/// Amounts in these are whole units.
const WITHOUT_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Amounts in these are thousandths.
const WITH_THREE: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];

/// Amounts in all others are hundredths. Among them are the Icelandic króna and the Ugandan
/// shilling: they have no decimals any more, and Stripe still counts them in hundredths, which are
/// always 00. Older pages list the shilling among those without decimals.
const USUAL: u32 = 2;

/// A currency and how many decimals Stripe's amounts in it have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) currency: Currency,
    digits: u32,
}

impl Unit {
    /// Reads a currency; Stripe writes them in lower case.
    pub(crate) fn parse(path: &str, text: Option<&Text>) -> Result<Self, MapError> {
        let text = text.ok_or_else(|| MapError::missing(path))?;
        let currency = Currency::parse(text.as_str()).ok_or_else(|| {
            MapError::invalid(Code::CurrencyInvalid, path, "three letters such as eur")
        })?;
        Ok(Self::of(currency))
    }

    fn of(currency: Currency) -> Self {
        let code = currency.as_str();
        let digits = if WITHOUT_DECIMALS.contains(&code) {
            0
        } else if WITH_THREE.contains(&code) {
            3
        } else {
            USUAL
        };
        Self { currency, digits }
    }

    /// An amount of minor units in major ones.
    pub(crate) fn major(self, path: &str, minor: Amount) -> Result<Amount, MapError> {
        minor
            .shifted(self.digits)
            .ok_or_else(|| MapError::invalid(Code::AmountOverflow, path, "fewer digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_stripe_does() {
        let table = [
            ("usd", "4300", "43.00"),
            ("jpy", "500", "500"),
            ("krw", "12000", "12000"),
            ("mga", "900", "900"),
            ("kwd", "5100", "5.100"),
            ("tnd", "1", "0.001"),
            ("isk", "50000", "500.00"),
            ("ugx", "500000", "5000.00"),
            ("huf", "129900", "1299.00"),
            ("twd", "80000", "800.00"),
            ("usd", "0.0004", "0.000004"),
        ];
        for (code, minor, major) in table {
            let unit = Unit::parse("currency", Text::new(code).as_ref()).unwrap();
            let amount = unit.major("total", Amount::parse(minor).unwrap()).unwrap();
            assert_eq!(amount.to_string(), major, "{code}");
        }
    }
}
