//! The HTML of the checkout page.

use std::{
    fmt::{self, Display, Write},
    sync::LazyLock,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{EcLevel, QrCode, render::svg};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use crate::{
    bitnovo::action::{Action, Funds},
    bitnovo::catalogue::CATALOGUE,
    bitnovo::decimal,
    bitnovo::fiat,
    bitnovo::order::{Order, Quote},
    bitnovo::order_status::OrderStatus,
};

use super::words::Words;

const TEMPLATE: &str = include_str!("checkout.html");
const STYLE: &str = include_str!("checkout.css");
const SCRIPT: &str = include_str!("checkout.js");

/// Allows the script and the style of the page by their hashes, and nothing else.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
});

/// Text of others, made harmless in HTML and in quoted attributes.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string().chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The buttons of the Simulate panel: name, what they do.
pub(super) fn buttons() -> [(&'static str, Action); 8] {
    let percent = |percent| Action::Pay(Funds::Percent(Decimal::new(percent, 0)));
    [
        ("pay", Action::Pay(Funds::Remaining)),
        ("pay-60", percent(60)),
        ("pay-120", percent(120)),
        ("mine", Action::Mine),
        ("expire", Action::Expire),
        ("cancel", Action::Cancel),
        ("fail", Action::Fail),
        ("refund", Action::Refund),
    ]
}

/// The whole page, with the seconds that are left to pay.
pub(super) fn render(order: &Order, remaining: Option<i64>) -> String {
    let asked = &order.asked;
    let decimals = fiat::decimals(&asked.fiat);
    let words = Words::of(&asked.language);
    let amount = words.price(&format!("{:.*}", decimals, asked.fiat_amount), &asked.fiat);
    let notes = asked.notes.as_deref().filter(|notes| !notes.is_empty());
    let notes = notes.map(|notes| format!("<p class=\"notes\">{}</p>", Escaped(notes))).unwrap_or_default();
    let (headline, tone) = headline(order, words);
    let body = match &order.quote {
        None if order.status == OrderStatus::NR => choices(order, words),
        Some(quote) if matches!(order.status, OrderStatus::PE | OrderStatus::IA) => {
            how_to_pay(order, quote, words)
        }
        _ => String::new(),
    };
    fill(
        TEMPLATE,
        &[
            ("style", STYLE),
            ("script", SCRIPT),
            ("revision", &order.revision.to_string()),
            ("remaining", &remaining.map(|seconds| seconds.to_string()).unwrap_or_default()),
            ("merchant", &Escaped(&order.device.name).to_string()),
            ("amount", &Escaped(amount).to_string()),
            ("notes", &notes),
            ("status", &order.status.to_string()),
            ("tone", tone),
            ("headline", headline),
            ("body", &body),
            ("links", &links(order, words)),
            ("buttons", &panel(order, words)),
            ("language", words.code),
            ("title", words.title),
            ("no_real_money", words.no_real_money),
            ("copied", words.copied),
            ("simulate", words.simulate),
            ("about_buttons", words.about_buttons),
        ],
    )
}

/// Puts values in the places of `template`, in one pass, so that no value is taken for a place.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        let value = values.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        page.push_str(value.unwrap_or_default());
        page.push_str(rest);
    }
    page
}

fn headline(order: &Order, words: &Words) -> (&'static str, &'static str) {
    match order.status {
        OrderStatus::NR => (words.choose, "open"),
        OrderStatus::PE => (words.waiting, "open"),
        OrderStatus::IA => (words.part, "warn"),
        OrderStatus::AC if order.safe => (words.accepted, "good"),
        OrderStatus::AC => (words.seen, "open"),
        OrderStatus::CO => (words.paid, "good"),
        OrderStatus::OC => (words.out_of_conditions, "warn"),
        OrderStatus::EX => (words.expired, "bad"),
        OrderStatus::CA => (words.cancelled, "bad"),
        OrderStatus::FA => (words.failed, "bad"),
        OrderStatus::RF => (words.refunded, "warn"),
    }
}

fn choices(order: &Order, words: &Words) -> String {
    let payable = CATALOGUE.iter().filter_map(|currency| {
        let amount = currency.quote(order.asked.fiat_amount, &order.asked.fiat).ok()?;
        Some((currency, decimal::plain(amount)))
    });
    let rows: String = payable
        .map(|(currency, amount)| {
            format!(
                "<button name=\"currency\" value=\"{symbol}\"><img src=\"/media/{symbol}.svg\" alt=\"\">\
                 <span>{}<small>{} {}</small></span><b>{amount}<small>{symbol}</small></b></button>",
                currency.name,
                words.network,
                currency.blockchain,
                symbol = currency.symbol,
            )
        })
        .collect();
    if rows.is_empty() {
        return format!("<p>{}</p>", words.no_currency);
    }
    format!("<form class=\"choices\" method=\"post\" action=\"currency\">{rows}</form>")
}

fn how_to_pay(order: &Order, quote: &Quote, words: &Words) -> String {
    let Quote { currency, address, tag_memo, .. } = quote;
    let content = if quote.payment_uri.is_empty() { address } else { &quote.payment_uri };
    let missing = decimal::plain(order.remaining());
    let copy = |label: &str, text: &str, shown: &str| {
        format!(
            "<dt>{label}</dt><dd><code>{}</code><button type=\"button\" data-copy=\"{}\">{}</button></dd>",
            Escaped(shown),
            Escaped(text),
            words.copy
        )
    };
    let tag = if tag_memo.is_empty() {
        String::new()
    } else {
        format!("{}<dd class=\"warning\">{}</dd>", copy(words.tag, tag_memo, tag_memo), words.tag_needed)
    };
    let only = words.only.replace("{currency}", currency.name).replace("{network}", currency.blockchain);
    format!(
        "<p class=\"clock\">{} <b id=\"left\"></b></p><div class=\"qr\">{}</div>\
         <dl>{}{}{tag}</dl><p class=\"network\">{only}</p>",
        words.time_left,
        qr(content),
        copy(words.amount, &missing, &format!("{missing} {}", currency.symbol)),
        copy(words.address, address, address),
    )
}

fn qr(content: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(content, EcLevel::M) else {
        return String::new();
    };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build();
    // An XML declaration has no place inside HTML.
    svg.find("<svg").and_then(|start| svg.get(start..)).unwrap_or_default().to_owned()
}

/// Back to the shop, once there is nothing left to do here.
fn links(order: &Order, words: &Words) -> String {
    let asked = &order.asked;
    let target = match order.status {
        OrderStatus::CO => &asked.url_ok,
        OrderStatus::AC if order.safe => &asked.url_ok,
        OrderStatus::AC => &asked.url_standby,
        OrderStatus::OC | OrderStatus::EX | OrderStatus::CA | OrderStatus::FA | OrderStatus::RF => {
            &asked.url_ko
        }
        OrderStatus::NR | OrderStatus::PE | OrderStatus::IA => &None,
    };
    let link = |url: &String| {
        format!("<a class=\"back\" rel=\"noreferrer\" href=\"{}\">{}</a>", Escaped(url), words.back)
    };
    target.as_ref().map(link).unwrap_or_default()
}

fn panel(order: &Order, words: &Words) -> String {
    let labelled = buttons().into_iter().zip(words.buttons);
    let offered = labelled.filter(|((_, action), _)| action.applies_to(order));
    // Without a currency paying would choose one behind the customer's back; here the customer chooses.
    let offered =
        offered.filter(|((_, action), _)| order.quote.is_some() || !matches!(action, Action::Pay(_)));
    offered
        .map(|((name, _), label)| format!("<button name=\"action\" value=\"{name}\">{label}</button>"))
        .collect()
}
