//! What rules may ask of an order beside what its events say.

use orderbridge_event::{Context, Facts, Text};

use crate::payload::{NoteAttribute, Order};

/// The facts of an order, where the context wants them.
pub(crate) fn of(order: &Order, context: &Context) -> Option<Facts> {
    context.wants_facts.then(|| Facts {
        source_name: order.source_name.clone(),
        app_id: order.app_id.clone(),
        tags: Facts::tags(order.tags.as_ref()),
        note_attributes: order.note_attributes.iter().filter_map(noted).collect(),
        is_test: order.test,
        is_paid: order.financial_status.as_ref().map(is_paid),
    })
}

fn noted(attribute: &NoteAttribute) -> Option<(Text, Text)> {
    Some((attribute.name.clone()?, attribute.value.0.clone()?))
}

/// What was given back was paid before.
/// <https://shopify.dev/docs/api/admin-rest/latest/resources/order>
fn is_paid(status: &Text) -> bool {
    matches!(status.as_str(), "paid" | "partially_refunded" | "refunded")
}
