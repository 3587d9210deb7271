//! A code as text for a terminal, two modules per character.

use super::{QrError, symbol::Symbol};

/// What every terminal is assumed to show without breaking lines.
pub(super) const COLUMNS: usize = 80;

/// Black on white by number, because a theme may paint the sixteen named colours as it likes.
const BLACK_ON_WHITE: &str = "\u{1b}[38;5;16;48;5;231m";
const RESET: &str = "\u{1b}[0m";

/// Lines of half blocks, without a final line break.
///
/// With `ansi` the colours are set and the code scans on any background. Without, the light modules are drawn, which is
/// right on a dark background and inverted on a light one.
///
/// # Errors
/// [`QrError::TooWide`] beyond 80 columns.
pub(super) fn draw(symbol: &Symbol, ansi: bool) -> Result<String, QrError> {
    let span = symbol.span();
    if span > COLUMNS {
        return Err(QrError::TooWide { columns: span });
    }
    let inked = |x: usize, y: usize| {
        let module = |at: usize| at.checked_sub(Symbol::QUIET_ZONE);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| symbol.is_dark(x, y));
        dark == ansi
    };
    let lines: Vec<String> = (0..span)
        .step_by(2)
        .map(|y| {
            let blocks = (0..span).map(|x| match (inked(x, y), inked(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            });
            if ansi {
                BLACK_ON_WHITE.chars().chain(blocks).chain(RESET.chars()).collect()
            } else {
                blocks.collect()
            }
        })
        .collect();
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use qrcode::EcLevel;

    use super::*;
    use crate::scan;

    const LINK: &str = "https://paytest.bitnovo.com/3fa9c01e/";
    const URI: &str = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false";

    fn drawn(text: &str, ansi: bool) -> String {
        draw(&Symbol::encode(text, EcLevel::L).unwrap(), ansi).unwrap()
    }

    /// Upper and lower half of every character: `true` where there is ink.
    fn halves(lines: &[&str]) -> Vec<Vec<bool>> {
        let half = |line: &&str, full: [char; 2]| line.chars().map(|block| full.contains(&block)).collect();
        lines.iter().flat_map(|line| [half(line, ['▀', '█']), half(line, ['▄', '█'])]).collect()
    }

    /// Scans the terminal's window: what is drawn, on a wide background of the grey that the terminal has.
    fn scanned(rows: &[Vec<bool>], ink: u8, paper: u8, background: u8) -> Vec<String> {
        const SCALE: usize = 6;
        let side = (rows.len().max(rows[0].len()) + 8) * SCALE;
        scan::scan(side, |x, y| {
            let at = |pixel: usize| (pixel / SCALE).checked_sub(4);
            let inked = at(x).zip(at(y)).and_then(|(x, y)| rows.get(y)?.get(x));
            inked.map_or(background, |inked| if *inked { ink } else { paper })
        })
    }

    #[test]
    fn with_colours_it_scans_on_dark_and_on_light_terminals() {
        for text in [LINK, URI] {
            let drawn = drawn(text, true);
            let bare = |line| str::strip_prefix(line, BLACK_ON_WHITE)?.strip_suffix(RESET);
            let lines: Vec<&str> =
                drawn.lines().map(|line| bare(line).expect("colours on every line")).collect();
            for background in [0, 255] {
                assert_eq!(scanned(&halves(&lines), 0, 255, background), [text]);
            }
        }
    }

    #[test]
    fn without_colours_it_scans_on_a_dark_terminal() {
        for text in [LINK, URI] {
            let drawn = drawn(text, false);
            let lines: Vec<&str> = drawn.lines().collect();
            assert_eq!(scanned(&halves(&lines), 230, 20, 20), [text]);
        }
    }

    #[test]
    fn links_and_payment_uris_fit_80_columns() {
        let ripple = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890";
        let invoice = format!("lightning:{}", "lnbc25m1pvjluezpp5qqqsyqcyq5rqwzqf".repeat(8));
        for text in [LINK, URI, ripple, invoice.as_str()] {
            for line in drawn(text, false).lines() {
                assert!(line.chars().count() <= 80, "{text}");
            }
        }
    }

    #[test]
    fn a_code_wider_than_a_terminal_is_refused() {
        let symbol = Symbol::encode(&"x".repeat(426), EcLevel::L).unwrap();
        let error = draw(&symbol, true).unwrap_err();
        assert!(matches!(error, QrError::TooWide { columns: 81 }), "{error}");
        assert!(
            error.to_string().starts_with("the code is 81 columns wide and a terminal shows 80"),
            "{error}"
        );
    }
}
