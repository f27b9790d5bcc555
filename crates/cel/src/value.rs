//! What expressions compute with, as cel-go's `common/types` and the API server's `pkg/cel` have it.

mod compare;
mod document;
mod list;
mod map;
mod network;
mod number;
mod semver;
pub(crate) mod text;
mod time;
mod url;
mod zone;

use core::net::IpAddr;
use std::borrow::Cow;
use std::sync::Arc;

use seaworthy_object::Quantity;

pub use compare::Equality;
pub use list::{List, ListKind};
pub use map::Map;
pub use network::Cidr;
pub use semver::Semver;
pub use time::Timestamp;
pub use url::Url;

pub(crate) use compare::compare;
pub(crate) use network::{parse_cidr, parse_ip};
pub(crate) use number::{double_to_int, double_to_uint, general, not_finite};
pub(crate) use text::{double_text, quoted};
pub(crate) use time::{NANOS, civil, parse_duration, seconds_text};
pub(crate) use url::{is_request_uri, parse_query, request_uri, request_uri_error};
pub(crate) use zone::{KNOWN as KNOWS_ZONES, offset_in};

/// A value.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `'a'`
    String(Arc<str>),
    /// `b'a'`
    Bytes(Arc<[u8]>),
    /// `duration('1s')`, in billionths of a second.
    Duration(i64),
    /// `timestamp('2026-01-01T00:00:00Z')`
    Timestamp(Timestamp),
    /// `[1]`
    List(List),
    /// `{'a': 1}`, or an object.
    Map(Map),
    /// `optional.of(1)`, `optional.none()`
    Optional(Option<Arc<Value>>),
    /// A type, by its name.
    Type(Arc<str>),
    /// `quantity('1')`
    Quantity(Arc<Amount>),
    /// `ip('10.0.0.1')`
    Ip(IpAddr),
    /// `cidr('10.0.0.0/8')`
    Cidr(Cidr),
    /// `url('https://example.com')`
    Url(Arc<Url>),
    /// `semver('1.2.3')`
    Semver(Arc<Semver>),
    /// `format.dns1123Label()`, by its name among the library's formats.
    Format(&'static str),
}

/// A quantity, and how Go's `resource.Quantity` would hold it.
#[derive(Clone)]
pub struct Amount {
    /// The amount.
    pub quantity: Quantity,
    /// The power of ten of its last digit as written; nothing if Go holds it as a big decimal. It decides whether
    /// `isInteger()` is true: `1000m` is not.
    pub scale: Option<i32>,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The expression went wrong; `||`, `&&` and the like may absorb it.
    Error(Cow<'static, str>),
    /// It cost too much; nothing absorbs that.
    CostLimit,
}

/// A value, or why there is none.
pub type Outcome = Result<Value, Failure>;

impl Failure {
    /// The text as the server prints it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Error(text) => text,
            Self::CostLimit => "operation cancelled: actual cost limit exceeded",
        }
    }
}

/// An error with a text made on the spot.
#[cold]
pub(crate) fn failed(text: String) -> Failure {
    Failure::Error(Cow::Owned(text))
}

/// An error with a text that stands.
#[cold]
pub(crate) fn fail(text: &'static str) -> Failure {
    Failure::Error(Cow::Borrowed(text))
}

/// `types.NoSuchOverloadErr`
#[cold]
pub(crate) fn no_such_overload() -> Failure {
    fail("no such overload")
}

impl Value {
    /// A string.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A duration as Go reads it: `1h30m`.
    #[must_use]
    pub fn duration(text: &str) -> Option<Self> {
        parse_duration(text).map(Self::Duration)
    }

    /// A list.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(List::new(items))
    }

    /// A map; of two equal keys the last counts.
    #[must_use]
    pub fn map(entries: Vec<(Value, Value)>) -> Self {
        Self::Map(Map::new(entries))
    }

    /// `optional.of(value)`
    #[must_use]
    pub fn some(value: Value) -> Self {
        Self::Optional(Some(Arc::new(value)))
    }

    /// The name of the type it has when it runs, as `type()` and error texts say it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Optional(_) => "optional_type",
            Self::Type(_) => "type",
            Self::Quantity(_) => "kubernetes.Quantity",
            Self::Ip(_) => "net.IP",
            Self::Cidr(_) => "net.CIDR",
            Self::Url(_) => "kubernetes.URL",
            Self::Semver(_) => "kubernetes.Semver",
            Self::Format(_) => "kubernetes.NamedFormat",
        }
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The truth of a bool.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// What `traits.Sizer` says, where a type has a size.
    pub(crate) fn size(&self) -> Option<usize> {
        Some(match self {
            Self::String(text) => text.chars().count(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(list) => list.len(),
            Self::Map(map) => map.len(),
            Self::Ip(IpAddr::V4(_)) => 4,
            Self::Ip(IpAddr::V6(_)) => 16,
            Self::Cidr(cidr) => usize::from(cidr.bits.div_ceil(8)),
            _ => return None,
        })
    }

    /// What `traits.Zeroer` says: whether `optional.ofNonZeroValue` takes it for nothing.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(value) => !value,
            Self::Int(value) | Self::Duration(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => *value == 0.0,
            Self::String(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            Self::Timestamp(time) => time.is_zero(),
            _ => false,
        }
    }

    /// Whether the type has cel-go's `ReceiverType`, which decides on the words of some errors.
    pub(crate) fn is_receiver(&self) -> bool {
        matches!(self, Self::String(_) | Self::Duration(_) | Self::Timestamp(_))
    }
}
