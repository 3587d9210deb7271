//! Where the modules of a symbol lie among the pixels of a square picture.

use super::{QrError, QrSize, symbol::Symbol};

/// Whole pixels per module, because a fraction shows as seams; what is left over widens the margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Side of the picture in pixels.
    pub(super) side: usize,
    /// Side of a module in pixels.
    pub(super) scale: usize,
    /// Pixels left of, and above, the first module.
    pub(super) margin: usize,
}

impl Layout {
    /// Below two pixels per module, cameras and decoders begin to fail.
    const SMALLEST_SCALE: usize = 2;

    /// Centres a symbol, its quiet zone included, in a picture.
    ///
    /// # Errors
    /// [`QrError::TooSmall`], naming the side that is enough.
    pub(super) fn new(symbol: &Symbol, size: QrSize) -> Result<Self, QrError> {
        let side = size.pixels();
        let scale = side / symbol.span();
        if scale < Self::SMALLEST_SCALE {
            return Err(QrError::TooSmall { side, smallest: symbol.span() * Self::SMALLEST_SCALE });
        }
        Ok(Self { side, scale, margin: (side - symbol.modules() * scale) / 2 })
    }

    /// The pixel in the middle of a module, along either axis.
    pub(super) fn middle_of(&self, module: usize) -> usize {
        self.margin + module * self.scale + self.scale / 2
    }
}

#[cfg(test)]
mod tests {
    use qrcode::EcLevel;

    use super::*;

    fn layout(side: u32) -> Result<Layout, QrError> {
        // 33 modules, 41 with the quiet zone.
        let symbol = Symbol::encode("https://pay.example.com/0b9d6f0e-6c5e-4a53-9f4e", EcLevel::M).unwrap();
        assert_eq!(symbol.modules(), 33);
        Layout::new(&symbol, QrSize::try_from(side).unwrap())
    }

    #[test]
    fn modules_are_whole_pixels_and_the_rest_goes_to_the_margin() {
        assert_eq!(layout(512).unwrap(), Layout { side: 512, scale: 12, margin: 58 });
        assert_eq!(layout(410).unwrap(), Layout { side: 410, scale: 10, margin: 40 });
        assert_eq!(layout(2000).unwrap(), Layout { side: 2000, scale: 48, margin: 208 });
    }

    #[test]
    fn the_middle_of_a_module_lies_inside_it() {
        let layout = layout(512).unwrap();
        assert_eq!([0, 1, 32].map(|module| layout.middle_of(module)), [64, 76, 448]);
    }

    #[test]
    fn a_side_too_small_for_the_text_is_refused_with_the_one_that_is_enough() {
        let symbol = Symbol::encode(&"x".repeat(100), EcLevel::H).unwrap();
        let error = Layout::new(&symbol, QrSize::try_from(100).unwrap()).unwrap_err();
        let QrError::TooSmall { side: 100, smallest } = error else { panic!("{error}") };
        let smallest = u32::try_from(smallest).unwrap();
        assert!(Layout::new(&symbol, QrSize::try_from(smallest).unwrap()).is_ok());
        assert!(Layout::new(&symbol, QrSize::try_from(smallest - 1).unwrap()).is_err());
    }
}
