//! Amounts and times as people write them. The structured fields keep one form for programs.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use payments_core::FiatCurrency;
use payments_core::{Language, Money};

/// An amount of fiat, and the code of its currency as the API or the caller names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) amount: Money,
    pub(crate) code: String,
}

/// The forms of one language, in one time zone if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Forms {
    pub(crate) language: Language,
    pub(crate) zone: Option<TimeZone>,
}

impl Forms {
    /// A price: `5.00 EUR`, `5,00 €`. An amount of a cryptocurrency has no form for people: it is for a wallet.
    pub(crate) fn price(&self, Price { amount, code }: &Price) -> String {
        let digits = in_fiat(*amount, code);
        match (self.language, code.as_str()) {
            (Language::En, _) => format!("{digits} {code}"),
            (Language::Es, "EUR") => format!("{} €", digits.replace('.', ",")),
            (Language::Es, _) => format!("{} {code}", digits.replace('.', ",")),
        }
    }

    /// The end of a payment, as the last words of a sentence: `before 19:05 (14 min left)`.
    ///
    /// Without a zone, readers would take a time of day for another moment: English then gives it in UTC, Spanish gives only
    /// the time that is left.
    pub(crate) fn before(&self, end: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let left = self.left(end - now);
        let local = self.zone.as_ref().and_then(|zone| clock(end, now, zone));
        match (self.language, local) {
            (Language::En, Some(Clock { time, day: None })) => format!("before {time} ({left})"),
            (Language::En, Some(Clock { time, day: Some(day) })) => {
                format!("before {time} on {day} ({left})")
            }
            (Language::En, None) => {
                format!("before {} ({left})", end.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            (Language::Es, Some(Clock { time, day: None })) => format!("{} {time} ({left})", antes_de(&time)),
            (Language::Es, Some(Clock { time, day: Some(day) })) => {
                format!("{} {time} del {}/{} ({left})", antes_de(&time), day.day(), day.month())
            }
            (Language::Es, None) => format!("a tiempo ({left})"),
        }
    }

    /// Rounded down, so that the customer does not rely on a minute that is not there.
    fn left(&self, left: TimeDelta) -> String {
        let minutes = left.num_minutes();
        let (hours, days) = (left.num_hours(), left.num_days());
        match self.language {
            Language::En if minutes < 1 => "less than a minute left".to_owned(),
            Language::En if hours < 3 => format!("{minutes} min left"),
            Language::En if days < 2 => format!("{hours} h left"),
            Language::En => format!("{days} days left"),
            Language::Es if minutes < 1 => "queda menos de un minuto".to_owned(),
            Language::Es if minutes == 1 => "queda 1 min".to_owned(),
            Language::Es if hours < 3 => format!("quedan {minutes} min"),
            Language::Es if days < 2 => format!("quedan {hours} h"),
            Language::Es => format!("quedan {days} días"),
        }
    }
}

/// An amount with as many decimals as its currency has.
pub(crate) fn in_fiat(amount: Money, code: &str) -> String {
    code.parse()
        .map_or_else(|_| amount.to_string_with_scale(0), |fiat: FiatCurrency| fiat.decimals_of(amount))
}

/// One o'clock is singular in Spanish.
fn antes_de(time: &str) -> &'static str {
    if time.starts_with("01:") { "antes de la" } else { "antes de las" }
}

/// A moment on the clocks of a zone; with the day unless that is today.
struct Clock {
    time: String,
    day: Option<Date>,
}

fn clock(moment: DateTime<Utc>, now: DateTime<Utc>, zone: &TimeZone) -> Option<Clock> {
    let local = |moment: DateTime<Utc>| {
        Timestamp::from_second(moment.timestamp()).ok().map(|moment| zone.to_datetime(moment))
    };
    let (moment, now) = (local(moment)?, local(now)?);
    let day = (moment.date() != now.date()).then(|| moment.date());
    Some(Clock { time: format!("{:02}:{:02}", moment.hour(), moment.minute()), day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(language: Language, zone: Option<&str>) -> Forms {
        Forms { language, zone: zone.map(|zone| TimeZone::get(zone).unwrap()) }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_price_is_written_as_the_language_writes_it() {
        let (en, es) = (forms(Language::En, None), forms(Language::Es, None));
        for (amount, fiat, english, spanish) in [
            ("5", "EUR", "5.00 EUR", "5,00 €"),
            ("1234.5", "EUR", "1234.50 EUR", "1234,50 €"),
            ("5", "USD", "5.00 USD", "5,00 USD"),
            ("5", "XYZ", "5 XYZ", "5 XYZ"),
        ] {
            let price = Price { amount: amount.parse().unwrap(), code: fiat.to_owned() };
            assert_eq!((en.price(&price).as_str(), es.price(&price).as_str()), (english, spanish));
        }
    }

    #[test]
    fn an_end_is_told_in_the_zone_with_the_minutes_that_are_left() {
        let (now, end) = (at("2026-07-01T16:50:30Z"), at("2026-07-01T17:05:00Z"));
        for (language, zone, expected) in [
            (Language::Es, Some("Europe/Madrid"), "antes de las 19:05 (quedan 14 min)"),
            (Language::Es, Some("Atlantic/Canary"), "antes de las 18:05 (quedan 14 min)"),
            (Language::Es, Some("America/New_York"), "antes de las 13:05 (quedan 14 min)"),
            (Language::Es, Some("Asia/Tokyo"), "antes de las 02:05 (quedan 14 min)"),
            (Language::Es, None, "a tiempo (quedan 14 min)"),
            (Language::En, Some("Europe/Madrid"), "before 19:05 (14 min left)"),
            (Language::En, Some("Asia/Tokyo"), "before 02:05 (14 min left)"),
            (Language::En, None, "before 2026-07-01T17:05:00Z (14 min left)"),
        ] {
            assert_eq!(forms(language, zone).before(end, now), expected);
        }
    }

    #[test]
    fn summer_time_midnight_and_long_times_are_told_right() {
        let madrid = forms(Language::Es, Some("Europe/Madrid"));
        for (now, end, expected) in [
            ("2026-01-01T17:50:00Z", "2026-01-01T18:05:00Z", "antes de las 19:05 (quedan 15 min)"),
            ("2026-07-01T21:55:00Z", "2026-07-01T22:10:00Z", "antes de las 00:10 del 2/7 (quedan 15 min)"),
            ("2026-07-01T10:50:00Z", "2026-07-01T11:05:00Z", "antes de las 13:05 (quedan 15 min)"),
            ("2026-06-30T22:50:00Z", "2026-06-30T23:05:00Z", "antes de la 01:05 (quedan 15 min)"),
            ("2026-07-01T10:00:00Z", "2026-07-01T10:01:30Z", "antes de las 12:01 (queda 1 min)"),
            ("2026-07-01T10:00:00Z", "2026-07-01T10:00:30Z", "antes de las 12:00 (queda menos de un minuto)"),
            ("2026-07-01T10:00:00Z", "2026-07-01T15:00:00Z", "antes de las 17:00 (quedan 5 h)"),
            ("2026-07-01T10:00:00Z", "2026-07-08T10:00:00Z", "antes de las 12:00 del 8/7 (quedan 7 días)"),
        ] {
            assert_eq!(madrid.before(at(end), at(now)), expected);
        }
        let tomorrow = forms(Language::En, Some("Europe/Madrid"));
        assert_eq!(
            tomorrow.before(at("2026-07-01T22:10:00Z"), at("2026-07-01T21:55:00Z")),
            "before 00:10 on 2026-07-02 (15 min left)"
        );
    }
}
