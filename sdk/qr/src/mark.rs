//! The mark in the centre of a branded code: a coin that bears ¤, the sign for any currency, and so names no provider.
//!
//! One list of shapes serves both painters: SVG writes them out, and the raster asks for the shade of each pixel.

use super::colour::Colour;

/// Shapes of one colour, lying wholly within the layer below, so that an edge only ever blends two colours.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) colour: Colour,
    below: Colour,
    pub(super) shapes: &'static [Shape],
}

/// Shapes around the centre of the mark; y points down.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A filled circle.
    Disc { radius: i64 },
    /// A stroked circle.
    Ring { radius: i64, stroke: i64 },
    /// Four strokes with round ends along the diagonals, from `inner` to `outer` on either axis.
    Spokes { inner: i64, outer: i64, stroke: i64 },
}

/// Radius of the whole mark, the measure of every other length here.
pub(super) const RADIUS: i64 = 10_000;

/// From the bottom up.
pub(super) const LAYERS: [Layer; 3] = [
    Layer { colour: Colour::AMBER, below: Colour::WHITE, shapes: &[Shape::Disc { radius: RADIUS }] },
    Layer { colour: Colour::GOLD, below: Colour::AMBER, shapes: &[Shape::Disc { radius: 8_600 }] },
    Layer {
        colour: Colour::INK,
        below: Colour::GOLD,
        shapes: &[
            Shape::Ring { radius: 3_600, stroke: 1_700 },
            Shape::Spokes { inner: 2_800, outer: 4_700, stroke: 1_700 },
        ],
    },
];

/// Steps from the colour below to a layer's own. Three layers of four leave room in sixteen colours for the modules.
const STEPS: i64 = 4;

/// Every colour that [`shade`] can answer with, in its order.
pub(super) fn shades() -> impl Iterator<Item = Colour> {
    LAYERS.iter().flat_map(|layer| (1..=STEPS).map(|step| layer.colour.over(layer.below, step, STEPS)))
}

/// The shade of a pixel of size `pitch` at a point, as an index into [`shades`]; `None` outside the mark.
pub(super) fn shade(x: i64, y: i64, pitch: i64) -> Option<u8> {
    LAYERS.iter().enumerate().rev().find_map(|(index, layer)| {
        let distance = layer.shapes.iter().map(|shape| shape.distance(x, y)).min()?;
        // An edge through the middle of the pixel covers half of it.
        let covered = ((pitch - 2 * distance) * STEPS + pitch) / (2 * pitch);
        let step = covered.min(STEPS);
        if step > 0 { u8::try_from(index as i64 * STEPS + step - 1).ok() } else { None }
    })
}

impl Shape {
    /// From a point to the edge of the shape; negative inside.
    fn distance(self, x: i64, y: i64) -> i64 {
        match self {
            Self::Disc { radius } => length(x, y) - radius,
            Self::Ring { radius, stroke } => (length(x, y) - radius).abs() - stroke / 2,
            Self::Spokes { inner, outer, stroke } => {
                // All four mirror one, whose nearest point lies on the diagonal.
                let (x, y) = (x.abs(), y.abs());
                let along = ((x + y) / 2).clamp(inner, outer);
                length(x - along, y - along) - stroke / 2
            }
        }
    }
}

fn length(x: i64, y: i64) -> i64 {
    (x * x + y * y).isqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: i64 = 10;

    fn colour(x: i64, y: i64) -> Option<Colour> {
        shade(x, y, FINE).and_then(|index| shades().nth(usize::from(index)))
    }

    #[test]
    fn the_coin_has_a_rim_a_face_and_the_sign() {
        assert_eq!(colour(0, 9_300), Some(Colour::AMBER));
        assert_eq!(colour(0, 7_000), Some(Colour::GOLD));
        assert_eq!(colour(0, 0), Some(Colour::GOLD), "the hole of the sign");
        assert_eq!(colour(-3_600, 0), Some(Colour::INK), "its ring");
        assert_eq!(colour(4_600, -4_600), Some(Colour::INK), "a spoke");
    }

    #[test]
    fn nothing_is_drawn_beyond_the_radius() {
        for (x, y) in [(RADIUS + FINE, 0), (0, -RADIUS - FINE), (7_200, 7_200)] {
            assert_eq!(colour(x, y), None, "{x} {y}");
        }
    }

    #[test]
    fn edges_blend_with_the_layer_below() {
        let on_the_edge = shade(0, RADIUS, FINE).and_then(|index| shades().nth(usize::from(index)));
        assert_eq!(on_the_edge, Some(Colour::AMBER.over(Colour::WHITE, 1, 2)));
    }
}
