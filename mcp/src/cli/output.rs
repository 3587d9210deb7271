//! Standard output of the commands.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

/// Prints one line. A reader that has gone away, such as `head`, is no reason to panic, nor to go on shouting.
pub(super) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}
