//! Purchases that would count twice, and what avoids it.
//!
//! Converge drops a repeated event inside one of its sources only, so exactly one may send
//! `Placed Order` for a purchase: a source of ours, of the shop or of the tool, or one of its own.

use orderbridge_event::{Mode, Profile, Role};

use crate::config::{Config, DoubleCounting, Native, Severity, SourceConfig};

/// Something that counts twice: how bad it is, the key it is about, and the message.
pub(super) type Double = (Severity, String, String);

/// All that would count twice with a configuration, as far as that tells.
pub(super) fn counted_twice(config: &Config) -> Vec<Double> {
    let sources: Vec<Known<'_>> = config
        .sources
        .iter()
        .filter_map(|(name, source)| Known::of(config, name, source))
        .collect();
    let mut found = Vec::new();
    for (place, source) in sources.iter().enumerate() {
        found.extend(source.beside_its_own_native());
        match source.profile.role {
            Role::Store | Role::Marketplace => {}
            Role::Subscriptions { mode, .. } => {
                let mode = source.config.options.mode.unwrap_or(mode);
                source.tool(mode, &sources, &mut found);
            }
        }
        let later = sources.iter().skip(place + 1);
        found.extend(later.filter_map(|other| source.same_account(other)));
    }
    imported_orders(&sources, &mut found);
    found
}

/// A source whose platform is known.
struct Known<'a> {
    name: &'a str,
    config: &'a SourceConfig,
    profile: &'static Profile,
    destination: &'a str,
    /// Converge's own sources beside its destination.
    natives: &'a [Native],
}

impl<'a> Known<'a> {
    fn of(config: &'a Config, name: &'a str, source: &'a SourceConfig) -> Option<Self> {
        let platform = orderbridge_registry::find(&source.platform)?;
        let destination = source.destination.as_deref()?;
        let natives = config.destinations.get(destination);
        Some(Self {
            name,
            config: source,
            profile: platform.adapter.profile(),
            destination,
            natives: natives.map_or(&[], |it| it.natives.as_slice()),
        })
    }

    fn is_accepted(&self) -> bool {
        self.config.intake.double_counting == DoubleCounting::Accept
    }

    /// What keeps the connector from starting, unless the source says that it is wanted.
    fn refusal(&self, key: &str, message: &str) -> Double {
        let path = format!("sources.{}.{key}", self.name);
        if self.is_accepted() {
            (Severity::Warning, path, message.to_owned())
        } else {
            let message = format!(
                "{message}. If they tell of different purchases, double_counting = \"accept\" in \
                 sources.{} lets it start",
                self.name
            );
            (Severity::Mistake, path, message)
        }
    }

    fn warning(&self, key: &str, message: String) -> Option<Double> {
        let path = format!("sources.{}.{key}", self.name);
        (!self.is_accepted()).then_some((Severity::Warning, path, message))
    }

    /// Converge's own source for this platform sends the same events.
    fn beside_its_own_native(&self) -> Option<Double> {
        let platform = self.config.platform.as_str();
        let native = self.natives.iter().find(|it| it.name() == platform)?;
        let message = format!(
            "sources.{}: Converge's own {} source, which native_sources of destinations.{} names, \
             sends the same events: each counts twice. No mode avoids that; take one of the two \
             away",
            self.name,
            native.title(),
            self.destination
        );
        Some(self.refusal("platform", &message))
    }

    /// A subscription tool, and the shop whose orders it sees a second time.
    fn tool(&self, mode: Mode, sources: &[Known<'_>], found: &mut Vec<Double>) {
        let Self {
            name, destination, ..
        } = self;
        let is_store = |it: &&Known<'_>| matches!(it.profile.role, Role::Store);
        let stores = || sources.iter().filter(is_store);
        let beside = || stores().filter(|it| it.destination == self.destination);
        let natives = self.natives.iter().filter(|it| it.owns_orders());
        match mode {
            Mode::Standalone => {
                for store in beside() {
                    let message = format!(
                        "sources.{name}: in mode \"standalone\" it sends Placed Order, and \
                         sources.{} sends Placed Order of the same purchases to \
                         destinations.{destination}: each counts twice. mode = \
                         \"both_through_us\" in both sources leaves one",
                        store.name
                    );
                    found.push(self.refusal("mode", &message));
                }
                for native in natives {
                    let message = format!(
                        "sources.{name}: in mode \"standalone\" it sends Placed Order, and so does \
                         Converge's own {} source, which native_sources of \
                         destinations.{destination} names: each purchase counts twice. mode = \
                         \"beside_store\" leaves the orders to the shop",
                        native.title()
                    );
                    found.push(self.refusal("mode", &message));
                }
            }
            Mode::BesideStore => {
                found.extend(beside().filter_map(|store| self.starts_twice(store)));
            }
            Mode::BothThroughUs => {
                if beside().next().is_none() {
                    let message = format!(
                        "sources.{name}: in mode \"both_through_us\" the shop's orders come \
                         through OrderBridge, and no shop's source delivers to \
                         destinations.{destination}. Where the shop has a source of Converge's \
                         own, mode = \"beside_store\" is meant"
                    );
                    found.extend(self.warning("mode", message));
                }
                for store in beside() {
                    found.extend(self.other_ids(store));
                    found.extend(self.starts_twice(store));
                }
            }
        }
    }

    fn knows_store_orders(&self) -> bool {
        let role = self.profile.role;
        matches!(role, Role::Subscriptions { knows_store_orders, .. } if knows_store_orders)
    }

    /// The shop's source tells of subscriptions that start unless it is told that the tool does.
    fn starts_twice(&self, store: &Known<'_>) -> Option<Double> {
        if store.config.options.mode == Some(Mode::BothThroughUs) {
            return None;
        }
        let message = format!(
            "sources.{}: it sends Started Subscription of first orders, and sources.{} sends it of \
             the same subscriptions. mode = \"both_through_us\" here leaves it to the tool",
            store.name, self.name
        );
        store.warning("mode", message)
    }

    /// One purchase is one event only under one id.
    fn other_ids(&self, store: &Known<'_>) -> Option<Double> {
        let (own, its) = (&self.config.options, &store.config.options);
        if own.event_id_prefix == its.event_id_prefix || !self.knows_store_orders() {
            return None;
        }
        let message = format!(
            "sources.{}: in mode \"both_through_us\" its orders have the ids of sources.{}, but \
             event_id_prefix differs: each purchase counts twice. Write the same event_id_prefix \
             in both sources",
            self.name, store.name
        );
        Some(self.refusal("event_id_prefix", &message))
    }

    /// Two sources that share a secret may be one account: its events have one id each, which
    /// tells a repetition only inside one destination.
    fn same_account(&self, other: &Known<'_>) -> Option<Double> {
        let (left, right) = (self.config, other.config);
        let shared = left
            .webhook_secrets
            .iter()
            .any(|secret| right.webhook_secrets.contains(secret));
        let differs = if self.destination != other.destination {
            "to two destinations"
        } else if left.options.event_id_prefix != right.options.event_id_prefix {
            "under two prefixes of ids"
        } else {
            return None;
        };
        if left.platform != right.platform || !shared || self.is_accepted() {
            return None;
        }
        let message = format!(
            "sources.{}: it has a secret of sources.{}. If both are one {} account, its events are \
             sent {differs} and count twice; take one of the two sources away",
            other.name, self.name, self.profile.title
        );
        other.warning("webhook_secrets", message)
    }
}

/// A shop may import the orders of a marketplace, with a `source_name` of its own such as `amazon`.
fn imported_orders(sources: &[Known<'_>], found: &mut Vec<Double>) {
    let of = |role: fn(Role) -> bool| sources.iter().filter(move |it| role(it.profile.role));
    for marketplace in of(|role| matches!(role, Role::Marketplace)) {
        let (name, title) = (marketplace.name, marketplace.profile.title);
        for shop in of(|role| matches!(role, Role::Store)) {
            let message = format!(
                "sources.{}: if this shop imports orders from {title}, they are counted twice, \
                 since sources.{name} tells of them as well. Let one of the two tell: end the \
                 import in the shop, or take sources.{name} away",
                shop.name
            );
            found.extend(shop.warning("platform", message));
        }
        for native in marketplace.natives.iter().filter(|it| it.owns_orders()) {
            let message = format!(
                "sources.{name}: if the shop behind Converge's own {} source imports orders from \
                 {title}, they are counted twice. Let one of the two tell: end the import in the \
                 shop, leave such orders out there, or take sources.{name} away",
                native.title()
            );
            found.extend(marketplace.warning("platform", message));
        }
    }
}
