//! A picture as pixels, and as PNG.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use super::{
    QrError, check,
    colour::Colour,
    layout::Layout,
    mark::{RADIUS, shade, shades},
    symbol::Symbol,
};

/// Square of palette indices, packed as PNG stores them: one bit per pixel without a mark, four with it.
#[derive(Debug)]
pub(super) struct Raster {
    layout: Layout,
    modules: usize,
    bits: usize,
    bytes_per_line: usize,
    bytes: Vec<u8>,
}

// Indices of the palette. The first two also mean dark and white in one-bit grey, which has no palette.
const DARK: u8 = 0;
const WHITE: u8 = 1;
const SHADES: u8 = 2;

impl Raster {
    /// Draws every module and, if the symbol has room for it, the mark.
    pub(super) fn paint(symbol: &Symbol, layout: Layout) -> Self {
        let (bits, white) = if symbol.mark().is_some() { (4, WHITE << 4 | WHITE) } else { (1, 0b1111_1111) };
        let bytes_per_line = (layout.side * bits).div_ceil(8);
        let bytes = vec![white; bytes_per_line * layout.side];
        let mut raster = Self { layout, modules: symbol.modules(), bits, bytes_per_line, bytes };
        raster.draw_modules(symbol);
        if let Some(modules) = symbol.mark() {
            raster.draw_mark(modules);
        }
        raster
    }

    fn draw_modules(&mut self, symbol: &Symbol) {
        let Layout { scale, margin, .. } = self.layout;
        for (row, top) in symbol.rows().zip((margin..).step_by(scale)) {
            for (&dark, left) in row.iter().zip((margin..).step_by(scale)) {
                if dark {
                    (left..left + scale).for_each(|x| self.set(x, top, DARK));
                }
            }
            let line = top * self.bytes_per_line..(top + 1) * self.bytes_per_line;
            for y in top + 1..top + scale {
                self.bytes.copy_within(line.clone(), y * self.bytes_per_line);
            }
        }
    }

    fn draw_mark(&mut self, modules: usize) {
        let Layout { scale, margin, .. } = self.layout;
        let (code, diameter) = (self.modules * scale, modules * scale);
        let inside = margin + (code - diameter) / 2..margin + (code + diameter).div_ceil(2);
        // From the centre of the code to the middle of a pixel: counted in half pixels, this is a whole number.
        let unit = |pixel: usize| (2 * (pixel - margin) as i64 + 1 - code as i64) * RADIUS / diameter as i64;
        let pitch = 2 * RADIUS / diameter as i64;
        for y in inside.clone() {
            for x in inside.clone() {
                if let Some(index) = shade(unit(x), unit(y), pitch) {
                    self.set(x, y, SHADES + index);
                }
            }
        }
    }

    /// Samples the middle of every module and decodes what is there.
    ///
    /// # Errors
    /// [`QrError::Unreadable`] when the picture does not say `text`.
    pub(super) fn reads_as(&self, text: &str) -> Result<(), QrError> {
        let dark: Vec<bool> = palette().map(Colour::is_dark).collect();
        check::reads_as(text, self.modules, |x, y| {
            let index = self.get(self.layout.middle_of(x), self.layout.middle_of(y));
            dark.get(usize::from(index)).copied().unwrap_or(false)
        })
    }

    /// The picture as a file: opaque, without metadata.
    ///
    /// # Errors
    /// [`QrError::Png`] when the encoder fails.
    pub(super) fn to_png(&self) -> Result<Vec<u8>, QrError> {
        let side = self.layout.side as u32;
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, side, side);
        if self.bits == 1 {
            encoder.set_color(ColorType::Grayscale);
            encoder.set_depth(BitDepth::One);
        } else {
            encoder.set_color(ColorType::Indexed);
            encoder.set_depth(BitDepth::Four);
            encoder.set_palette(palette().flat_map(|Colour(rgb)| rgb).collect::<Vec<u8>>());
        }
        // This chooses a filter too, so the filter comes after it.
        encoder.set_compression(Compression::Balanced);
        encoder.set_filter(self.filter());
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.bytes));
        written.map_err(|error| QrError::Png { source: error.into() })?;
        Ok(file)
    }

    /// Most lines repeat the one above. Compression says so in a single step while a line is no longer than its longest
    /// match; beyond that, a line of zeros is cheaper.
    fn filter(&self) -> Filter {
        const LONGEST_MATCH: usize = 258;
        if self.bytes_per_line < LONGEST_MATCH { Filter::NoFilter } else { Filter::Up }
    }

    fn set(&mut self, x: usize, y: usize, index: u8) {
        let (at, shift) = self.place(x, y);
        let mask = self.mask();
        if let Some(byte) = self.bytes.get_mut(at) {
            *byte = *byte & !(mask << shift) | index << shift;
        }
    }

    fn get(&self, x: usize, y: usize) -> u8 {
        let (at, shift) = self.place(x, y);
        self.bytes.get(at).map_or(WHITE, |byte| byte >> shift & self.mask())
    }

    /// The byte that holds a pixel, and how far up in it; the leftmost pixel is in the highest bits.
    fn place(&self, x: usize, y: usize) -> (usize, usize) {
        let bit = x * self.bits;
        (y * self.bytes_per_line + bit / 8, 8 - self.bits - bit % 8)
    }

    fn mask(&self) -> u8 {
        u8::MAX >> (8 - self.bits)
    }
}

/// Colours by index.
fn palette() -> impl Iterator<Item = Colour> {
    [Colour::INK, Colour::WHITE].into_iter().chain(shades())
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use qrcode::EcLevel;

    use super::*;
    use crate::{QrSize, scan::Picture};

    const TEXT: &str = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false";

    fn plain() -> Symbol {
        Symbol::encode(TEXT, EcLevel::M).unwrap()
    }

    fn branded() -> Symbol {
        Symbol::encode(TEXT, EcLevel::H).unwrap().with_room()
    }

    fn paint(symbol: &Symbol, side: u32) -> Raster {
        Raster::paint(symbol, Layout::new(symbol, QrSize::try_from(side).unwrap()).unwrap())
    }

    /// Pixels along an axis that the mark may colour; it begins and ends in the middle of one when modules are odd.
    fn mark(symbol: &Symbol, layout: Layout) -> Range<usize> {
        let (code, mark) = (symbol.modules() * layout.scale, symbol.mark().unwrap_or(0) * layout.scale);
        layout.margin + (code - mark) / 2..layout.margin + (code + mark).div_ceil(2)
    }

    #[test]
    fn every_pixel_outside_the_mark_is_the_module_it_lies_in() {
        for (symbol, ink) in [(plain(), Colour::BLACK), (branded(), Colour::INK)] {
            for side in [128, 333, 512] {
                let raster = paint(&symbol, side);
                let picture = Picture::open(&raster.to_png().unwrap());
                let layout = raster.layout;
                let mark = mark(&symbol, layout);
                let module = |at: usize| at.checked_sub(layout.margin).map(|inside| inside / layout.scale);
                for y in 0..picture.side {
                    for x in (0..picture.side).filter(|x| !(mark.contains(x) && mark.contains(&y))) {
                        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| symbol.is_dark(x, y));
                        let expected = if dark { ink } else { Colour::WHITE };
                        assert_eq!(picture.colour(x, y), expected, "{x} {y} of {side}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_mark_is_centred_coloured_and_at_most_a_fifth_of_the_code() {
        let symbol = branded();
        for side in [128, 171, 512, 1000] {
            let raster = paint(&symbol, side);
            let picture = Picture::open(&raster.to_png().unwrap());
            let plain = [Colour::INK, Colour::WHITE];
            let coloured = |x: usize, y: usize| !plain.contains(&picture.colour(x, y));
            let columns: Vec<usize> =
                (0..picture.side).filter(|x| (0..picture.side).any(|y| coloured(*x, y))).collect();
            let rows: Vec<usize> =
                (0..picture.side).filter(|y| (0..picture.side).any(|x| coloured(x, *y))).collect();
            assert_eq!(columns, rows, "{side}");
            assert!(
                columns.len() * 5 <= symbol.modules() * raster.layout.scale,
                "{} of {side}",
                columns.len()
            );
            let (first, last) = (columns[0], columns[columns.len() - 1]);
            let code = symbol.modules() * raster.layout.scale;
            assert_eq!(first + last + 1, 2 * raster.layout.margin + code, "{side}");
        }
    }

    #[test]
    fn files_are_opaque_and_as_shallow_as_their_colours_allow() {
        for (symbol, stored) in [
            (plain(), (ColorType::Grayscale, BitDepth::One)),
            (branded(), (ColorType::Indexed, BitDepth::Four)),
        ] {
            let picture = Picture::open(&paint(&symbol, 512).to_png().unwrap());
            assert_eq!(picture.stored, stored);
            assert!(!picture.transparent);
        }
    }

    #[test]
    fn the_palette_fits_four_bits() {
        assert!(palette().count() <= 16);
    }

    #[test]
    fn a_picture_that_was_tampered_with_is_refused() {
        for symbol in [plain(), branded()] {
            let mut raster = paint(&symbol, 512);
            assert!(raster.reads_as(TEXT).is_ok());
            // A white band over a third of the code: more than any level corrects.
            let Layout { scale, margin, .. } = raster.layout;
            let first = margin + 9 * scale;
            for y in first..first + symbol.modules() * scale / 3 {
                (0..raster.layout.side).for_each(|x| raster.set(x, y, WHITE));
            }
            assert!(matches!(raster.reads_as(TEXT), Err(QrError::Unreadable)));
        }
    }

    #[test]
    fn a_picture_of_another_payment_is_refused() {
        let dearer = TEXT.replace("0.0005254", "0.0005255");
        assert!(matches!(paint(&branded(), 512).reads_as(&dearer), Err(QrError::Unreadable)));
    }

    #[test]
    fn a_plain_picture_of_512_pixels_stays_below_1500_bytes() {
        let file = paint(&plain(), 512).to_png().unwrap();
        assert!(file.len() <= 1500, "{} bytes", file.len());
    }
}
