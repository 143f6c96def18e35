//! `when`: an expression in CEL. The only place that knows the crate which reads and evaluates it.
//!
//! What an expression may cost is bounded when it is read: its length, its depth, one loop inside
//! no other, over a list of the order that is bounded itself; and when it is evaluated: the length
//! of texts, the number of items, the bytes that patterns are matched against.
//! <https://github.com/google/cel-spec>

mod calls;
mod check;
mod functions;
mod kind;
mod literals;
mod values;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use cel::parser::Parser;
use cel::{Context, Env, ExecutionError, IdedExpr};

use crate::field::Field;
use crate::reader::Names;
use crate::view::View;
use check::Checked;
use functions::Patterns;
pub(crate) use values::Use;

/// The most bytes of an expression.
pub(crate) const LONGEST: usize = 1_000;

/// The deepest nesting of an expression: it is read and evaluated on the stack.
pub(crate) const DEEPEST: usize = 24;

/// The functions that there are beside operators.
pub const FUNCTIONS: &[&str] = &[
    "money",
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "has",
    "exists",
    "exists_one",
    "all",
    "filter",
    "string",
    "int",
];

/// A compiled expression.
pub(crate) struct Expression {
    tree: IdedExpr,
    text: String,
    uses: Vec<Use>,
    patterns: Arc<Patterns>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.text).finish()
    }
}

/// A mistake in an expression, and the character that it is at.
pub(crate) type Misplaced = (usize, String);

/// What an expression says of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// It asks for something that the order does not have.
    Absent(String),
    /// It could not be evaluated.
    Failed(String),
}

static STANDARD: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Expression {
    /// Reads an expression, and says all that is wrong with it.
    pub(crate) fn compile(text: &str, names: Names<'_>) -> Result<Self, Vec<Misplaced>> {
        if text.len() > LONGEST {
            let message = format!("an expression has at most {LONGEST} characters");
            return Err(vec![(0, message)]);
        }
        if let Some(place) = too_deep(text) {
            return Err(vec![(place, format!("nested deeper than {DEEPEST}"))]);
        }
        let parse = || {
            let parser = Parser::new()
                .max_recursion_depth(96)
                .error_recovery_limit(4);
            parser.parse_with_source_info(text)
        };
        let parsed = catch_unwind(AssertUnwindSafe(parse));
        let parsed = parsed.map_err(|_| vec![(0, "it cannot be read".to_owned())])?;
        let (tree, info) = parsed.map_err(|errors| {
            let place = |(line, column): (isize, isize)| offset(text, line, column);
            let errors = errors.errors.into_iter();
            // One mistake makes the parser stumble more than once.
            let first = errors.min_by_key(|error| error.pos);
            first.map_or_else(
                || vec![(0, "it is no CEL expression".to_owned())],
                |error| vec![(place(error.pos), told(&error.msg))],
            )
        })?;
        let Checked { uses, patterns } = check::check(&tree, &info, names)?;
        Ok(Self {
            tree,
            text: text.to_owned(),
            uses,
            patterns: Arc::new(patterns),
        })
    }

    /// Evaluates it for an order. A panic in it is a failure like any other.
    pub(crate) fn holds(&self, view: &View<'_>) -> Answer {
        let evaluate = || self.evaluate(view);
        catch_unwind(AssertUnwindSafe(evaluate))
            .unwrap_or_else(|_| Answer::Failed("the evaluation broke off".to_owned()))
    }

    fn evaluate(&self, view: &View<'_>) -> Answer {
        let event = match values::event(view, &self.uses) {
            Ok(event) => event,
            Err(why) => return Answer::Failed(why),
        };
        let mut context = Context::with_env(Arc::clone(&STANDARD));
        context.add_variable_from_value("event", event);
        if let Err(why) = functions::add(&mut context, &self.patterns) {
            return Answer::Failed(why);
        }
        match cel::Value::resolve(&self.tree, &context) {
            Ok(cel::Value::Bool(true)) => Answer::Yes,
            Ok(cel::Value::Bool(false)) => Answer::No,
            Ok(other) => Answer::Failed(format!(
                "it gives {} and neither true nor false",
                other.type_of()
            )),
            Err(ExecutionError::NoSuchKey(name)) => Answer::Absent(name.to_string()),
            Err(error) => Answer::Failed(error.to_string()),
        }
    }

    /// What it asks for.
    pub(crate) fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// Whether it asks for what no event carries.
    pub(crate) fn needs_facts(&self) -> bool {
        self.uses.iter().any(|it| match it {
            Use::Field(field) => field.is_fact(),
            Use::Items => false,
        })
    }
}

/// Where brackets are nested too deeply, if they are: told before the parser goes down with them.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, letter) in text.chars().enumerate() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(place);
        }
    }
    None
}

/// The character that a line and a column are at; both count from 1 or, for the parser, the column
/// from 0.
fn offset(text: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line - 1).unwrap_or_default();
    let column = usize::try_from(column).unwrap_or_default();
    let before = text.split_inclusive('\n').take(line);
    let before: usize = before.map(|line| line.chars().count()).sum();
    before + column
}

/// The parser's message without its first word and its list of all that could stand there.
fn told(message: &str) -> String {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let short = message.split(" expecting ").next().unwrap_or(message);
    let short: String = short.chars().take(120).collect();
    format!("it is no CEL expression: {}", short.replace('\n', " "))
}

/// The names that follow `event.`: fields without a point in their names, and `items`.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let fields = Field::ALL.iter().map(|field| field.as_str());
    fields.filter(|name| !name.contains('.')).chain(["items"])
}
