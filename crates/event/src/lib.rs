#![doc = include_str!("../README.md")]

mod adapter;
mod alias;
mod channel;
pub mod check;
mod code;
mod contact;
mod context;
mod currency;
mod envelope;
mod error;
mod event;
mod events;
mod explain;
mod facts;
mod id;
pub mod json;
mod known;
mod lines;
mod lookup;
pub mod loose;
mod money;
mod note;
mod order;
mod parse;
mod pick;
mod proof;
mod properties;
mod pull;
pub mod read;
mod report;
mod rule;
mod sale;
pub mod signature;
mod text;
mod time;
mod topic;
pub mod tree;
mod webhook;
mod wire;

pub use adapter::{
    Adapter, Headers, Ignored, Mapped, Payload, Pieces, Profile, Received, Role, Sample, Source,
    Verify, VerifyError,
};
pub use alias::{Alias, Aliases};
pub use channel::{Channel, SalesChannel};
pub use code::{Class, Code};
pub use contact::{Contact, CountryCode, Email, Names, Phone, Place};
pub use context::{
    CancelledChannel, CollectedTax, Context, FreeOrders, Mode, Options, OrderIdentity,
    PersonalData, PlacedOn, PromotionIds, Refunds, Renewals, Setting, SettingError,
    TaxInclusivePrices, TestMode,
};
pub use currency::Currency;
pub use envelope::{Opened, first_key};
pub use error::MapError;
pub use event::{CustomName, Event, EventName, Kind, Lifecycle, Refund, Subscription};
pub use events::Events;
pub use explain::explain;
pub use facts::Facts;
pub use id::EventId;
pub use known::{KnownOrder, Refunded};
pub use lines::{Line, Net, spread_discount, unit_price};
pub use lookup::Lookup;
pub use money::{Amount, Money, MoneyError};
pub use note::Note;
pub use order::{Discount, Item, Order, Prices, Rest};
pub use pick::{Told, first_email, first_phone};
pub use proof::Proof;
pub use properties::{Properties, PropertyName, PropertyValue, SPEC_NAMES};
pub use pull::{
    Answer, Api, KeyKind, Method, Operation, Pull, PullError, PullKey, PullSettings, Pulled,
    Request, Step, Taken, Token, Trouble, WrongKey, form,
};
pub use report::{Report, Rows};
pub use rule::RuleId;
pub use sale::Sale;
pub use text::{Secret, Text};
pub use time::Timestamp;
pub use topic::{Route, Topic};
pub use webhook::{About, AboutOrder, Delivery, Demand, Identity, Webhook};
pub use wire::CHANNEL_PROPERTY;
