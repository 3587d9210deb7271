//! What a phone does, for the tests: open a file, find the code in the picture, read it.

use png::{BitDepth, ColorType, Decoder, Transformations};
use rqrr::PreparedImage;

use super::colour::Colour;

/// A PNG, opened.
pub(super) struct Picture {
    pub(super) side: usize,
    pub(super) stored: (ColorType, BitDepth),
    pub(super) transparent: bool,
    samples: usize,
    pixels: Vec<u8>,
}

impl Picture {
    pub(super) fn open(file: &[u8]) -> Self {
        let mut decoder = Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(frame.width, frame.height, "the picture is square");
        let samples = match frame.color_type {
            ColorType::Grayscale => 1,
            ColorType::Rgb => 3,
            other => panic!("not opaque: {other:?}"),
        };
        let info = reader.info();
        let (stored, transparent) = ((info.color_type, info.bit_depth), info.trns.is_some());
        Self { side: frame.width as usize, stored, transparent, samples, pixels }
    }

    pub(super) fn colour(&self, x: usize, y: usize) -> Colour {
        let at = self.samples * (y * self.side + x);
        match self.pixels[at..at + self.samples] {
            [red, green, blue] => Colour([red, green, blue]),
            ref grey => Colour([grey[0]; 3]),
        }
    }

    /// Texts of the codes found in the picture, when it lies on a background of grey `level` that is `border` wide.
    pub(super) fn scan_on(&self, level: u8, border: usize) -> Vec<String> {
        scan(self.side + 2 * border, |x, y| {
            let inside = |at: usize| at.checked_sub(border).filter(|at| *at < self.side);
            inside(x).zip(inside(y)).map_or(level, |(x, y)| {
                let Colour([red, green, blue]) = self.colour(x, y);
                red / 3 + green / 3 + blue / 3
            })
        })
    }

    pub(super) fn scan(&self) -> Vec<String> {
        self.scan_on(0, 0)
    }
}

/// Texts of the codes found in a square of greys.
pub(super) fn scan(side: usize, grey: impl Fn(usize, usize) -> u8) -> Vec<String> {
    let mut image = PreparedImage::prepare_from_greyscale(side, side, grey);
    let grids = image.detect_grids();
    grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
