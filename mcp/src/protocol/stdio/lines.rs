//! Lines of bounded length.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// The longest line that is read. The longest argument has some thousand characters.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// What is kept of a line that is longer: enough to find its id, where that comes first.
const BEGINNING: usize = 4096;

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Whole(Vec<u8>),
    /// Only the beginning of a line that is too long. The rest is skipped.
    TooLong(Vec<u8>),
}

/// Reads lines, none of which takes more memory than the longest may.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    longest: usize,
    skipping: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn of(input: R) -> Self {
        Self::up_to(LONGEST, input)
    }

    fn up_to(longest: usize, input: R) -> Self {
        Self { input: BufReader::with_capacity(64 * 1024, input), longest, skipping: false }
    }

    /// The next line, or `None` at the end. The end also ends a line.
    pub(super) async fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        loop {
            let piece = self.input.fill_buf().await?;
            if piece.is_empty() {
                let ended = !line.is_empty();
                return Ok(ended.then_some(Line::Whole(line)));
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let content = end.and_then(|end| piece.get(..end)).unwrap_or(piece);
            let taken = end.map_or(piece.len(), |end| end.saturating_add(1));
            let fits = line.len().saturating_add(content.len()) <= self.longest;
            let skipped = self.skipping;
            if !skipped {
                line.extend_from_slice(content);
            }
            self.input.consume(taken);
            self.skipping = (skipped || !fits) && end.is_none();
            if skipped {
                continue;
            }
            if !fits {
                line.truncate(BEGINNING);
                line.shrink_to_fit();
                return Ok(Some(Line::TooLong(line)));
            }
            if end.is_some() {
                return Ok(Some(Line::Whole(line)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(said: &str) -> Vec<Line> {
        let mut lines = Lines::up_to(8, said.as_bytes());
        let mut all = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            all.push(line);
        }
        all
    }

    fn whole(line: &str) -> Line {
        Line::Whole(line.into())
    }

    #[tokio::test]
    async fn the_end_of_the_input_ends_a_line() {
        assert_eq!(lines("a\nb").await, [whole("a"), whole("b")]);
        assert_eq!(lines("a\n\nb\n").await, [whole("a"), whole(""), whole("b")]);
        assert_eq!(lines("").await, []);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_skipped_to_its_end() {
        let long = "x".repeat(300_000);
        for long in ["123456789", long.as_str()] {
            let read = lines(&format!("a\n{long}\nb\n12345678\n{long}")).await;
            let [a, first, b, longest, last] = read.as_slice() else { panic!("{read:?}") };
            assert_eq!([a, b, longest], [&whole("a"), &whole("b"), &whole("12345678")]);
            for line in [first, last] {
                assert!(matches!(line, Line::TooLong(beginning) if long.as_bytes().starts_with(beginning)));
            }
        }
    }
}
