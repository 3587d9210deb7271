//! The rows of a JSON array, cut apart while they arrive: a list costs as much memory as its longest row.

pub(crate) mod reader;

/// An order takes a kilobyte, and most of a long one are its transactions.
const LONGEST_ROW: usize = 1024 * 1024;

/// Cuts an array into its elements. It looks at brackets and strings only: the reader of a row finds out whether the row
/// makes sense, so that a broken row does not affect the others.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    place: Place,
    row: Vec<u8>,
    depth: usize,
    string: InString,
    /// The row is longer than any row should be; the rest of it is not kept.
    too_long: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    /// Behind the opening bracket, where the array may end at once.
    First,
    /// Behind a comma.
    Next,
    Row,
    End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum InString {
    #[default]
    No,
    Yes,
    Escape,
}

/// The bytes are no array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoArray;

impl Splitter {
    /// Takes the next bytes, and hands out each row that they complete; `None` for one that is too long.
    pub(crate) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(Option<&[u8]>)) -> Result<(), NoArray> {
        for byte in bytes.iter().copied() {
            match self.place {
                Place::Row => {
                    if self.is_complete(byte) {
                        each((!self.too_long).then_some(&*self.row));
                        self.row.clear();
                        self.too_long = false;
                        self.place = if byte == b',' { Place::Next } else { Place::End };
                    } else {
                        self.keep(byte)?;
                    }
                }
                _ if byte.is_ascii_whitespace() => {}
                Place::Start if byte == b'[' => self.place = Place::First,
                Place::First if byte == b']' => self.place = Place::End,
                Place::First | Place::Next if byte != b']' && byte != b',' => {
                    self.place = Place::Row;
                    self.keep(byte)?;
                }
                _ => return Err(NoArray),
            }
        }
        Ok(())
    }

    /// Whether the array has ended.
    pub(crate) fn is_whole(&self) -> bool {
        self.place == Place::End
    }

    fn is_complete(&self, byte: u8) -> bool {
        self.depth == 0 && self.string == InString::No && (byte == b',' || byte == b']')
    }

    fn keep(&mut self, byte: u8) -> Result<(), NoArray> {
        self.string = match (self.string, byte) {
            (InString::No, b'"') => InString::Yes,
            (InString::Yes, b'"') => InString::No,
            (InString::Yes, b'\\') => InString::Escape,
            (InString::Escape, _) => InString::Yes,
            (InString::No, b'{' | b'[') => {
                self.depth = self.depth.saturating_add(1);
                InString::No
            }
            (InString::No, b'}' | b']') => {
                self.depth = self.depth.checked_sub(1).ok_or(NoArray)?;
                InString::No
            }
            (unchanged, _) => unchanged,
        };
        self.too_long |= self.row.len() >= LONGEST_ROW;
        if !self.too_long {
            self.row.push(byte);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, step: usize) -> (Result<Vec<String>, NoArray>, bool) {
        let mut splitter = Splitter::default();
        let mut rows = Vec::new();
        for bytes in text.as_bytes().chunks(step) {
            let each = |row: Option<&[u8]>| {
                let row = row.map(|row| String::from_utf8(row.to_owned()).unwrap().trim().to_owned());
                rows.push(row.unwrap_or_else(|| "too long".to_owned()));
            };
            if splitter.push(bytes, each).is_err() {
                return (Err(NoArray), false);
            }
        }
        (Ok(rows), splitter.is_whole())
    }

    #[test]
    fn rows_are_cut_apart_wherever_the_bytes_break() {
        let text = " [ {\"a\": [1, {\"b\": \"],\\\"}\"}]} , 5,null , \"x,]\",\r\n[] ,{\"n\": NaN}]\n";
        for step in [1, 2, 7, 1000] {
            let (rows, whole) = split(text, step);
            let expected =
                ["{\"a\": [1, {\"b\": \"],\\\"}\"}]}", "5", "null", "\"x,]\"", "[]", "{\"n\": NaN}"];
            assert_eq!(rows.unwrap(), expected, "{step}");
            assert!(whole);
        }
        assert_eq!(split("[]", 1), (Ok(vec![]), true));
    }

    #[test]
    fn what_is_no_array_is_refused_and_half_of_one_is_not_whole() {
        for text in ["{}", "null", "<html>", "\u{feff}[]", "[,1]", "[1,]", "[]x", "[1]]", "[1}]", "\"[]\""] {
            assert_eq!(split(text, 3).0, Err(NoArray), "{text}");
        }
        for text in ["", " ", "[", "[1", "[1,", "[{\"a\": \"]", &"[".repeat(100_000)] {
            let (rows, whole) = split(text, 3);
            assert!(rows.is_ok() && !whole, "{text}");
        }
    }

    #[test]
    fn a_row_that_is_too_long_is_left_out_and_not_kept() {
        let text = format!("[1,\"{}\",3]", "x".repeat(3 * LONGEST_ROW));
        let (rows, whole) = split(&text, 4096);
        assert_eq!(rows.unwrap(), ["1", "too long", "3"]);
        assert!(whole);
    }
}
