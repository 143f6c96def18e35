//! Changes to JSON bodies: one place is changed, all else stays as it was, digit for digit.

use std::fmt::Write as _;

use orderbridge_event::tree::{Fields, Tree};

use crate::json::{Layout, write};

/// A place in a document: at each level the number of the field or element. The root is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot(Vec<usize>);

impl Spot {
    /// The whole document.
    pub const ROOT: Self = Self(Vec::new());

    fn below(&self, place: usize) -> Self {
        let mut places = self.0.clone();
        places.push(place);
        Self(places)
    }
}

/// All places of a document for which the function says yes, in the order they are written.
pub fn spots(tree: &Tree<'_>, wanted: impl Fn(&Tree<'_>) -> bool) -> Vec<Spot> {
    let mut found = Vec::new();
    collect(tree, &Spot::ROOT, &wanted, &mut found);
    found
}

/// The places of all values that stand in an object: those that a key can be taken away from.
pub fn fields(tree: &Tree<'_>) -> Vec<Spot> {
    let objects = spots(tree, |value| matches!(value, Tree::Object(_)));
    let of = |object: &Spot| match value_at(tree, object) {
        Some(Tree::Object(fields)) => (0..fields.len()).map(|n| object.below(n)).collect(),
        _ => Vec::new(),
    };
    objects.iter().flat_map(of).collect()
}

fn collect(tree: &Tree<'_>, at: &Spot, wanted: &impl Fn(&Tree<'_>) -> bool, found: &mut Vec<Spot>) {
    if wanted(tree) {
        found.push(at.clone());
    }
    match tree {
        Tree::Object(fields) => {
            for (place, (_, value)) in fields.iter().enumerate() {
                collect(value, &at.below(place), wanted, found);
            }
        }
        Tree::List(items) => {
            for (place, item) in items.iter().enumerate() {
                collect(item, &at.below(place), wanted, found);
            }
        }
        _ => {}
    }
}

/// The value at a place.
pub fn value_at<'t, 'a>(tree: &'t Tree<'a>, spot: &Spot) -> Option<&'t Tree<'a>> {
    spot.0.iter().try_fold(tree, |value, place| match value {
        Tree::Object(fields) => fields.get(*place).map(|(_, value)| value),
        Tree::List(items) => items.get(*place),
        _ => None,
    })
}

/// A place as a person reads it: `line_items[2].price`; the whole document is `$`.
pub fn path(tree: &Tree<'_>, spot: &Spot) -> String {
    let mut path = String::new();
    let mut value = Some(tree);
    for place in &spot.0 {
        value = match value {
            Some(Tree::Object(fields)) => fields.get(*place).map(|(key, value)| {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
                value
            }),
            Some(Tree::List(items)) => {
                let _ = write!(path, "[{place}]");
                items.get(*place)
            }
            _ => None,
        };
    }
    if path.is_empty() {
        path.push('$');
    }
    path
}

/// The key that a place stands under; the one of its list for an element. Empty at the root.
pub fn key<'t>(tree: &'t Tree<'_>, spot: &Spot) -> &'t str {
    let mut key = "";
    let mut value = Some(tree);
    for place in &spot.0 {
        value = match value {
            Some(Tree::Object(fields)) => fields.get(*place).map(|(name, value)| {
                key = name;
                value
            }),
            Some(Tree::List(items)) => items.get(*place),
            _ => None,
        };
    }
    key
}

/// The body with white space everywhere.
pub fn spaced(tree: &Tree<'_>) -> Vec<u8> {
    write(tree, Layout::Airy)
}

/// The body without any white space.
pub fn dense(tree: &Tree<'_>) -> Vec<u8> {
    write(tree, Layout::Dense)
}

/// The body with each character of its strings and keys as an escape.
pub fn escaped(tree: &Tree<'_>) -> Vec<u8> {
    write(tree, Layout::Escaped)
}

/// The body with the keys of each object in another order. Lists keep theirs.
pub fn reordered(tree: &Tree<'_>, order: Order) -> Vec<u8> {
    let mut tree = tree.clone();
    reorder(&mut tree, order);
    dense(&tree)
}

/// An order of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The last key first.
    Reversed,
    /// As in the alphabet.
    Sorted,
    /// The second half before the first, so that neither end stays where it was.
    Turned,
}

impl Order {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Reversed, Self::Sorted, Self::Turned];
}

fn reorder(tree: &mut Tree<'_>, order: Order) {
    match tree {
        Tree::Object(fields) => {
            match order {
                Order::Reversed => fields.reverse(),
                Order::Sorted => fields.sort_by(|left, right| left.0.cmp(&right.0)),
                Order::Turned => {
                    let half = fields.len() / 2;
                    fields.rotate_left(half);
                }
            }
            for (_, value) in fields {
                reorder(value, order);
            }
        }
        Tree::List(items) => items.iter_mut().for_each(|item| reorder(item, order)),
        _ => {}
    }
}

/// The body with one more field in the object at a place, before all others or after them.
pub fn with_field<'a>(
    tree: &Tree<'a>,
    object: &Spot,
    (key, value): (&str, Tree<'a>),
    end: End,
) -> Vec<u8> {
    changed(tree, object, |found| {
        if let Tree::Object(fields) = found {
            let field = (key.to_owned(), value);
            match end {
                End::First => fields.insert(0, field),
                End::Last => fields.push(field),
            }
        }
    })
}

/// An end of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Before all other fields.
    First,
    /// After all other fields.
    Last,
}

/// The body without the field at a place.
pub fn without(tree: &Tree<'_>, field: &Spot) -> Vec<u8> {
    let Some((place, object)) = field.0.split_last() else {
        return dense(tree);
    };
    changed(tree, &Spot(object.to_vec()), |found| {
        if let Tree::Object(fields) = found {
            remove(fields, *place);
        }
    })
}

fn remove(fields: &mut Fields<'_>, place: usize) {
    if place < fields.len() {
        fields.remove(place);
    }
}

/// The body with another value at a place.
pub fn replaced<'a>(tree: &Tree<'a>, spot: &Spot, value: Tree<'a>) -> Vec<u8> {
    changed(tree, spot, |found| *found = value)
}

/// The body with `null` at a place.
pub fn nulled(tree: &Tree<'_>, spot: &Spot) -> Vec<u8> {
    replaced(tree, spot, Tree::Null)
}

/// The first bytes of a body.
pub fn truncated(body: &[u8], length: usize) -> &[u8] {
    body.get(..length).unwrap_or(body)
}

fn changed<'a>(tree: &Tree<'a>, spot: &Spot, change: impl FnOnce(&mut Tree<'a>)) -> Vec<u8> {
    let mut tree = tree.clone();
    let found = spot
        .0
        .iter()
        .try_fold(&mut tree, |value, place| match value {
            Tree::Object(fields) => fields.get_mut(*place).map(|(_, value)| value),
            Tree::List(items) => items.get_mut(*place),
            _ => None,
        });
    if let Some(found) = found {
        change(found);
    }
    dense(&tree)
}
