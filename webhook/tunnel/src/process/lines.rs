//! What a program prints, line by line, however it prints it.

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// As much of a line as is kept; the rest is read and dropped.
const LONGEST: usize = 64 * 1024;

/// The lines of a stream. A carriage return ends a line too: progress is shown that way.
pub(super) struct Lines<R> {
    stream: BufReader<R>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    /// The next line that is not empty.
    pub(super) async fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            let bytes = self.stream.fill_buf().await.unwrap_or_default();
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = end.unwrap_or(bytes.len());
            let room = LONGEST.saturating_sub(line.len());
            line.extend(bytes.iter().take(part.min(room)));
            let is_last = bytes.is_empty();
            self.stream.consume(end.map_or(part, |end| end + 1));
            if (end.is_some() && !line.is_empty()) || is_last {
                return Some(line).filter(|line| !line.is_empty()).map(text);
            }
        }
    }
}

fn text(line: Vec<u8>) -> String {
    String::from_utf8(line).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    async fn lines(writes: &[&[u8]]) -> Vec<String> {
        let (mut writer, reader) = tokio::io::duplex(1024);
        let write = async {
            for bytes in writes {
                writer.write_all(bytes).await.unwrap();
            }
            drop(writer);
        };
        let read = async {
            let mut found = Vec::new();
            let mut lines = Lines::new(reader);
            while let Some(line) = lines.next().await {
                found.push(line);
            }
            found
        };
        tokio::join!(write, read).1
    }

    #[tokio::test]
    async fn lines_are_whole_however_they_were_written() {
        let written = [b"one\ntw".as_slice(), b"o\r", b"\nthr\xff", b"ee\n\n", "f\u{f6}".as_bytes(), b"ur"];
        assert_eq!(lines(&written).await, ["one", "two", "thr\u{fffd}ee", "f\u{f6}ur"]);
        // A character cut in two is one character.
        assert_eq!(lines(&[&[0xc3], &[0xb6, b'\n']]).await, ["\u{f6}"]);
    }

    #[tokio::test]
    async fn of_a_huge_line_the_beginning_is_kept_and_the_next_line_is_whole() {
        let huge = vec![b'x'; 10_000_000];
        let lines = lines(&[b"before\n", &huge, b"\nafter\n"]).await;
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[0].as_str(), lines[1].len(), lines[2].as_str()), ("before", LONGEST, "after"));
    }
}
