//! Looks an expression through before it is ever evaluated: names, kinds of values, and what it
//! can cost.

use std::collections::BTreeSet;

use cel::IdedExpr;
use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, SourceInfo};

use super::functions::Patterns;
use super::kind::Kind;
use super::values::{ITEM_FIELDS, Use};
use super::{DEEPEST, FUNCTIONS, Misplaced, literals, names};
use crate::field::{Field, Shape};
use crate::mistake::did_you_mean;
use crate::reader::Names;

/// What was found out about an expression.
pub(super) struct Checked {
    pub(super) uses: Vec<Use>,
    pub(super) patterns: Patterns,
}

/// The most additions: each may make a text longer.
const MOST_ADDITIONS: usize = 16;

/// Looks through an expression; all that is wrong with it, if something is.
pub(super) fn check(
    tree: &IdedExpr,
    info: &SourceInfo,
    names: Names<'_>,
) -> Result<Checked, Vec<Misplaced>> {
    let mut walk = Walk {
        info,
        names,
        mistakes: Vec::new(),
        uses: BTreeSet::new(),
        patterns: Patterns::default(),
        variable: None,
        additions: 0,
        depth: 0,
        at: 0,
    };
    let kind = walk.expr(tree);
    if !matches!(kind, Kind::Flag | Kind::Unknown) {
        let message = format!("it gives {}, and not true or false", kind.as_str());
        walk.mistakes.push((0, message));
    }
    if walk.mistakes.is_empty() {
        Ok(Checked {
            uses: walk.uses.into_iter().collect(),
            patterns: walk.patterns,
        })
    } else {
        Err(walk.mistakes)
    }
}

/// A way through an expression.
pub(super) struct Walk<'a> {
    info: &'a SourceInfo,
    pub(super) names: Names<'a>,
    mistakes: Vec<Misplaced>,
    uses: BTreeSet<Use>,
    pub(super) patterns: Patterns,
    /// The variable of the loop around, and what it stands for.
    variable: Option<(&'a str, Kind)>,
    additions: usize,
    depth: usize,
    /// The place of the last expression that has one: what a macro made has none.
    at: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn mistake(&mut self, message: impl Into<String>) {
        self.mistakes.push((self.at, message.into()));
    }

    pub(super) fn place(&mut self, id: u64) {
        if let Some((start, _)) = self.info.offset_for(id) {
            self.at = usize::try_from(start).unwrap_or(self.at);
        }
    }

    pub(super) fn expr(&mut self, expr: &'a IdedExpr) -> Kind {
        self.place(expr.id);
        self.depth += 1;
        let kind = if self.depth > 2 * DEEPEST {
            // Told once, by the expression that is too deep.
            if self.depth == 2 * DEEPEST + 1 {
                self.mistake("it is nested too deeply");
            }
            Kind::Unknown
        } else {
            self.kind(expr)
        };
        self.depth -= 1;
        kind
    }

    fn kind(&mut self, expr: &'a IdedExpr) -> Kind {
        match &expr.expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::List(list) => {
                for element in &list.elements {
                    self.expr(element);
                }
                Kind::List(None)
            }
            Expr::Comprehension(comprehension) => self.comprehension(expr.id, comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.mistake("a rule has no use for objects of its own");
                Kind::Unknown
            }
        }
    }

    fn literal(&mut self, literal: &LiteralValue) -> Kind {
        match literal {
            LiteralValue::String(_) => Kind::Text(None),
            LiteralValue::Int(_) | LiteralValue::UInt(_) => Kind::Number,
            LiteralValue::Boolean(_) => Kind::Flag,
            LiteralValue::Double(_) => {
                self.mistake("numbers with a point are money here, as in money(\"1.50\")");
                Kind::Unknown
            }
            LiteralValue::Null | LiteralValue::Bytes(_) => {
                self.mistake("no field has such a value; ask with has(event.field)");
                Kind::Unknown
            }
        }
    }

    fn ident(&mut self, name: &str) -> Kind {
        if let Some((_, kind)) = self.variable.filter(|(known, _)| *known == name) {
            return kind;
        }
        let message = if name == "event" {
            "event is asked for its fields, as in event.tags".to_owned()
        } else if names().any(|known| known == name) {
            format!("there is no name {name:?} (did you mean event.{name}?)")
        } else {
            let hint = did_you_mean(name, ["event"]);
            format!("there is no name {name:?}{hint}; fields begin with event.")
        };
        self.mistake(message);
        Kind::Unknown
    }

    fn select(&mut self, select: &'a SelectExpr) -> Kind {
        let operand = &select.operand;
        let kind = if matches!(&operand.expr, Expr::Ident(name) if name == "event") {
            self.place(operand.id);
            self.field(&select.field)
        } else {
            match self.expr(operand) {
                Kind::Item => self.item_field(&select.field),
                Kind::Table(Field::Properties) | Kind::Unknown => Kind::Unknown,
                Kind::Table(_) => Kind::Text(None),
                Kind::Items => {
                    let field = &select.field;
                    self.mistake(format!(
                        "items is a list: event.items.exists(item, item.{field} == …)"
                    ));
                    Kind::Unknown
                }
                other => {
                    let field = &select.field;
                    self.mistake(format!("{} has no field {field:?}", other.as_str()));
                    Kind::Unknown
                }
            }
        };
        if select.test { Kind::Flag } else { kind }
    }

    fn field(&mut self, name: &str) -> Kind {
        if name == "items" {
            self.uses.insert(Use::Items);
            return Kind::Items;
        }
        let Some(field) = Field::parse(name).filter(|field| !field.as_str().contains('.')) else {
            let hint = did_you_mean(name, names());
            self.mistake(format!("there is no field {name:?}{hint}"));
            return Kind::Unknown;
        };
        self.uses.insert(Use::Field(field));
        match field.shape() {
            Shape::Tags | Shape::Texts => Kind::List(Some(field)),
            Shape::Money => Kind::Amount,
            Shape::Count => Kind::Number,
            Shape::Flag => Kind::Flag,
            Shape::Named | Shape::Custom => Kind::Table(field),
            Shape::Text
            | Shape::Lower
            | Shape::Platform
            | Shape::Source
            | Shape::Channel
            | Shape::EventName
            | Shape::Country
            | Shape::Currency => Kind::Text(Some(field)),
        }
    }

    fn item_field(&mut self, name: &str) -> Kind {
        match name {
            "price" => Kind::Amount,
            "quantity" => Kind::Number,
            name if ITEM_FIELDS.contains(&name) => Kind::Text(None),
            name => {
                let hint = did_you_mean(name, ITEM_FIELDS.iter().copied());
                self.mistake(format!("an item has no field {name:?}{hint}"));
                Kind::Unknown
            }
        }
    }

    fn call(&mut self, id: u64, call: &'a CallExpr) -> Kind {
        let target = call.target.as_deref();
        let name = call.func_name.as_str();
        if name == "money" {
            return self.money(id, call);
        }
        let mut kinds = Vec::with_capacity(call.args.len() + 1);
        for argument in target.into_iter().chain(&call.args) {
            let kind = self.expr(argument);
            if kind == Kind::Amount {
                self.mistake("an amount is read by money(), as in money(event.total_price)");
                kinds.push(Kind::Unknown);
            } else {
                kinds.push(kind);
            }
        }
        self.place(id);
        let first = kinds.first().copied().unwrap_or(Kind::Unknown);
        match name {
            op::LOGICAL_AND
            | op::LOGICAL_OR
            | op::LOGICAL_NOT
            | "contains"
            | "startsWith"
            | "endsWith" => Kind::Flag,
            op::CONDITIONAL => kinds.get(1).copied().unwrap_or(Kind::Unknown),
            op::EQUALS | op::NOT_EQUALS => {
                self.same_kind(&kinds);
                self.known_value(&kinds, &call.args);
                Kind::Flag
            }
            op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => {
                self.same_kind(&kinds);
                Kind::Flag
            }
            op::ADD => {
                self.additions += 1;
                if self.additions > MOST_ADDITIONS {
                    self.mistake(format!("there are more than {MOST_ADDITIONS} additions"));
                }
                self.same_kind(&kinds);
                first
            }
            op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO => {
                if name == op::SUBSTRACT {
                    self.same_kind(&kinds);
                }
                first
            }
            op::NEGATE => first,
            op::IN => {
                self.is_in(&kinds, &call.args);
                Kind::Flag
            }
            op::INDEX => match first {
                Kind::Items => Kind::Item,
                Kind::List(_) | Kind::Table(Field::NoteAttributes) => Kind::Text(None),
                _ => Kind::Unknown,
            },
            "size" | "int" => Kind::Number,
            "string" => Kind::Text(None),
            "matches" => {
                self.pattern(call);
                Kind::Flag
            }
            other => {
                let hint = did_you_mean(other, FUNCTIONS.iter().copied());
                let known = FUNCTIONS.join(", ");
                self.mistake(format!(
                    "there is no function {other:?}{hint}; there are: {known}"
                ));
                Kind::Unknown
            }
        }
    }

    fn comprehension(&mut self, id: u64, it: &'a ComprehensionExpr) -> Kind {
        let is_nested = self.variable.is_some();
        let range = self.expr(&it.iter_range);
        self.place(id);
        let each = match range {
            Kind::Items => Kind::Item,
            Kind::List(Some(_)) => Kind::Text(None),
            Kind::Unknown => Kind::Unknown,
            _ => {
                self.mistake("only lists of the order are looked through, such as event.items");
                Kind::Unknown
            }
        };
        if is_nested {
            self.mistake("a list is not looked through inside of another one");
            return Kind::Unknown;
        }
        let Some((predicate, is_filter)) = literals::predicate(it) else {
            let known = "exists, exists_one, all, filter";
            self.mistake(format!("lists are looked through with {known}"));
            return Kind::Unknown;
        };
        self.variable = Some((&it.iter_var, each));
        let kind = self.expr(predicate);
        self.variable = None;
        if !matches!(kind, Kind::Flag | Kind::Unknown) {
            self.mistake(format!("it gives {}, and not true or false", kind.as_str()));
        }
        if is_filter {
            Kind::List(None)
        } else {
            Kind::Flag
        }
    }
}
