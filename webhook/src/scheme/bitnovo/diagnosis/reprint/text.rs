/// The first character that two spellings of a string write differently: as sent, and as at hand.
pub(super) fn first_difference(sent: &str, at_hand: &str) -> Option<(String, String)> {
    let (mut left, mut right) = (units(sent), units(at_hand));
    loop {
        match (left.next(), right.next()) {
            (Some(left), Some(right)) if left == right => {}
            (Some(left), Some(right)) => return Some((left.to_owned(), right.to_owned())),
            _ => return None,
        }
    }
}

/// The characters and escapes of a string of JSON; a pair of surrogates is two.
fn units(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match (first, rest.as_bytes().get(1)) {
            ('\\', Some(b'u')) => 6,
            ('\\', Some(_)) => 2,
            _ => first.len_utf8(),
        };
        let (unit, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown_as_it_is_written() {
        let difference = first_difference(r#""a/b\u00e9""#, r#""a\/b\u00e9""#);
        assert_eq!(difference, Some(("/".to_owned(), "\\/".to_owned())));
        let difference = first_difference(r#""caf\u00e9""#, "\"caf\u{e9}\"");
        assert_eq!(difference, Some(("\\u00e9".to_owned(), "\u{e9}".to_owned())));
        assert_eq!(first_difference("\"a\"", "\"a\""), None);
    }
}
