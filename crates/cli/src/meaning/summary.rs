//! The changes of many orders, the equal ones together.

use std::collections::BTreeSet;

use orderbridge_event::Amount;

use super::change::Change;

/// What changed, and in which orders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    first: Change,
    is_uniform: bool,
    /// The sums, where it is about money.
    before: Option<Amount>,
    after: Option<Amount>,
    orders: BTreeSet<String>,
}

impl Summary {
    /// Adds a change of an order.
    pub(crate) fn add(&mut self, order: &str, change: Change) {
        let known = self
            .groups
            .iter_mut()
            .find(|group| is_alike(&group.first, &change));
        let (before, after) = amounts(&change);
        let Some(group) = known else {
            self.groups.push(Group {
                first: change,
                is_uniform: true,
                before,
                after,
                orders: BTreeSet::from([order.to_owned()]),
            });
            return;
        };
        group.is_uniform &= group.first == change;
        if group.orders.insert(order.to_owned()) {
            let sum = |one: Option<Amount>, other: Option<Amount>| match (one, other) {
                (Some(one), Some(other)) => one.plus(other),
                (one, other) => one.or(other),
            };
            group.before = sum(group.before, before);
            group.after = sum(group.after, after);
        }
    }

    /// Each kind of change, without the number of orders.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        self.groups.iter().map(Group::words)
    }

    /// A sentence for each kind of change and the orders it is about, the most frequent first.
    pub(crate) fn sentences(&self) -> Vec<(String, Vec<&str>)> {
        let mut groups: Vec<&Group> = self.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.orders.len()));
        groups
            .into_iter()
            .map(|group| {
                let orders: Vec<&str> = group.orders.iter().map(String::as_str).collect();
                let count = counted(orders.len(), "order");
                (format!("{count}: {}", group.words()), orders)
            })
            .collect()
    }
}

/// Whether two changes are told together.
fn is_alike(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (Change::Words(one), Change::Words(other)) | (Change::Field(one), Change::Field(other)) => {
            one == other
        }
        (Change::Value { what: one, .. }, Change::Value { what: other, .. }) => one == other,
        (
            Change::Amount {
                what: one,
                currency: in_one,
                ..
            },
            Change::Amount {
                what: other,
                currency: in_other,
                ..
            },
        ) => one == other && in_one == in_other,
        _ => false,
    }
}

fn amounts(change: &Change) -> (Option<Amount>, Option<Amount>) {
    match change {
        Change::Amount { before, after, .. } => (*before, *after),
        _ => (None, None),
    }
}

impl Group {
    fn words(&self) -> String {
        match &self.first {
            Change::Value { what, .. } if !self.is_uniform => format!("{what} changed"),
            Change::Amount { what, currency, .. } if !self.is_uniform => {
                let (before, after) = (shown(self.before), shown(self.after));
                format!("{what} {before} → {after} {currency} in all")
            }
            change => change.to_string(),
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words(words) | Self::Field(words) => f.write_str(words),
            Self::Value {
                what,
                before,
                after,
            } => {
                let text = |value: &Option<String>| value.as_deref().unwrap_or("none").to_owned();
                write!(f, "{what} {} → {}", text(before), text(after))
            }
            Self::Amount {
                what,
                before,
                after,
                ..
            } => write!(f, "{what} {} → {}", shown(*before), shown(*after)),
        }
    }
}

fn shown(amount: Option<Amount>) -> String {
    amount.map_or_else(|| "none".to_owned(), |amount| amount.to_string())
}

/// A number and its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
