//! Text with fields in it: `urn:loyalty:{note_attributes.loyalty_id}`.

use orderbridge_event::{PropertyValue, Text};

use crate::field::{Field, Path};
use crate::mistake::did_you_mean;
use crate::view::{Value, View};

/// A compiled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Path),
}

impl Template {
    /// Reads a template; what is wrong with it, if something is.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                return Err("a field in text is written {field}: the } is missing".to_owned());
            };
            parts.push(Part::Field(field(name.trim())?));
            rest = after;
        }
        if rest.contains('}') {
            return Err("a field in text is written {field}: the { is missing".to_owned());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text that is there whatever the order.
    pub(crate) fn start(&self) -> &str {
        match self.0.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The fields in it.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|part| match part {
            Part::Field(path) => Some(path),
            Part::Text(_) => None,
        })
    }

    /// The text for an order; `None` when one of the fields is absent.
    pub(crate) fn text(&self, view: &View<'_>) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Field(path) => match view.get(path) {
                    Value::Text(value) => text.push_str(value),
                    Value::Number(value) => text.push_str(&value.to_string()),
                    Value::Flag(value) => text.push_str(if value { "true" } else { "false" }),
                    Value::Texts(_) | Value::Absent => return None,
                },
            }
        }
        Some(text)
    }

    /// The same as a property: a field on its own stays a number or a flag if it is one.
    pub(crate) fn property(&self, view: &View<'_>) -> Option<PropertyValue> {
        if let [Part::Field(path)] = self.0.as_slice() {
            match view.get(path) {
                Value::Number(number) => return Some(PropertyValue::Number(number)),
                Value::Flag(flag) => return Some(PropertyValue::Flag(flag)),
                Value::Text(_) | Value::Texts(_) | Value::Absent => {}
            }
        }
        self.text(view).and_then(Text::new).map(PropertyValue::Text)
    }
}

fn field(name: &str) -> Result<Path, String> {
    let Some(path) = Path::parse(name) else {
        let known = Field::ALL.iter().map(|field| field.as_str());
        return Err(format!(
            "there is no field {name:?}{}",
            did_you_mean(name, known)
        ));
    };
    if path.field.shape().is_list() {
        return Err(format!("{name} is a list and has no place in a text"));
    }
    Ok(path)
}
