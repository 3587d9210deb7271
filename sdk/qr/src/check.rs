//! The last step of every drawing: what was drawn must read back as the text it was drawn from.

use rqrr::{Grid, SimpleGrid};

use super::QrError;

/// Decodes a square of modules, as a scanner would after finding it, and compares the text.
///
/// Finding the code in the picture takes ten times as long and depends on nothing but the layout, so that part belongs
/// to the tests.
///
/// # Errors
/// [`QrError::Unreadable`] when it does not decode, or to another text.
pub(super) fn reads_as(
    text: &str,
    modules: usize,
    is_dark: impl Fn(usize, usize) -> bool,
) -> Result<(), QrError> {
    match Grid::new(SimpleGrid::from_func(modules, is_dark)).decode() {
        Ok((_, decoded)) if decoded == text => Ok(()),
        _ => Err(QrError::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use qrcode::EcLevel;

    use super::*;
    use crate::symbol::Symbol;

    const TEXT: &str = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890";

    fn symbol() -> Symbol {
        Symbol::encode(TEXT, EcLevel::M).unwrap()
    }

    #[test]
    fn a_drawing_of_the_text_passes() {
        let symbol = symbol();
        assert!(reads_as(TEXT, symbol.modules(), |x, y| symbol.is_dark(x, y)).is_ok());
    }

    #[test]
    fn a_drawing_of_another_text_is_refused() {
        let symbol = symbol();
        let other_tag = "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567891";
        let checked = reads_as(other_tag, symbol.modules(), |x, y| symbol.is_dark(x, y));
        assert!(matches!(checked, Err(QrError::Unreadable)));
    }

    #[test]
    fn a_drawing_damaged_beyond_correction_is_refused() {
        let symbol = symbol();
        let checked = reads_as(TEXT, symbol.modules(), |x, y| symbol.is_dark(x, y) || (9..24).contains(&y));
        assert!(matches!(checked, Err(QrError::Unreadable)));
    }

    #[test]
    fn an_empty_drawing_is_refused() {
        assert!(matches!(reads_as(TEXT, 33, |_, _| false), Err(QrError::Unreadable)));
    }
}
