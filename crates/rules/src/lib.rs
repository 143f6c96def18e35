#![doc = include_str!("../README.md")]

mod action;
mod apply;
mod condition;
mod exclude;
mod expression;
mod field;
mod mistake;
mod operator;
mod reader;
mod rule;
mod set;
mod template;
mod view;

pub use action::ActionKind;
pub use apply::{Dropped, Hit, Ruled, Told};
pub use exclude::{Exclude, Exclusion};
pub use expression::FUNCTIONS;
pub use field::{Field, Shape};
pub use mistake::{Mistake, did_you_mean, nearest};
pub use operator::Operator;
pub use reader::{Names, Node};
pub use rule::{RULE_KEYS, Verdict};
pub use set::{By, RuleSet, Rules, short_hash};
