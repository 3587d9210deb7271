//! The fiat currencies in which an order can be made, at invented rates that never change.

use rust_decimal::Decimal;

/// Fixed rates of the thirty fiat currencies, in EUR for one unit; `None` for any other code.
pub(crate) fn eur_per_unit(fiat: &str) -> Option<Decimal> {
    let (mantissa, scale) = match fiat {
        "ARS" => (85, 5),
        "AUD" => (56, 2),
        "BGN" => (51, 2),
        "BOB" => (13, 2),
        "BRL" => (16, 2),
        "CAD" => (63, 2),
        "CHF" => (106, 2),
        "CLP" => (95, 5),
        "COP" => (22, 5),
        "DKK" => (134, 3),
        "DOP" => (145, 4),
        "EUR" => (1, 0),
        "GBP" => (116, 2),
        "GEL" => (33, 2),
        "HUF" => (25, 4),
        "ISK" => (70, 4),
        "JPY" => (60, 4),
        "KRW" => (65, 5),
        "MXN" => (48, 3),
        "NOK" => (85, 3),
        "NZD" => (51, 2),
        "PEN" => (25, 2),
        "PLN" => (23, 2),
        "PYG" => (12, 5),
        "RON" => (20, 2),
        "SEK" => (89, 3),
        "SGD" => (70, 2),
        "SVC" => (105, 3),
        "USD" => (92, 2),
        "UYU" => (22, 3),
        _ => return None,
    };
    Some(Decimal::new(mantissa, scale))
}

/// How many decimals people write after an amount, from ISO 4217.
pub(crate) fn decimals(fiat: &str) -> usize {
    if matches!(fiat, "CLP" | "ISK" | "JPY" | "KRW" | "PYG") { 0 } else { 2 }
}
