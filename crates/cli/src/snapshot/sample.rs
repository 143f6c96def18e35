//! A sample of stored payloads in which what is rare has a place as well.

use std::collections::{BTreeMap, BTreeSet};

use orderbridge_core::store::PayloadId;
use orderbridge_event::tree::Tree;

use super::picture::{Lines, canonical};
use crate::meaning::Seen;
use crate::stored::Stored;

/// What a payload is an example of: source, topic, and what becomes of it.
pub(super) fn kind(stored: &Stored, lines: &Lines) -> String {
    let outcomes = lines.lines.iter().filter_map(|line| {
        let tree: Tree<'_> = canonical(line)?;
        Some(Seen::new(&tree).kind())
    });
    let outcomes: Vec<String> = outcomes.collect();
    format!(
        "{} {} {}",
        stored.raw.source,
        stored.raw.topic,
        outcomes.join(" ")
    )
}

/// So many of them: of each kind in turn the latest that is left.
pub(super) fn spread(all: Vec<(PayloadId, String)>, most: usize) -> BTreeSet<PayloadId> {
    let mut kinds: BTreeMap<String, Vec<PayloadId>> = BTreeMap::new();
    for (id, kind) in all {
        kinds.entry(kind).or_default().push(id);
    }
    let mut chosen = BTreeSet::new();
    while chosen.len() < most {
        let before = chosen.len();
        for left in kinds.values_mut() {
            if chosen.len() < most {
                chosen.extend(left.pop());
            }
        }
        if chosen.len() == before {
            break;
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rare_is_in_the_sample() {
        let kind = |id: i64| if id == 7 { "pos" } else { "web" };
        let all = (1..=100).map(|id| (PayloadId::new(id), kind(id).to_owned()));
        let chosen = spread(all.collect(), 3);
        let expected = [7, 99, 100].map(PayloadId::new);
        assert_eq!(chosen, BTreeSet::from(expected));
        let few = spread(vec![(PayloadId::new(1), String::new())], 50);
        assert_eq!(few.len(), 1);
    }
}
