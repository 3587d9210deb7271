//! The fields of the API's answers, the ways in which one can be odd, and what each of these means.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

/// A field and its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Money,
    Time,
    Flag,
    Whole,
    /// A text that means something as it is.
    Word,
    /// A text that may as well be a number.
    Text,
    /// Any JSON.
    Data,
    Uuid,
    List,
}

use Kind::{Data, Flag, List, Money, Text, Time, Uuid, Whole, Word};

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

pub(super) const PAYMENT: &[Field] = &[
    field("identifier", Uuid),
    field("reference", Text),
    field("created_at", Time),
    field("edited_at", Time),
    field("status", Word),
    field("fiat_amount", Money),
    field("crypto_amount", Money),
    field("unconfirmed_amount", Money),
    field("confirmed_amount", Money),
    field("currency_id", Word),
    field("merchant_device_id", Whole),
    field("merchant_device", Text),
    field("address", Word),
    field("tag_memo", Text),
    field("url_ko", Word),
    field("url_ok", Word),
    field("url_standby", Word),
    field("expired_time", Time),
    field("good_fee", Flag),
    field("notes", Text),
    field("rbf", Flag),
    field("safe", Flag),
    field("fiat", Word),
    field("language", Text),
    field("percentage", Money),
    field("received_amount", Money),
    field("balance_based", Data),
    field("internal_data", Data),
    field("transactions", List),
];

pub(super) const TRANSACTION: &[Field] = &[
    field("confirmed", Flag),
    field("currency", Word),
    field("amount", Money),
    field("tx_hash", Word),
    field("block", Whole),
    field("created_at", Time),
];

pub(super) const CREATED: &[Field] = &[
    field("identifier", Uuid),
    field("web_url", Word),
    field("address", Word),
    field("tag_memo", Text),
    field("payment_uri", Word),
    field("expected_input_amount", Money),
    field("input_currency", Word),
    field("fiat", Word),
    field("rate", Money),
    field("notes", Text),
    field("reference", Text),
    field("language", Text),
    field("need_dni", Flag),
];

pub(super) const CURRENCY: &[Field] = &[
    field("symbol", Word),
    field("name", Text),
    field("min_amount", Money),
    field("max_amount", Money),
    field("image", Word),
    field("blockchain", Word),
];

/// A way to be odd.
#[derive(Debug)]
pub(super) struct Oddity {
    pub(super) name: &'static str,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Absent,
    /// The value that is there, in another type.
    Spelled,
    Json(&'static str),
}

const fn odd(name: &'static str, way: Way) -> Oddity {
    Oddity { name, way }
}

pub(super) const ODDITIES: &[Oddity] = &[
    odd("absent", Way::Absent),
    odd("null", Way::Json("null")),
    odd("in another type", Way::Spelled),
    odd("a word", Way::Json("\"odd\"")),
    odd("a number", Way::Json("7")),
    odd("a float residue", Way::Json("5.551115123125783e-17")),
    odd("40 digits", Way::Json("1234567890123456789012345678901234567890")),
    odd("a time without an offset", Way::Json("\"2025-02-03T10:00:00.120450\"")),
    odd("true", Way::Json("true")),
    odd("an array", Way::Json("[5]")),
    odd("an object", Way::Json("{\"a\": 1}")),
];

/// What an odd value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// What was there.
    TheSame,
    /// Something, and another than was there: absence too.
    SomethingElse,
    /// It cannot be read.
    Nothing,
}

impl Field {
    pub(super) fn means(self, oddity: &Oddity) -> Means {
        let json = match oddity.way {
            Way::Spelled => return Means::TheSame,
            Way::Absent | Way::Json("null") => return Means::SomethingElse,
            Way::Json(json) => json,
        };
        let readable = match self.kind {
            Data => true,
            Money => matches!(json, "7" | "5.551115123125783e-17"),
            Whole => json == "7",
            Flag => json == "true",
            Word => json.starts_with('"'),
            Text => json.starts_with('"') || json == "7" || json.len() == 40,
            Time | Uuid | List => false,
        };
        if readable { Means::SomethingElse } else { Means::Nothing }
    }

    /// The object with this field in this odd way; `None` when its value has no other spelling.
    pub(super) fn make(self, object: &str, oddity: &Oddity) -> Option<String> {
        let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(object).unwrap();
        let json = match oddity.way {
            Way::Absent => {
                fields.remove(self.name);
                return serde_json::to_string(&fields).ok();
            }
            Way::Json(json) => json.to_owned(),
            Way::Spelled => self.spelled(fields.get(self.name)?.get())?,
        };
        fields.insert(self.name.to_owned(), RawValue::from_string(json).unwrap());
        serde_json::to_string(&fields).ok()
    }

    /// The same for the first transaction of a payment that has one.
    pub(super) fn make_in_transaction(self, payment: &str, oddity: &Oddity) -> Option<String> {
        let value: Value = serde_json::from_str(payment).unwrap();
        let transaction = value["transactions"].get(0)?.to_string();
        let odd = self.make(&transaction, oddity)?;
        Some(super::api::with(payment, "transactions", &format!("[{odd}]")))
    }

    fn spelled(self, json: &str) -> Option<String> {
        let text = json.trim_matches('"');
        match self.kind {
            _ if json == "null" => None,
            Money if json.starts_with('"') => Some(text.to_owned()),
            Money | Whole => Some(format!("\"{text}\"")),
            Flag => Some(if text == "true" { "\"True\"".to_owned() } else { "\"False\"".to_owned() }),
            Text if text.parse::<u64>().is_ok() && !text.starts_with('0') => Some(text.to_owned()),
            _ => None,
        }
    }

    /// Whether an order on the way to its payer can do without it.
    pub(super) fn is_of_no_use_to_payers(self) -> bool {
        ["payment_uri", "rate", "notes", "reference", "language", "need_dni"].contains(&self.name)
    }

    /// Whether a wait for a payment that is paid may be left waiting without it.
    pub(super) fn decides_when_paid(self) -> bool {
        ["identifier", "status", "fiat_amount", "fiat", "safe"].contains(&self.name)
    }
}

/// A sequence that looks random and is always the same.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        &all[usize::try_from(self.0 % all.len() as u64).unwrap()]
    }
}
