//! The few colours of a picture.

use std::fmt;

/// Red, green and blue, 0 to 255 each; written as in SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) [u8; 3]);

impl Colour {
    pub(super) const WHITE: Self = Self([0xff, 0xff, 0xff]);
    /// Modules of a plain code.
    pub(super) const BLACK: Self = Self([0x00, 0x00, 0x00]);
    /// Modules of a branded code, a plum that is nearly black.
    pub(super) const INK: Self = Self([0x1f, 0x14, 0x24]);
    pub(super) const AMBER: Self = Self([0xe8, 0x92, 0x0c]);
    pub(super) const GOLD: Self = Self([0xff, 0xc0, 0x3d]);

    /// `parts` of `whole` of this colour laid over another one.
    pub(super) fn over(self, below: Self, parts: i64, whole: i64) -> Self {
        let Self([red, green, blue]) = self;
        let Self([red_below, green_below, blue_below]) = below;
        let mix = |own: u8, below: u8| {
            let sum = i64::from(own) * parts + i64::from(below) * (whole - parts);
            u8::try_from(sum / whole).unwrap_or(u8::MAX)
        };
        Self([mix(red, red_below), mix(green, green_below), mix(blue, blue_below)])
    }

    /// Whether a scanner takes it for a dark module, by its brightness to the eye.
    pub(super) fn is_dark(self) -> bool {
        let Self([red, green, blue]) = self;
        // Thousandths, as weighed by the BT.601 standard.
        299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) < 1000 * 128
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_goes_from_the_colour_below_to_the_one_above() {
        let mixed = |parts| Colour::BLACK.over(Colour::WHITE, parts, 4);
        assert_eq!([0, 2, 4].map(mixed), [Colour::WHITE, Colour([127; 3]), Colour::BLACK]);
    }

    #[test]
    fn only_the_ink_of_modules_and_sign_scans_as_dark() {
        assert!(Colour::BLACK.is_dark() && Colour::INK.is_dark());
        assert!(![Colour::WHITE, Colour::GOLD, Colour::AMBER].into_iter().any(Colour::is_dark));
    }

    #[test]
    fn colours_are_written_as_in_svg() {
        assert_eq!(Colour([0x0a, 0xff, 0x00]).to_string(), "#0aff00");
    }
}
