//! QR codes that are known to scan: each picture is decoded and compared with its text before it is returned.
//!
//! A code that a customer cannot scan loses a sale, and a code with the wrong text loses money.
//!
//! ```
//! use payments_qr::{QrSize, QrStyle};
//!
//! let png = payments_qr::png("https://shop.example/pay/1001", QrSize::try_from(512)?, QrStyle::Branded)?;
//! assert!(png.starts_with(b"\x89PNG"));
//!
//! let lines = payments_qr::terminal("https://shop.example/pay/1001", false)?;
//! assert!(lines.lines().all(|line| line.chars().count() <= 80));
//! # Ok::<(), payments_qr::QrError>(())
//! ```
//!
//! # Where to start
//!
//! [`png()`] and [`svg()`] draw pictures of a given [`QrSize`] and [`QrStyle`]; [`terminal()`] draws half blocks for a text console.
//!
//! # What is guaranteed
//!
//! - The background is opaque and the quiet zone has four modules, so that codes scan on a dark page too.
//! - A branded code has the highest error correction, and the logo covers less than that can repair.
//! - The pixels of the finished picture are decoded again. A picture that does not decode to its text is an error.
//!
//! # Errors
//!
//! [`QrError`] is returned for a text that does not fit at the size, or for a picture that failed the check. It never contains the
//! text.

mod check;
mod colour;
mod layout;
mod mark;
mod raster;
#[cfg(test)]
mod scan;
mod svg;
mod symbol;
mod terminal;

use qrcode::EcLevel;
use thiserror::Error;

use layout::Layout;
use raster::Raster;
use symbol::Symbol;

/// Side of a picture in pixels, 100 to 2000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QrSize(u32);

impl QrSize {
    /// The smallest side, in pixels.
    pub const SMALLEST: u32 = 100;
    /// The largest side, in pixels.
    pub const LARGEST: u32 = 2000;

    fn pixels(self) -> usize {
        self.0 as usize
    }
}

impl TryFrom<u32> for QrSize {
    type Error = QrError;

    fn try_from(side: u32) -> Result<Self, QrError> {
        if (Self::SMALLEST..=Self::LARGEST).contains(&side) {
            Ok(Self(side))
        } else {
            Err(QrError::Size { side })
        }
    }
}

/// How a picture looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrStyle {
    /// Black and white, error correction M: the smallest file.
    Basic,
    /// A mark in the centre, which error correction H makes up for.
    Branded,
}

/// Why a code was not drawn.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QrError {
    /// The side asked for is out of range.
    #[error("a side of {} to {} pixels is expected, not {side}", QrSize::SMALLEST, QrSize::LARGEST)]
    Size {
        /// What was asked for, in pixels.
        side: u32,
    },
    /// The largest code cannot hold the text at the error correction of its style.
    #[error("a text of {bytes} bytes is too long for a QR code in this style")]
    TooLong {
        /// Length of the text.
        bytes: usize,
    },
    /// The modules would become too fine to scan.
    #[error("{side} pixels are too few for this text; {smallest} or more are needed")]
    TooSmall {
        /// What was asked for, in pixels.
        side: usize,
        /// What this text needs, in pixels.
        smallest: usize,
    },
    /// The code would break at the right edge of a terminal.
    #[error(
        "the code is {columns} columns wide and a terminal shows {}; save it as a picture",
        terminal::COLUMNS
    )]
    TooWide {
        /// Width of the code, in characters.
        columns: usize,
    },
    /// The picture, read back, does not say what it was drawn from. It is not handed out.
    #[error("the picture does not read back as its text")]
    Unreadable,
    /// The file could not be put together.
    #[error("the PNG could not be written")]
    Png {
        /// The encoder's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Draws `text` as a PNG of exactly `size` by `size` pixels: opaque, on white, quiet zone included.
///
/// # Errors
/// [`QrError::TooLong`] or [`QrError::TooSmall`]; [`QrError::Unreadable`] when the finished picture, decoded, is not
/// `text`.
pub fn png(text: &str, size: QrSize, style: QrStyle) -> Result<Vec<u8>, QrError> {
    let symbol = encode(text, style)?;
    let raster = Raster::paint(&symbol, Layout::new(&symbol, size)?);
    raster.reads_as(text)?;
    raster.to_png()
}

/// Draws `text` as SVG; what the PNG shows, without losing sharpness in print.
///
/// # Errors
/// As for [`png()`]. What is decoded here is the modules that are left around the mark.
pub fn svg(text: &str, size: QrSize, style: QrStyle) -> Result<String, QrError> {
    let symbol = encode(text, style)?;
    let layout = Layout::new(&symbol, size)?;
    check::reads_as(text, symbol.modules(), |x, y| symbol.is_dark(x, y))?;
    Ok(svg::draw(&symbol, layout))
}

/// Draws `text` in block characters, for a terminal of 80 columns; `ansi` sets black on white and scans on any theme.
///
/// # Errors
/// [`QrError::TooLong`] or [`QrError::TooWide`]; [`QrError::Unreadable`] when the modules, decoded, are not `text`.
pub fn terminal(text: &str, ansi: bool) -> Result<String, QrError> {
    let smallest = Symbol::encode(text, EcLevel::L)?;
    let symbol = match Symbol::encode(text, EcLevel::M) {
        // More correction at no cost in width.
        Ok(safer) if safer.modules() == smallest.modules() => safer,
        _ => smallest,
    };
    check::reads_as(text, symbol.modules(), |x, y| symbol.is_dark(x, y))?;
    terminal::draw(&symbol, ansi)
}

fn encode(text: &str, style: QrStyle) -> Result<Symbol, QrError> {
    match style {
        QrStyle::Basic => Symbol::encode(text, EcLevel::M),
        QrStyle::Branded => Symbol::encode(text, EcLevel::H).map(Symbol::with_room),
    }
}

#[cfg(test)]
mod tests {
    use super::{scan::Picture, *};

    const STYLES: [QrStyle; 2] = [QrStyle::Basic, QrStyle::Branded];

    fn size(side: u32) -> QrSize {
        QrSize::try_from(side).unwrap()
    }

    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = [
            "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false",
            "bchtest:qpm2qsznhks23z7629mms6s4cwef74vcwvqcw003ap?amount=0.0123",
            "ethereum:0x000000000000000000000000000000000000dEaD?amount=0.0034022",
            "ripple:rrrrrrrrrrrrrrrrrrrrrhoLvTp?amount=4.534059&dt=1234567890",
            "LNBC25M1PVJLUEZPP5QQQSYQCYQ5RQWZQFQQQSYQCYQ5RQWZQFQQQSYQCYQ5RQWZQFQYPQDQ5XYSXXATSYP3K7ENXV4JS",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "https://paytest.bitnovo.com/3fa9c01e/",
            "1234567890",
            "x",
            "Café, señor: 5 € für あいう, 한국어, ½ ₿ 💶",
            "あいうえお",
        ]
        .map(str::to_owned)
        .to_vec();
        texts.push(format!("https://shop.example.com/pay?order=1001&back={}", "%2Fcart%2Fabc123".repeat(30)));
        texts
    }

    #[test]
    fn any_text_scans_from_the_file_in_both_styles() {
        for text in texts() {
            for style in STYLES {
                let picture = Picture::open(&png(&text, size(300), style).unwrap());
                assert_eq!(picture.scan(), [text.as_str()], "{style:?}");
            }
        }
    }

    #[test]
    fn a_code_scans_on_a_dark_background() {
        for text in texts() {
            for style in STYLES {
                let picture = Picture::open(&png(&text, size(300), style).unwrap());
                assert_eq!(picture.scan_on(18, 60), [text.as_str()], "{style:?}");
            }
        }
    }

    #[test]
    fn every_size_that_is_large_enough_scans() {
        let text = "https://paytest.bitnovo.com/3fa9c01e/";
        for style in STYLES {
            for side in [100, 101, 127, 255, 512, 777, 2000] {
                let picture = Picture::open(&png(text, size(side), style).unwrap());
                assert_eq!(picture.scan(), [text], "{style:?} {side}");
            }
        }
    }

    #[test]
    fn the_side_is_exact_and_the_quiet_zone_white() {
        let text = "https://paytest.bitnovo.com/3fa9c01e/";
        for style in STYLES {
            let symbol = encode(text, style).unwrap();
            for side in (100..=2000).step_by(475) {
                let picture = Picture::open(&png(text, size(side), style).unwrap());
                assert_eq!(picture.side, side as usize);
                // The widest code that leaves four modules on each side.
                let scale = picture.side / symbol.span();
                let zone = Symbol::QUIET_ZONE * scale;
                for along in 0..picture.side {
                    for across in (0..zone).chain(picture.side - zone..picture.side) {
                        assert_eq!(picture.colour(along, across), colour::Colour::WHITE, "{style:?} {side}");
                        assert_eq!(picture.colour(across, along), colour::Colour::WHITE, "{style:?} {side}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_text_is_drawn_as_svg_and_most_in_a_terminal() {
        for text in texts() {
            for style in STYLES {
                assert!(svg(&text, size(512), style).unwrap().ends_with("</svg>\n"));
            }
            assert_eq!(terminal(&text, true).is_ok(), text.len() <= 425, "{text}");
        }
    }

    #[test]
    fn a_terminal_gets_more_correction_when_it_costs_no_width() {
        // 14 bytes fill the smallest code at level M, 17 at level L.
        for (length, columns) in [(14, 29), (15, 29), (17, 29), (18, 33)] {
            let drawn = terminal(&"x".repeat(length), false).unwrap();
            assert_eq!(drawn.lines().next().unwrap().chars().count(), columns, "{length}");
        }
    }

    #[test]
    fn sides_outside_100_to_2000_are_refused() {
        for side in [0, 99, 2001, u32::MAX] {
            let error = QrSize::try_from(side).unwrap_err();
            assert_eq!(error.to_string(), format!("a side of 100 to 2000 pixels is expected, not {side}"));
        }
        assert!(QrSize::try_from(100).is_ok() && QrSize::try_from(2000).is_ok());
    }

    #[test]
    fn a_side_too_small_for_a_branded_text_names_the_smallest_one() {
        let text = "bitcoin:tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx?amount=0.0005254&rbf=false";
        let error = png(text, size(100), QrStyle::Branded).unwrap_err();
        assert_eq!(error.to_string(), "100 pixels are too few for this text; 114 or more are needed");
        assert!(svg(text, size(113), QrStyle::Branded).is_err());
        assert!(png(text, size(114), QrStyle::Branded).is_ok());
        assert!(png(text, size(100), QrStyle::Basic).is_ok());
    }
}
