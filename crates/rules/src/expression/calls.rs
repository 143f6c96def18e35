//! Looks through what is done with values: comparisons, money, lists, patterns.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr};

use super::check::Walk;
use super::functions::scaled;
use super::kind::Kind;
use super::literals;
use crate::field::Field;

impl<'a> Walk<'a> {
    pub(super) fn money(&mut self, id: u64, call: &'a CallExpr) -> Kind {
        let [argument] = call.args.as_slice() else {
            self.mistake("money() reads one text, as in money(\"1.00\")");
            return Kind::Money;
        };
        let kind = self.expr(argument);
        self.place(id);
        if let Some(text) = literals::text(argument) {
            if scaled(text).is_none() {
                self.mistake(format!("{text:?} is not an amount such as \"1.00\""));
            }
        } else if !matches!(kind, Kind::Amount | Kind::Text(_) | Kind::Unknown) {
            let what = kind.as_str();
            self.mistake(format!(
                "money() reads text, not {what}: write money(\"1.00\")"
            ));
        }
        Kind::Money
    }

    pub(super) fn same_kind(&mut self, kinds: &[Kind]) {
        let [left, right] = kinds else { return };
        if !left.is_other_than(*right) {
            return;
        }
        let message = match (left, right) {
            (Kind::Money, _) | (_, Kind::Money) => {
                "money goes with money only, as in money(\"100.00\")".to_owned()
            }
            (Kind::Text(_), Kind::Number) | (Kind::Number, Kind::Text(_)) => {
                "text is compared with a number, which it never is: write the number in quotes"
                    .to_owned()
            }
            (left, right) => format!("{} never is {}", left.as_str(), right.as_str()),
        };
        self.mistake(message);
    }

    /// A field that has few values is not compared with others.
    pub(super) fn known_value(&mut self, kinds: &[Kind], arguments: &[IdedExpr]) {
        for (kind, other) in kinds.iter().zip(arguments.iter().rev()) {
            if let (Kind::Text(Some(field)), Some(text)) = (kind, literals::text(other)) {
                self.place(other.id);
                self.value_of(*field, text);
            }
        }
    }

    pub(super) fn is_in(&mut self, kinds: &[Kind], arguments: &[IdedExpr]) {
        let ([left, right], [wanted, among]) = (kinds, arguments) else {
            return;
        };
        match right {
            Kind::List(Some(field)) => {
                if let Some(text) = literals::text(wanted) {
                    self.place(wanted.id);
                    self.value_of(*field, text);
                }
            }
            Kind::List(None) => {
                if let (Kind::Text(Some(field)), Expr::List(list)) = (left, &among.expr) {
                    for element in &list.elements {
                        if let Some(text) = literals::text(element) {
                            self.place(element.id);
                            self.value_of(*field, text);
                        }
                    }
                }
            }
            Kind::Table(_) | Kind::Unknown => {}
            other => {
                let what = other.as_str();
                self.mistake(format!("`in` looks into a list, not into {what}"));
            }
        }
    }

    pub(super) fn value_of(&mut self, field: Field, text: &str) {
        if let Some(message) = literals::wrong_value(field, text, self.names) {
            self.mistake(message);
        }
    }

    pub(super) fn pattern(&mut self, call: &'a CallExpr) {
        let pattern = call.args.last().and_then(literals::text);
        let outcome = match pattern {
            None => Err("the pattern of matches() has to be written out".to_owned()),
            Some(pattern) => self.patterns.add(pattern),
        };
        if let Err(message) = outcome {
            self.mistake(message);
        }
    }
}
