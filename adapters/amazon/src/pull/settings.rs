//! The keys of a source that reads the Selling Partner API.

use orderbridge_event::{KeyKind, PullKey, PullSettings, WrongKey};

use super::Version;
use super::api::{Credentials, Seller};
use crate::marketplace;

const fn key(
    name: &'static str,
    kind: KeyKind,
    is_required: bool,
    remark: &'static str,
) -> PullKey {
    PullKey {
        name,
        kind,
        is_required,
        remark,
    }
}

pub(super) const KEYS: &[PullKey] = &[
    key(
        "client_id",
        KeyKind::Secret,
        true,
        "the app's LWA client id",
    ),
    key(
        "client_secret",
        KeyKind::Secret,
        true,
        "the app's LWA client secret",
    ),
    key(
        "refresh_token",
        KeyKind::Secret,
        true,
        "what the seller's authorization gave",
    ),
    key(
        "region",
        KeyKind::Text,
        false,
        "na, eu or fe; told by the marketplaces if left out",
    ),
    key(
        "marketplaces",
        KeyKind::List,
        false,
        "countries or ids; all of the region if left out",
    ),
    key(
        "sandbox",
        KeyKind::Switch,
        false,
        "true asks Amazon's sandbox",
    ),
    key(
        "api_version",
        KeyKind::Text,
        false,
        "2026-01-01, or v0 until March 2027",
    ),
    key(
        "restricted_data",
        KeyKind::Switch,
        false,
        "true asks v0 for personal data, by a restricted data token",
    ),
    key(
        "fetch_refunds",
        KeyKind::Switch,
        false,
        "true reads refunds as well; the app needs the role Finance and Accounting",
    ),
    key(
        "api_url",
        KeyKind::Text,
        false,
        "another address than Amazon's, for tests",
    ),
    key(
        "auth_url",
        KeyKind::Text,
        false,
        "another address of the token service, for tests",
    ),
];

const REGIONS: &[&str] = &["na", "eu", "fe"];

/// Reads the keys.
pub(super) fn read(settings: &PullSettings) -> Result<Seller, WrongKey> {
    let marketplaces = settings.list("marketplaces");
    let region = region(settings.text("region"), marketplaces)?;
    let ids: Result<Vec<String>, WrongKey> =
        marketplaces.iter().map(|name| id(name, region)).collect();
    let version = match settings.text("api_version") {
        None | Some("2026-01-01") => Version::V2026,
        Some("v0") => Version::V0,
        Some(_) => {
            return Err(WrongKey::new(
                "api_version",
                "must be one of 2026-01-01, v0",
            ));
        }
    };
    let host = format!("sellingpartnerapi-{region}.amazon.com");
    let url = match (settings.text("api_url"), settings.is_on("sandbox")) {
        (Some(url), _) => address("api_url", url)?,
        (None, true) => format!("https://sandbox.{host}"),
        (None, false) => format!("https://{host}"),
    };
    let tokens_url = match settings.text("api_url") {
        Some(_) => url.clone(),
        None => format!("https://{host}"),
    };
    let auth = settings
        .text("auth_url")
        .unwrap_or("https://api.amazon.com");
    Ok(Seller {
        url,
        auth_url: address("auth_url", auth)?,
        credentials: Credentials {
            client_id: settings.secret("client_id")?,
            client_secret: settings.secret("client_secret")?,
            refresh_token: settings.secret("refresh_token")?,
        },
        region,
        marketplaces: ids?,
        version,
        tokens_url,
        is_restricted: settings.is_on("restricted_data"),
        has_refunds: settings.is_on("fetch_refunds"),
    })
}

fn region(given: Option<&str>, marketplaces: &[String]) -> Result<&'static str, WrongKey> {
    if let Some(given) = given {
        let known = REGIONS.iter().copied().find(|region| *region == given);
        return known.ok_or_else(|| WrongKey::new("region", "must be one of na, eu, fe"));
    }
    let known = marketplaces
        .iter()
        .find_map(|name| marketplace::named(name));
    let known = known.map(|known| marketplace::region(known.country));
    known.ok_or_else(|| {
        WrongKey::new(
            "region",
            "is missing: one of na, eu, fe; or name the marketplaces",
        )
    })
}

fn id(name: &str, region: &str) -> Result<String, WrongKey> {
    if let Some(known) = marketplace::named(name) {
        let own = marketplace::region(known.country);
        if own == region {
            return Ok(known.id.to_owned());
        }
        let what = format!("has {name:?}, which is served by region {own:?}, not {region:?}");
        return Err(WrongKey::new("marketplaces", what));
    }
    // Amazon opens new ones.
    let is_id = name.len() >= 12
        && name
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
    if is_id {
        return Ok(name.to_owned());
    }
    let what = format!("has {name:?}, which is neither a country with Amazon nor an id");
    Err(WrongKey::new("marketplaces", what))
}

fn address(key: &'static str, url: &str) -> Result<String, WrongKey> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(WrongKey::new(
        key,
        "must be a URL such as https://sellingpartnerapi-eu.amazon.com",
    ))
}
