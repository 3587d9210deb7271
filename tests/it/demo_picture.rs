//! The picture of the demo in the README, drawn from what the demo prints. `INSTA_UPDATE=always` draws it anew.

use std::{env, fmt::Write as _, fs, path::Path};

use payments_test_support::process::run;

/// The width of a character and the height of a line, in units of the picture. Two modules of a QR code are as high as one
/// line.
const CELL: (usize, usize) = (84, 168);
const COLUMNS: usize = 80;
/// From the top of a line to the base of its letters.
const BASE: usize = 128;
/// Around the text; above it is the bar of a window.
const MARGIN: usize = 200;
const BAR: usize = 320;
/// Between a QR code and the line above it.
const GAP: usize = 50;

/// What differs from run to run, by the name before it, and what the picture shows in its place.
const SHOWN: [(&str, &str); 4] = [
    ("page", "http://127.0.0.1:8787/229169c0/"),
    ("to", "tb1qfakem0neycj63397ca2fp9yqzfe8lsl6qymrlf"),
    ("until", "2026-11-28T12:15:00Z"),
    ("payment", "da8b4552-f737-4740-a63d-1aeb42265e54"),
];

const STYLE: &str = "text{font:140px ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace;fill:#d1d9e0;white-space:pre}\
                     .h{font-weight:bold;fill:#fff}.c{fill:#79c0ff}.d{fill:#9198a1}.g{fill:#7ee787;font-weight:bold}";

#[test]
fn the_picture_of_the_readme_shows_what_the_demo_prints() {
    let done = run(&["demo"], &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let picture = draw(&settled(&done.stdout));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/demo.svg");
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &picture).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|drawn| drawn == picture),
        "docs/demo.svg is out of date: INSTA_UPDATE=always cargo test --workspace --test it demo_picture"
    );
}

/// The same output with the values that differ from run to run replaced, the code of the page included.
fn settled(printed: &str) -> String {
    let mut settled = printed.to_owned();
    for (name, shown) in SHOWN {
        let start = format!("    {name:<9} ");
        let found = printed.lines().find_map(|line| line.strip_prefix(&start));
        let found = found.unwrap_or_else(|| panic!("{name} is missing in {printed}"));
        settled = settled.replace(found, shown);
        if name == "page" {
            assert!(settled.contains(&code(found)), "the demo draws another code than that of {found}");
            settled = settled.replace(&code(found), &code(shown));
        }
    }
    settled
}

/// The QR code as the demo draws it.
fn code(text: &str) -> String {
    run(&["qr", text], &[]).stdout.lines().map(|line| format!("    {line}\n")).collect()
}

fn draw(text: &str) -> String {
    let lines: Vec<&str> = ["$ cargo run --release -- demo", ""].into_iter().chain(text.lines()).collect();
    let (width, height) = (2 * MARGIN + CELL.0 * COLUMNS, BAR + MARGIN + CELL.1 * lines.len());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>The output of the demo</title>\n<style>{STYLE}</style>\n\
         <rect x=\"5\" y=\"5\" width=\"{}\" height=\"{}\" rx=\"80\" fill=\"#0d1117\" stroke=\"#3d444d\" stroke-width=\"10\"/>\n",
        width - 10,
        height - 10
    );
    for (x, colour) in [(200, "#ff5f57"), (400, "#febc2e"), (600, "#28c840")] {
        let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"200\" r=\"60\" fill=\"{colour}\"/>");
    }
    let mut code = String::new();
    for (row, line) in lines.iter().enumerate() {
        let top = BAR + MARGIN / 2 + CELL.1 * row;
        if is_code(line) {
            modules(&mut code, line, top + GAP);
        } else if !line.is_empty() {
            let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{}\">{}</text>", top + BASE, styled(line));
        }
    }
    let _ = writeln!(svg, "<path fill=\"#fff\" shape-rendering=\"crispEdges\" d=\"{code}\"/>\n</svg>");
    svg
}

fn is_code(line: &str) -> bool {
    line.contains(['█', '▀', '▄'])
}

/// The light modules of a line of half blocks.
fn modules(path: &mut String, line: &str, top: usize) {
    let blocks: Vec<char> = line.chars().collect();
    let side = CELL.1 / 2;
    for (half, lit) in [['█', '▀'], ['█', '▄']].iter().enumerate() {
        let y = top + side * half;
        let mut column = 0;
        while column < blocks.len() {
            let run = blocks[column..].iter().take_while(|block| lit.contains(block)).count();
            if run > 0 {
                let (x, width) = (MARGIN + CELL.0 * column, CELL.0 * run);
                let _ = write!(path, "M{x} {y}h{width}v{side}h-{width}z");
            }
            column += run.max(1);
        }
    }
}

/// A line as the terminal shows it: headings, tools and the names of values stand out.
fn styled(line: &str) -> String {
    let text = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let span = |class: &str, text: &str| format!("<tspan class=\"{class}\">{text}</tspan>");
    if line.starts_with("  > ") {
        return span("c", &text);
    }
    match text.split_at_checked(14) {
        _ if text.starts_with(|first: char| first.is_ascii_digit()) => span("h", &text),
        Some((name, value)) if name.starts_with("    ") && name.ends_with(' ') && !value.is_empty() => {
            let value = if value.starts_with("paid") { span("g", value) } else { value.to_owned() };
            format!("{}{value}", span("d", name))
        }
        _ => text,
    }
}
