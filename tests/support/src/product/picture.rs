//! Reads QR codes back, as a customer's telephone does: from the finished PNG file.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::{GrayImage, RgbaImage};

/// A decoded PNG.
pub struct Picture {
    pub png: Vec<u8>,
    pub pixels: RgbaImage,
}

impl Picture {
    pub fn of_base64(data: &str) -> Self {
        Self::of_png(STANDARD.decode(data).unwrap())
    }

    pub fn of_data_uri(uri: &str) -> Self {
        Self::of_base64(uri.strip_prefix("data:image/png;base64,").unwrap_or_else(|| panic!("{uri:.60}")))
    }

    pub fn of_png(png: Vec<u8>) -> Self {
        let pixels = image::load_from_memory_with_format(&png, image::ImageFormat::Png).unwrap().to_rgba8();
        Self { png, pixels }
    }

    pub fn side(&self) -> u32 {
        assert_eq!(self.pixels.width(), self.pixels.height());
        self.pixels.width()
    }

    /// What the one code in the picture says. Transparent pixels are black here, as on a dark chat.
    pub fn text(&self) -> String {
        self.decode().1
    }

    /// The side of one module in pixels.
    pub fn module(&self) -> u32 {
        let modules = u32::try_from(self.decode().0.version.to_size()).unwrap();
        // The first dark pixel on the way down the diagonal is the corner of a finder pattern; its side is 7 modules.
        let dark = |at: u32| self.pixels.get_pixel(at, at).0[0] < 128;
        let corner = (0..self.side()).find(|at| dark(*at)).unwrap();
        let row = (corner..self.side()).take_while(|x| self.pixels.get_pixel(*x, corner).0[0] < 128).count();
        let module = u32::try_from(row).unwrap() / 7;
        assert!(module * modules <= self.side());
        module
    }

    /// Whether a finder pattern's edge is one dark bar: no light lines where modules meet.
    pub fn modules_are_seamless(&self, module: u32) -> bool {
        let dark = |x: u32, y: u32| self.pixels.get_pixel(x, y).0[..3].iter().all(|channel| *channel < 128);
        let corner = (0..self.side()).find(|at| dark(*at, *at)).unwrap();
        (0..7 * module).all(|step| dark(corner + step, corner) && dark(corner, corner + step))
    }

    fn decode(&self) -> (rqrr::MetaData, String) {
        let pixels = &self.pixels;
        let grey = GrayImage::from_fn(pixels.width(), pixels.height(), |x, y| {
            let [red, green, blue, alpha] = pixels.get_pixel(x, y).0.map(u32::from);
            let light = (red * 299 + green * 587 + blue * 114) / 1000 * alpha / 255;
            image::Luma([u8::try_from(light).unwrap()])
        });
        let (width, height) = (grey.width() as usize, grey.height() as usize);
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            grey.get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap()).0[0]
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "exactly one code should be found");
        grids[0].decode().unwrap()
    }

    /// Whether a border of this many pixels is opaque white all round.
    pub fn has_white_border(&self, width: u32) -> bool {
        let side = self.side();
        self.pixels.enumerate_pixels().all(|(x, y, pixel)| {
            let inside = |at: u32| (width..side - width).contains(&at);
            (inside(x) && inside(y)) || pixel.0 == [255, 255, 255, 255]
        })
    }

    pub fn is_opaque(&self) -> bool {
        self.pixels.pixels().all(|pixel| pixel.0[3] == 255)
    }
}
