//! Where an order was placed, in Converge's ten words.

use std::borrow::Cow;
use std::fmt;

use crate::RuleId;

macro_rules! sales_channels {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// A value of `$sales_channel_type`.
        ///
        /// <https://docs.runconverge.com/sources/concepts/sales-channels>
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SalesChannel {
            $(#[doc = $doc] $variant,)*
        }

        impl SalesChannel {
            /// All ten, in the order of Converge's page.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The value as Converge spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Reads Converge's spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

sales_channels! {
    Web "web" "A browser journey.",
    SubscriptionContract "subscription_contract" "An automated renewal, or a change of a contract.",
    Sms "sms" "Ordered by text message.",
    MobileApp "mobile_app" "Ordered inside a native app.",
    Pos "pos" "A physical store.",
    Marketplace "marketplace" "A third-party marketplace such as Amazon.",
    Offline "offline" "Amended and manual orders, calls.",
    FacebookShop "facebook_shop" "Facebook and Instagram Shop.",
    PinterestShop "pinterest_shop" "Pinterest Shop.",
    TiktokShop "tiktok_shop" "TikTok Shop.",
}

impl fmt::Display for SalesChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A sales channel and the reason it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The channel.
    pub value: SalesChannel,
    /// Why, as the rest of a sentence: "`source_name` is web".
    pub because: Cow<'static, str>,
    /// The user's rule that chose it, if one did.
    pub rule: Option<RuleId>,
}

impl Channel {
    /// A channel with its reason.
    pub fn new(value: SalesChannel, because: impl Into<Cow<'static, str>>) -> Self {
        Self {
            value,
            because: because.into(),
            rule: None,
        }
    }

    /// A channel that a user's rule chose.
    pub fn ruled(value: SalesChannel, rule: &RuleId) -> Self {
        Self {
            value,
            because: Cow::Owned(format!("rule {rule}")),
            rule: Some(rule.clone()),
        }
    }
}
