//! Text written by others, made harmless to show.

/// Longest text that is passed on, in characters.
const LONGEST: usize = 512;

/// Makes a text from elsewhere safe to show and to log.
///
/// Line breaks and tabs become spaces; other control characters, and characters that are invisible, change the
/// direction of writing or carry hidden text, are left out; the rest is cut at 512 characters. It is still data,
/// never an instruction.
///
/// ```
/// assert_eq!(payments_core::clean_text("Table\u{202e} 7\nthanks\u{200b}!"), "Table 7 thanks!");
/// ```
#[must_use]
pub fn clean_text(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let shown: String = spaced.filter(|c| !is_deceptive(*c)).take(LONGEST).collect();
    shown.trim().to_owned()
}

/// Whether a character is invisible, controls a terminal, or changes how the text around it reads.
///
/// For texts that must be shown exactly or not at all, such as an address: look for one of these, instead of leaving
/// them out as [`clean_text`] does.
///
/// ```
/// assert!("pay\u{200b}ments.example".contains(payments_core::is_deceptive));
/// assert!(!"payments.example".contains(payments_core::is_deceptive));
/// ```
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' // soft hyphen
            | '\u{034f}' // combining grapheme joiner
            | '\u{061c}' // Arabic letter mark
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}' // invisible Khmer vowels
            | '\u{180b}'..='\u{180f}' // Mongolian selectors and separator
            | '\u{200b}'..='\u{200f}' // zero width, direction marks
            | '\u{202a}'..='\u{202e}' // direction embeddings and overrides
            | '\u{2060}'..='\u{206f}' // word joiner, direction isolates, deprecated controls
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{feff}' // byte order mark
            | '\u{fff0}'..='\u{fffb}' // unassigned, interlinear annotation
            | '\u{fdd0}'..='\u{fdef}' // not characters
            | '\u{13430}'..='\u{13440}' // hieroglyph joiners
            | '\u{1bca0}'..='\u{1bca3}' // shorthand controls
            | '\u{1d173}'..='\u{1d17a}' // musical controls
            | '\u{e0000}'..='\u{e0fff}' // tags, more variation selectors
        )
        // The last two of every plane are no characters either.
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The longest text that is shown without being cut. Lightning invoices are the longest of them.
const LONGEST_EXACT: usize = 4096;

/// Whether a text can be shown exactly as it is. For what must not be changed by a single character: where money goes,
/// and the page behind a link.
///
/// ```
/// assert!(payments_core::is_plain("bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"));
/// assert!(!payments_core::is_plain("bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh\u{200b}"));
/// ```
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let breaks_the_line = |c| matches!(c, '\u{2028}' | '\u{2029}');
    text.len() <= LONGEST_EXACT
        && text.trim() == text
        && !text.chars().any(|c| is_deceptive(c) || breaks_the_line(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        for (dirty, clean) in [
            ("plain ñ 漢字 😀", "plain ñ 漢字 😀"),
            ("a\u{0}b\u{1b}[31mc\u{7f}d\u{85}e", "ab[31mcd e"),
            ("one\r\n\ttwo", "one   two"),
            ("\u{202e}txt.exe\u{202c}", "txt.exe"),
            ("p\u{200b}a\u{200d}y\u{2060}\u{feff}", "pay"),
            ("hi\u{e0041}\u{e0042}\u{e007f}", "hi"),
            ("a\u{2028}b\u{2029}c", "a b c"),
            ("a\u{fffe}b\u{1ffff}c\u{fdd0}d", "abcd"),
            ("\u{2066}x\u{2069}\u{fe0f}\u{e0100}", "x"),
            ("  trimmed  ", "trimmed"),
        ] {
            assert_eq!(clean_text(dirty), clean, "{dirty:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_by_characters() {
        assert_eq!(clean_text(&"ñ".repeat(600)).chars().count(), 512);
    }
}
