//! The modules of a QR code, before anything is drawn.

use qrcode::{
    Color, EcLevel, QrCode, QrResult, Version,
    bits::{Bits, encode_auto},
    types::QrError::DataTooLong,
};

use super::QrError;

/// Modules of a text, row by row, without the quiet zone.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    modules: usize,
    dark: Vec<bool>,
    room: usize,
}

impl Symbol {
    /// Free modules that the standard demands on every side.
    pub(super) const QUIET_ZONE: usize = 4;

    /// The smallest symbol that holds `text` at error correction `level`.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when no version holds it.
    pub(super) fn encode(text: &str, level: EcLevel) -> Result<Self, QrError> {
        let code = bits(text, level)
            .and_then(|bits| QrCode::with_bits(bits, level))
            .map_err(|_| QrError::TooLong { bytes: text.len() })?;
        let modules = code.width();
        let dark = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        Ok(Self { modules, dark, room: 0 })
    }

    /// Frees a round room in the centre, at most a fifth of the side across; only level H may lose as much.
    ///
    /// Whole modules give way, so that none is cut by what is drawn there.
    pub(super) fn with_room(mut self) -> Self {
        // Odd like the number of modules, so that the room is centred on one.
        self.room = (self.modules / 5).saturating_sub(1) | 1;
        let (modules, diameter) = (self.modules, self.room);
        for (index, dark) in self.dark.iter_mut().enumerate() {
            // Twice the distance from the centre to the module's nearest corner, along each axis.
            let near = |at: usize| (2 * at + 1).abs_diff(modules).saturating_sub(1);
            let (x, y) = (near(index % modules), near(index / modules));
            if x * x + y * y < diameter * diameter {
                *dark = false;
            }
        }
        self
    }

    /// Modules along a side.
    pub(super) fn modules(&self) -> usize {
        self.modules
    }

    /// Modules along a side with the quiet zone on both ends.
    pub(super) fn span(&self) -> usize {
        self.modules + 2 * Self::QUIET_ZONE
    }

    /// Modules across the mark that the room is for, which leaves it half a module of air all around.
    pub(super) fn mark(&self) -> Option<usize> {
        self.room.checked_sub(1)
    }

    /// Rows from top to bottom, `true` for a dark module.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dark.chunks(self.modules)
    }

    /// Whether a module is dark; nothing outside the symbol is.
    pub(super) fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.modules && self.dark.get(y * self.modules + x).copied().unwrap_or(false)
    }
}

/// Text as a stream of bits.
///
/// The library's own choice takes some UTF-8 for Shift JIS and packs it as Kanji, which phones then show as other
/// characters: what is not ASCII goes in as bytes.
fn bits(text: &str, level: EcLevel) -> QrResult<Bits> {
    if text.is_ascii() {
        return encode_auto(text.as_bytes(), level);
    }
    let fill = |version| {
        let mut bits = Bits::new(version);
        bits.push_byte_data(text.as_bytes())?;
        bits.push_terminator(level)?;
        Ok(bits)
    };
    let versions = (1..=40).map(Version::Normal);
    versions.map(fill).find(Result::is_ok).unwrap_or(Err(DataTooLong))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_odd_centred_and_at_most_a_fifth_of_the_side() {
        for length in [1, 20, 60, 100, 200, 400, 1000] {
            let symbol = Symbol::encode(&"x".repeat(length), EcLevel::H).unwrap().with_room();
            assert!(symbol.room % 2 == 1 && symbol.room >= 3, "{length}");
            assert!(symbol.room * 5 <= symbol.modules(), "{} of {}", symbol.room, symbol.modules());
            assert!(symbol.room * 5 > symbol.modules() - 10, "{} of {}", symbol.room, symbol.modules());
            let first = (symbol.modules() - symbol.room) / 2;
            let middle = symbol.modules() / 2;
            for offset in 0..symbol.room {
                assert!(!symbol.is_dark(first + offset, middle) && !symbol.is_dark(middle, first + offset));
            }
        }
    }

    #[test]
    fn making_room_changes_nothing_outside_it() {
        let whole = Symbol::encode("bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", EcLevel::H).unwrap();
        let roomy = whole.clone().with_room();
        let first = (whole.modules() - roomy.room) / 2;
        let inside = first..first + roomy.room;
        let mut freed = 0;
        for y in 0..whole.modules() {
            for x in 0..whole.modules() {
                if whole.is_dark(x, y) != roomy.is_dark(x, y) {
                    assert!(inside.contains(&x) && inside.contains(&y), "{x} {y}");
                    freed += 1;
                }
            }
        }
        assert!(freed > 0);
    }

    #[test]
    fn text_beyond_ascii_is_stored_as_bytes() {
        // Every pair of these bytes is a Kanji in Shift JIS too, which would take 13 bits instead of 16.
        let text = "あ".repeat(16);
        let ascii = "~".repeat(text.len());
        let modules = |text: &str| Symbol::encode(text, EcLevel::M).unwrap().modules();
        assert_eq!(modules(&text), modules(&ascii));
        assert!(QrCode::new(&text).unwrap().width() < modules(&text));
    }

    #[test]
    fn a_text_longer_than_any_code_is_refused_with_its_length() {
        let most = "x".repeat(1273);
        assert!(Symbol::encode(&most, EcLevel::H).is_ok());
        for text in ["x".repeat(1274), "é".repeat(637)] {
            let error = Symbol::encode(&text, EcLevel::H).unwrap_err();
            assert!(matches!(error, QrError::TooLong { bytes: 1274 }), "{error}");
        }
    }
}
