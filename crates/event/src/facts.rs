//! What rules may ask of an order beside what its events say.

use crate::Text;

/// What a platform tells of an order and no event carries in this form. Rules see it; it is never
/// sent. An adapter gives it where [`crate::Context::wants_facts`] is set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Facts {
    /// The platform's word for where the order was placed.
    pub source_name: Option<Text>,
    /// The app that made it.
    pub app_id: Option<Text>,
    /// The order's tags, each as [`Facts::tag`] gives it.
    pub tags: Vec<Text>,
    /// What the shop's theme or apps noted at the order, name and value.
    pub note_attributes: Vec<(Text, Text)>,
    /// Whether it is a test.
    pub is_test: Option<bool>,
    /// Whether it is paid in full.
    pub is_paid: Option<bool>,
}

impl Facts {
    /// A tag in the form in which tags are compared: without white space around it, and with its
    /// case folded.
    pub fn tag(tag: &str) -> Option<Text> {
        Text::new(tag.trim().to_lowercase())
    }

    /// The tags of a text that parts them with commas.
    pub fn tags(text: Option<&Text>) -> Vec<Text> {
        let text = text.map_or("", Text::as_str);
        text.split(',').filter_map(Self::tag).collect()
    }
}
