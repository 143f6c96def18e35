//! The operators of `if`. The one list of them.

use crate::field::Shape;

macro_rules! operators {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// What an `if` does with a field.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operator {
            $(#[doc = $doc] $variant,)*
        }

        impl Operator {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that it is written as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it asks.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// Finds an operator by its word.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

operators! {
    Eq "eq" "The value is this one."
    Ne "ne" "The value is there and is another one."
    In "in" "The value is one of these."
    Has "has" "The list holds this, or one of these."
    StartsWith "starts_with" "The text, or a text of the list, begins with this."
    EndsWith "ends_with" "The text, or a text of the list, ends with this."
    Gt "gt" "The number or amount is greater."
    Gte "gte" "It is greater or equal."
    Lt "lt" "It is less."
    Lte "lte" "It is less or equal."
    Exists "exists" "The field is there (`true`) or is not (`false`)."
}

impl Operator {
    /// Whether a field of this shape can be asked so.
    pub const fn fits(self, shape: Shape) -> bool {
        let is_text =
            !shape.is_list() && !matches!(shape, Shape::Money | Shape::Count | Shape::Flag);
        let is_number = matches!(shape, Shape::Money | Shape::Count | Shape::Custom);
        match self {
            Self::Exists => true,
            Self::Eq | Self::Ne => !shape.is_list(),
            Self::In => !shape.is_list() && !matches!(shape, Shape::Flag),
            Self::Has => shape.is_list(),
            Self::StartsWith | Self::EndsWith => is_text || shape.is_list(),
            Self::Gt | Self::Gte | Self::Lt | Self::Lte => is_number,
        }
    }
}
