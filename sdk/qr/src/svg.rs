//! A picture as SVG, for print and for pages.

use std::fmt::{self, Write as _};

use super::{
    colour::Colour,
    layout::Layout,
    mark::{LAYERS, RADIUS, Shape},
    symbol::Symbol,
};

/// Writes the same picture as the raster, in user units of one pixel.
pub(super) fn draw(symbol: &Symbol, layout: Layout) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut svg, symbol, layout);
    svg
}

fn write(svg: &mut String, symbol: &Symbol, layout: Layout) -> fmt::Result {
    let Layout { side, scale, margin } = layout;
    write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" viewBox="0 0 {side} {side}" role="img" aria-label="QR code">"#
    )?;
    write!(svg, r#"<path fill="{}" d="M0 0h{side}v{side}h-{side}z"/>"#, Colour::WHITE)?;
    // From here on a unit is a module.
    write!(svg, r#"<g transform="translate({margin} {margin}) scale({scale})">"#)?;
    write_modules(svg, symbol)?;
    if let Some(modules) = symbol.mark() {
        write_mark(svg, symbol.modules(), modules)?;
    }
    svg.push_str("</g></svg>\n");
    Ok(())
}

fn write_modules(svg: &mut String, symbol: &Symbol) -> fmt::Result {
    // Crisp edges: smoothed ones leave pale seams between the rows when a page scales the picture.
    let ink = if symbol.mark().is_some() { Colour::INK } else { Colour::BLACK };
    write!(svg, r#"<path fill="{ink}" shape-rendering="crispEdges" d=""#)?;
    for (y, row) in symbol.rows().enumerate() {
        let mut x = 0;
        for run in row.chunk_by(PartialEq::eq) {
            let length = run.len();
            if run.first() == Some(&true) {
                write!(svg, "M{x} {y}h{length}v1h-{length}z")?;
            }
            x += length;
        }
    }
    svg.push_str(r#""/>"#);
    Ok(())
}

fn write_mark(svg: &mut String, code: usize, modules: usize) -> fmt::Result {
    // An even mark in an odd code begins in the middle of a module.
    let first = (code - modules) / 2;
    write!(
        svg,
        r#"<svg x="{first}.5" y="{first}.5" width="{modules}" height="{modules}" viewBox="-{RADIUS} -{RADIUS} {0} {0}">"#,
        2 * RADIUS
    )?;
    for layer in &LAYERS {
        let colour = layer.colour;
        for shape in layer.shapes {
            match *shape {
                Shape::Disc { radius } => write!(svg, r#"<circle r="{radius}" fill="{colour}"/>"#)?,
                Shape::Ring { radius, stroke } => {
                    write!(
                        svg,
                        r#"<circle r="{radius}" fill="none" stroke="{colour}" stroke-width="{stroke}"/>"#
                    )?;
                }
                Shape::Spokes { inner, outer, stroke } => {
                    write!(
                        svg,
                        r#"<path stroke="{colour}" stroke-width="{stroke}" stroke-linecap="round" d=""#
                    )?;
                    for (right, down) in [(-1, -1), (1, -1), (1, 1), (-1, 1)] {
                        let (from_x, from_y) = (right * inner, down * inner);
                        write!(svg, "M{from_x} {from_y}L{} {}", right * outer, down * outer)?;
                    }
                    svg.push_str(r#""/>"#);
                }
            }
        }
    }
    svg.push_str("</svg>");
    Ok(())
}

#[cfg(test)]
mod tests {
    use qrcode::EcLevel;

    use super::*;
    use crate::{QrSize, scan};

    const TEXT: &str = "ethereum:0x000000000000000000000000000000000000dEaD?amount=0.0034022";

    fn symbols() -> [Symbol; 2] {
        let encode = |level| Symbol::encode(TEXT, level).unwrap();
        [encode(EcLevel::M), encode(EcLevel::H).with_room()]
    }

    fn drawn(symbol: &Symbol, side: u32) -> (String, Layout) {
        let layout = Layout::new(symbol, QrSize::try_from(side).unwrap()).unwrap();
        (draw(symbol, layout), layout)
    }

    /// The value of the first attribute that is written like this.
    fn attribute<'a>(svg: &'a str, start: &str) -> &'a str {
        svg.split_once(start).unwrap().1.split_once('"').unwrap().0
    }

    /// The dark modules of the path, read back.
    fn modules(svg: &str) -> Vec<(usize, usize)> {
        let path = attribute(svg, r#"shape-rendering="crispEdges" d=""#);
        let runs = path.split_terminator('z').map(|run| {
            let (start, run) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let (length, back) = run.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            (x.parse::<usize>().unwrap(), y.parse::<usize>().unwrap(), length.parse::<usize>().unwrap())
        });
        runs.flat_map(|(x, y, length)| (x..x + length).map(move |x| (x, y))).collect()
    }

    #[test]
    fn the_path_holds_exactly_the_dark_modules() {
        for symbol in symbols() {
            let (svg, _) = drawn(&symbol, 512);
            let side = 0..symbol.modules();
            let all = side.clone().flat_map(|y| side.clone().map(move |x| (x, y)));
            let dark: Vec<(usize, usize)> = all.filter(|(x, y)| symbol.is_dark(*x, *y)).collect();
            assert_eq!(modules(&svg), dark);
        }
    }

    #[test]
    fn what_the_path_shows_at_its_place_scans() {
        for symbol in symbols() {
            let (svg, layout) = drawn(&symbol, 300);
            let Layout { side, scale, margin } = layout;
            assert_eq!(attribute(&svg, r#"viewBox=""#), "0 0 300 300");
            assert!(svg.contains(&format!(r#"<g transform="translate({margin} {margin}) scale({scale})">"#)));
            let mut greys = vec![255; side * side];
            for (x, y) in modules(&svg) {
                for down in 0..scale {
                    let start = (margin + y * scale + down) * side + margin + x * scale;
                    greys[start..start + scale].fill(0);
                }
            }
            assert_eq!(scan::scan(side, |x, y| greys[y * side + x]), [TEXT]);
        }
    }

    #[test]
    fn the_background_is_white_from_edge_to_edge_and_drawn_first() {
        let (svg, _) = drawn(&symbols()[0], 512);
        let (_, after) = svg.split_once('>').unwrap();
        assert!(after.starts_with(r##"<path fill="#ffffff" d="M0 0h512v512h-512z"/>"##), "{after}");
    }

    #[test]
    fn the_mark_is_drawn_only_where_there_is_room_for_it() {
        let [plain, branded] = symbols().map(|symbol| drawn(&symbol, 512).0);
        assert!(!plain.contains("<circle"));
        assert_eq!(branded.matches("<circle").count(), 3);
        assert!(branded.contains(r#"viewBox="-10000 -10000 20000 20000""#));
    }

    #[test]
    fn elements_nest_and_close() {
        for symbol in symbols() {
            let (svg, _) = drawn(&symbol, 512);
            let mut open = Vec::new();
            let mut closed_roots = 0;
            for tag in svg.trim_end().split_terminator('>') {
                let tag = tag.strip_prefix('<').unwrap();
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                if let Some(name) = tag.strip_prefix('/') {
                    assert_eq!(open.pop(), Some(name));
                    closed_roots += usize::from(open.is_empty());
                } else if !tag.ends_with('/') {
                    open.push(tag.split(' ').next().unwrap());
                }
            }
            assert!(open.is_empty() && closed_roots == 1, "{svg}");
        }
    }
}
