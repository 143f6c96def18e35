//! Our own functions: exact money, and patterns that were compiled when the rule was read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cel::extractors::This;
use cel::{Context, ExecutionError, Value};
use orderbridge_event::Amount;
use regex::{Regex, RegexBuilder};

/// The decimals of `money()`: more than any currency has, and few enough for 9 × 10¹² to fit.
const DECIMALS: u32 = 6;

/// The most that patterns are matched against in one evaluation, in bytes.
const MOST_MATCHED: usize = 1 << 20;

/// The most memory that a pattern may take.
const LARGEST_PATTERN: usize = 1 << 20;

/// Patterns by their text.
#[derive(Debug, Default)]
pub(super) struct Patterns(BTreeMap<String, Regex>);

impl Patterns {
    /// Compiles a pattern; what is wrong with it, if something is.
    pub(super) fn add(&mut self, pattern: &str) -> Result<(), String> {
        let regex = RegexBuilder::new(pattern)
            .size_limit(LARGEST_PATTERN)
            .dfa_size_limit(LARGEST_PATTERN)
            .build();
        match regex {
            Ok(regex) => {
                self.0.insert(pattern.to_owned(), regex);
                Ok(())
            }
            Err(regex::Error::CompiledTooBig(_)) => Err("the pattern is too large".to_owned()),
            Err(error) => {
                let error = error.to_string();
                let last = error.lines().last().unwrap_or_default();
                let last = last.trim().trim_start_matches("error: ");
                Err(format!("it is no pattern: {last}"))
            }
        }
    }
}

/// Reads an amount as `money()` does.
pub(super) fn scaled(text: &str) -> Option<i64> {
    Amount::parse(text.trim())?.units(DECIMALS)
}

/// Adds the functions to a context.
pub(super) fn add(context: &mut Context<'_, '_>, patterns: &Arc<Patterns>) -> Result<(), String> {
    let money = |text: Arc<String>| -> Result<i64, ExecutionError> {
        scaled(&text).ok_or_else(|| {
            let message = "not an amount such as \"1.00\"";
            ExecutionError::function_error("money", message)
        })
    };
    let patterns = Arc::clone(patterns);
    let looked_at = AtomicUsize::new(0);
    let matches = move |This(text): This<Value>, pattern: Arc<String>| {
        let Value::String(text) = text else {
            let message = "only text is matched against a pattern";
            return Err(ExecutionError::function_error("matches", message));
        };
        if looked_at.fetch_add(text.len(), Ordering::Relaxed) > MOST_MATCHED {
            let message = "too much text is matched";
            return Err(ExecutionError::function_error("matches", message));
        }
        match patterns.0.get(pattern.as_str()) {
            Some(regex) => Ok(regex.is_match(&text)),
            None => Err(ExecutionError::function_error(
                "matches",
                "an unknown pattern",
            )),
        }
    };
    let added = context.add_function("money", money);
    let added = added.and_then(|()| context.add_function("matches", matches));
    added.map_err(|error| error.to_string())
}
