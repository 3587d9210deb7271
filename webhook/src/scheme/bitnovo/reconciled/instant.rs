//! One text for one moment, whatever time zone the API writes it in.

/// The seconds since 1970 with their fraction, such as `1738573450.5512`; `None` for what is no time with an offset.
pub(super) fn utc(text: &str) -> Option<String> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let (time, offset) = match time.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => {
            let (time, offset) = time.split_at_checked(time.rfind(['+', '-'])?)?;
            let (hours, minutes) = offset.get(1..)?.split_once(':')?;
            let minutes = number(hours)?.checked_mul(60)?.checked_add(number(minutes)?)?;
            (time, if offset.starts_with('-') { minutes.checked_neg()? } else { minutes })
        }
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let minutes = days(year, month, day)?
        .checked_mul(24)?
        .checked_add(hour)?
        .checked_mul(60)?
        .checked_add(minute)?
        .checked_sub(offset)?;
    let seconds = minutes.checked_mul(60)?.checked_add(second)?;
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{seconds}.{}", fraction.trim_end_matches('0')))
}

/// The days since 1970-01-01, with the year beginning in March, so that the leap day is its last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_date = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let (year, month) =
        if month > 2 { (year, month.checked_sub(3)?) } else { (year.checked_sub(1)?, month.checked_add(9)?) };
    let leap_days = (year / 4).checked_sub(year / 100)?.checked_add(year / 400)?;
    let before = month.checked_mul(153)?.checked_add(2)? / 5;
    let days = year.checked_mul(365)?.checked_add(leap_days)?.checked_add(before)?.checked_add(day)?;
    days.checked_sub(719_469).filter(|_| is_date)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let all: Option<Vec<i64>> = text.split(between).map(number).collect();
    all?.try_into().ok()
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_one_text() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", "0."),
            ("2025-02-03T10:04:10.551200+01:00", "1738573450.5512"),
            ("2025-02-03T09:04:10.5512Z", "1738573450.5512"),
            ("2025-02-03 04:04:10.5512-05:00", "1738573450.5512"),
            ("2024-02-29T23:59:59Z", "1709251199."),
            ("2024-03-01T00:00:00+00:00", "1709251200."),
            ("2000-12-31T23:00:00-01:00", "978307200."),
        ] {
            assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2025-02-03",
            "2025-02-03T10:04:10",
            "2025-13-03T10:04:10Z",
            "2025-02-03T10:04:1é.5Z",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }
}
