//! `qr`: a QR code of any text, as a file or in the terminal.

use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

use super::{image_file, output::line, refuse, usage};
use payments_qr::{QrSize, QrStyle, png, svg, terminal};

pub(super) fn run(text: &str, output: Option<PathBuf>, size: u32, branded: bool) -> ExitCode {
    let style = if branded { QrStyle::Branded } else { QrStyle::Basic };
    let Some(path) = output else {
        return match terminal(text, std::io::stdout().is_terminal()) {
            Ok(code) => {
                line(code);
                ExitCode::SUCCESS
            }
            Err(error) => refuse(&format!("The QR code cannot be drawn: {error}.")),
        };
    };
    let size = match QrSize::try_from(size) {
        Ok(size) => size,
        Err(error) => {
            return usage(&format!("--size: {error}."));
        }
    };
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    let drawn = match ending.as_deref() {
        Some("png") => png(text, size, style),
        Some("svg") => svg(text, size, style).map(String::into_bytes),
        _ => {
            return usage("--output: the file's ending chooses the format; end it in .png or .svg.");
        }
    };
    match drawn {
        Ok(file) => match image_file::write(&path, &file) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse(&format!("{} cannot be written: {error}.", path.display())),
        },
        Err(error) => refuse(&format!("The QR code cannot be drawn: {error}.")),
    }
}
