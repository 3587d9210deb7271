//! Tolerant reading: each field of an answer on its own, so that an odd one costs nothing but itself.
//!
//! Sending is exact and reading is not strict. What a field says is taken when its meaning is beyond doubt, in whatever JSON
//! type it comes; otherwise the field has a name and a problem, and the purpose decides whether that matters.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

pub(crate) mod values;

/// A field of an answer that is there and cannot be read, or that is needed and not there.
///
/// It names the field and never repeats the value, which may be anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
#[non_exhaustive]
pub struct Unreadable {
    /// The field in the words of the API, such as `fiat_amount` or `transactions[2].amount`.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldProblem {
    /// Absent or null, and needed.
    #[error("is missing")]
    Missing,
    /// Expected a number.
    #[error("is not a number")]
    NotANumber,
    /// A number that only rounding could hold.
    #[error("has more digits than can be held without rounding")]
    TooManyDigits,
    /// Expected a whole number.
    #[error("is not a whole number")]
    NotWhole,
    /// Expected a date with a time.
    #[error("is not a time")]
    NotATime,
    /// A time of an unknown zone could be any of 26 hours.
    #[error("is a time without an offset from UTC")]
    NoOffset,
    /// Expected true or false.
    #[error("is neither true nor false")]
    NotABoolean,
    /// Expected a UUID.
    #[error("is not a UUID")]
    NotAUuid,
    /// Expected text.
    #[error("is not a text")]
    NotText,
    /// Expected an array of objects.
    #[error("is not an array of objects")]
    NotAnArray,
    /// The object holds the field twice, with two values.
    #[error("stands there twice, with two values")]
    Twice,
    /// Expected an object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// Longer than anything of its kind.
    #[error("is too long")]
    TooLong,
}

impl Unreadable {
    pub(crate) fn new(field: impl Into<Cow<'static, str>>, problem: FieldProblem) -> Self {
        Self { field: field.into(), problem }
    }

    pub(crate) fn missing(field: &'static str) -> Self {
        Self::new(field, FieldProblem::Missing)
    }
}

/// What a field holds: `None` when it is absent or null.
pub(crate) type Field<T> = Result<Option<T>, Unreadable>;

/// A JSON object whose values are read on demand.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads the names; `None` when the text is no JSON object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// One field.
    pub(crate) fn read<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Field<T> {
        let mut values = self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.get());
        let Some(value) = values.next() else { return Ok(None) };
        if values.any(|other| other != value) {
            return Err(Unreadable::new(name, FieldProblem::Twice));
        }
        if value == "null" {
            return Ok(None);
        }
        read(value).map(Some).map_err(|problem| Unreadable::new(name, problem))
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    if fields.len() < MOST_FIELDS {
                        fields.push((name, map.next_value()?));
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Several times the largest object of the API.
const MOST_FIELDS: usize = 256;

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Declares an object of the API as a struct of fields that are read one by one, each with an accessor. `need` is what an
/// object is of no use without, for most purposes.
macro_rules! partial {
    (
        $(#[$doc:meta])*
        $vis:vis struct $name:ident {
            need { $($needed:ident: $needed_type:ty = $needed_read:expr,)* }
            may { $($field:ident: $type:ty = $read:expr,)* }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($needed: $crate::wire::Field<$needed_type>,)*
            $($field: $crate::wire::Field<$type>,)*
        }

        impl $name {
            pub(crate) fn of(object: &$crate::wire::Object<'_>) -> Self {
                Self {
                    $($needed: object.read(stringify!($needed), $needed_read),)*
                    $($field: object.read(stringify!($field), $read),)*
                }
            }

            $(
                #[doc = concat!("The field `", stringify!($needed), "`.")]
                ///
                /// # Errors
                /// When it is missing, or why it cannot be read.
                $vis fn $needed(&self) -> Result<&$needed_type, $crate::Unreadable> {
                    match &self.$needed {
                        Ok(Some(value)) => Ok(value),
                        Ok(None) => Err($crate::Unreadable::missing(stringify!($needed))),
                        Err(unreadable) => Err(unreadable.clone()),
                    }
                }
            )*
            $(
                #[doc = concat!("The field `", stringify!($field), "`, none when it is absent or null.")]
                ///
                /// # Errors
                /// Why it cannot be read.
                $vis fn $field(&self) -> Result<Option<&$type>, $crate::Unreadable> {
                    self.$field.as_ref().map(Option::as_ref).map_err(Clone::clone)
                }
            )*

            /// The fields that are there and cannot be read.
            $vis fn unread(&self) -> Vec<$crate::Unreadable> {
                let all = [
                    $(self.$needed.as_ref().err(),)*
                    $(self.$field.as_ref().err(),)*
                ];
                all.into_iter().flatten().cloned().collect()
            }
        }
    };
}

pub(crate) use partial;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_absent_or_named_with_its_problem() {
        let object =
            Object::parse(r#"{"a": 5, "b": null, "c": [5], "d": 1, "d": 2, "e": 1, "e": 1, "f\u0066": 7}"#);
        let object = object.unwrap();
        assert_eq!(object.read("a", values::whole), Ok(Some(5)));
        assert_eq!(object.read("b", values::whole), Ok(None));
        assert_eq!(object.read("z", values::whole), Ok(None));
        assert_eq!(object.read("c", values::whole).unwrap_err().to_string(), "c is not a whole number");
        assert_eq!(object.read("d", values::whole), Err(Unreadable::new("d", FieldProblem::Twice)));
        assert_eq!(object.read("e", values::whole), Ok(Some(1)));
        assert_eq!(object.read("ff", values::whole), Ok(Some(7)));
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for text in ["", "null", "[]", "5", "{", r#"{"a": NaN}"#, "<html>"] {
            assert!(Object::parse(text).is_none(), "{text}");
        }
    }
}
