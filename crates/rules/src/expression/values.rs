//! The order as the values of an expression.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use orderbridge_event::{Item, PropertyValue, Text};

use crate::field::{Field, Path, Shape};
use crate::view::{self, View};

/// What an expression asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    Field(Field),
    Items,
}

/// The longest list of an order that is looked through.
const MOST: usize = 1_000;

/// The longest text that is looked at.
const LONGEST: usize = 16 << 10;

/// The fields of an item, and whether each is an amount, a number or text.
pub(super) const ITEM_FIELDS: &[&str] = &[
    "product_id",
    "variant_id",
    "sku",
    "name",
    "variant_name",
    "vendor",
    "price",
    "quantity",
];

/// What an expression asks for, as its variable `event`. What is absent is left out, so that
/// asking for it is an error and `has()` is false; lists and tables are there and empty.
pub(super) fn event(view: &View<'_>, uses: &[Use]) -> Result<Value, String> {
    let mut fields = HashMap::with_capacity(uses.len());
    for wanted in uses {
        let (name, value) = match wanted {
            Use::Items => ("items", Some(items(view.items())?)),
            Use::Field(field) => (field.as_str(), field_of(view, *field)?),
        };
        if let Some(value) = value {
            fields.insert(key(name), value);
        }
    }
    Ok(map(fields))
}

fn field_of(view: &View<'_>, field: Field) -> Result<Option<Value>, String> {
    match field.shape() {
        Shape::Named => {
            let noted = view.note_attributes();
            check_count(noted.len())?;
            let mut table = HashMap::with_capacity(noted.len());
            for (name, value) in noted {
                // The first of two with one name counts, as it does for `if`.
                table.entry(key(name.as_str())).or_insert(text(value)?);
            }
            Ok(Some(map(table)))
        }
        Shape::Custom => {
            let custom = view.event.custom.iter();
            check_count(custom.len())?;
            let mut table = HashMap::with_capacity(custom.len());
            for (name, value) in custom {
                let value = match value {
                    PropertyValue::Text(value) => text(value)?,
                    PropertyValue::Number(value) => string(value.to_string()),
                    PropertyValue::Flag(flag) => Value::Bool(*flag),
                };
                table.insert(key(name.as_str()), value);
            }
            Ok(Some(map(table)))
        }
        shape => match view.get(&Path { field, name: None }) {
            view::Value::Absent if shape.is_list() => Ok(Some(Value::List(Arc::default()))),
            view::Value::Absent => Ok(None),
            view::Value::Text(value) => Ok(Some(limited(value)?)),
            view::Value::Texts(texts) => {
                check_count(texts.iter().take(MOST + 1).count())?;
                let texts: Result<Vec<Value>, String> = texts.iter().map(limited).collect();
                Ok(Some(Value::List(Arc::new(texts?))))
            }
            view::Value::Number(number) if shape == Shape::Count => {
                let number = number.units(0).ok_or("the number is too large")?;
                Ok(Some(Value::Int(number)))
            }
            view::Value::Number(amount) => Ok(Some(string(amount.to_string()))),
            view::Value::Flag(flag) => Ok(Some(Value::Bool(flag))),
        },
    }
}

fn items(items: &[Item]) -> Result<Value, String> {
    check_count(items.len())?;
    let items: Result<Vec<Value>, String> = items.iter().map(item).collect();
    Ok(Value::List(Arc::new(items?)))
}

fn item(item: &Item) -> Result<Value, String> {
    let texts = [
        ("product_id", Some(&item.product_id)),
        ("variant_id", item.variant_id.as_ref()),
        ("sku", item.sku.as_ref()),
        ("name", Some(&item.name)),
        ("variant_name", item.variant_name.as_ref()),
        ("vendor", item.vendor.as_ref()),
    ];
    let mut fields = HashMap::with_capacity(texts.len() + 2);
    for (name, value) in texts {
        if let Some(value) = value {
            fields.insert(key(name), text(value)?);
        }
    }
    fields.insert(key("price"), string(item.price.to_string()));
    fields.insert(key("quantity"), Value::Int(item.quantity.into()));
    Ok(map(fields))
}

fn check_count(count: usize) -> Result<(), String> {
    if count <= MOST {
        Ok(())
    } else {
        Err(format!("a list of the order has more than {MOST} entries"))
    }
}

fn text(text: &Text) -> Result<Value, String> {
    limited(text.as_str())
}

fn limited(text: &str) -> Result<Value, String> {
    if text.len() <= LONGEST {
        Ok(string(text.to_owned()))
    } else {
        Err(format!("a text of the order has more than {LONGEST} bytes"))
    }
}

fn string(text: String) -> Value {
    Value::String(Arc::new(text))
}

fn key(name: &str) -> Key {
    Key::String(Arc::new(name.to_owned()))
}

fn map(fields: HashMap<Key, Value>) -> Value {
    Value::Map(Map {
        map: Arc::new(fields),
    })
}
