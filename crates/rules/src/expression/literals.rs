//! What is written out in an expression.

use cel::IdedExpr;
use cel::common::ast::operators as op;
use cel::common::ast::{ComprehensionExpr, Expr, LiteralValue};
use orderbridge_event::{CountryCode, EventName, Facts, SalesChannel};

use crate::field::{Field, Shape};
use crate::mistake::did_you_mean;
use crate::reader::Names;

/// The text that an expression is, if it is one.
pub(super) fn text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// What a loop asks of each entry, and whether it gives a list; `None` for `map`, which could make
/// anything of it. The shapes are those that the parser expands its macros to.
pub(super) fn predicate(it: &ComprehensionExpr) -> Option<(&IdedExpr, bool)> {
    let Expr::Call(step) = &it.loop_step.expr else {
        return None;
    };
    let is_list = matches!(it.accu_init.expr, Expr::List(_));
    match (step.func_name.as_str(), step.args.as_slice()) {
        (op::LOGICAL_AND | op::LOGICAL_OR, [_, predicate]) => Some((predicate, false)),
        (op::CONDITIONAL, [predicate, ..]) if !is_list => Some((predicate, false)),
        (op::CONDITIONAL, [predicate, taken, _]) => {
            let Expr::Call(taken) = &taken.expr else {
                return None;
            };
            let Some(Expr::List(taken)) = taken.args.last().map(|it| &it.expr) else {
                return None;
            };
            let as_it_is =
                |it: &IdedExpr, name: &str| matches!(&it.expr, Expr::Ident(ident) if ident == name);
            let is_filter = taken.elements.iter().all(|one| as_it_is(one, &it.iter_var));
            is_filter.then_some((predicate, true))
        }
        _ => None,
    }
}

/// What is wrong with a value that a field is compared with, if it can never have it.
pub(super) fn wrong_value(field: Field, text: &str, names: Names<'_>) -> Option<String> {
    let unknown = |what: &str, known: &[&str]| {
        let is_known = known.contains(&text);
        (!is_known).then(|| {
            let hint = did_you_mean(text, known.iter().copied());
            format!("there is no {what} {text:?}{hint}")
        })
    };
    match field.shape() {
        Shape::Channel => {
            let known: Vec<&str> = SalesChannel::ALL.iter().map(|it| it.as_str()).collect();
            unknown("sales channel", &known)
        }
        Shape::EventName => {
            let known: Vec<&str> = EventName::ALL.iter().map(|it| it.as_str()).collect();
            unknown("event name", &known)
        }
        Shape::Platform => unknown("platform", names.platforms),
        Shape::Source => unknown("source", names.sources),
        Shape::Tags => {
            let tag = Facts::tag(text)?;
            (tag.as_str() != text).then(|| format!("tags are in lower case: write \"{tag}\""))
        }
        Shape::Lower => {
            let lower = text.to_lowercase();
            (lower != text).then(|| format!("{} is in lower case: write {lower:?}", field.as_str()))
        }
        Shape::Country => match CountryCode::parse(text) {
            Some(code) if code.as_str() == text => None,
            Some(code) => Some(format!("countries are codes: write {:?}", code.as_str())),
            None => Some(format!("there is no country code {text:?}")),
        },
        Shape::Currency => {
            let upper = text.to_uppercase();
            (upper != text).then(|| format!("currencies are in upper case: write {upper:?}"))
        }
        Shape::Text
        | Shape::Texts
        | Shape::Money
        | Shape::Count
        | Shape::Flag
        | Shape::Named
        | Shape::Custom => None,
    }
}
