//! Reads a list while it arrives: what a caller needs of each row is kept, and the row is dropped.

use super::Splitter;
use crate::{
    Error, LeftOut, Listed, Unreadable,
    row_sink::RowSink,
    wire::{FieldProblem, Object},
};

/// The most bytes that are read of one list. Two thousand orders a day for a quarter of a year make 180 MB, which is more
/// than any answer of a tool needs: the list is cut, and its reader learns that.
const LARGEST_LIST: usize = 64 * 1024 * 1024;

/// The rows that could not be read and are named one by one; the others are counted.
const NAMED: usize = 100;

/// A row of a list, whose fields are read one by one.
pub(crate) trait Row: Sized {
    fn of(object: &Object<'_>) -> Self;

    /// The row's name, safe to show.
    fn name(&self) -> Option<String>;
}

/// What a caller makes of a row: something to keep, nothing, or the field that it needs and cannot read.
type Purpose<R, T> = dyn Fn(&R) -> Result<Option<T>, Unreadable> + Send;

/// Reads rows of one kind and keeps what `read` makes of them.
pub(crate) struct Reader<R, T> {
    read: Box<Purpose<R, T>>,
    /// The most that is kept.
    most: usize,
    splitter: Splitter,
    bytes: usize,
    broken: bool,
    list: Listed<T>,
    /// Rows that are objects, whatever is in them.
    objects: usize,
}

impl<R: Row, T> Reader<R, T> {
    pub(crate) fn new(
        most: usize,
        read: impl Fn(&R) -> Result<Option<T>, Unreadable> + Send + 'static,
    ) -> Self {
        Self {
            read: Box::new(read),
            most,
            splitter: Splitter::default(),
            bytes: 0,
            broken: false,
            list: Listed::default(),
            objects: 0,
        }
    }

    /// The list, once the answer has come.
    pub(crate) fn finish(&mut self) -> Result<Listed<T>, Error> {
        let list = std::mem::take(&mut self.list);
        let unexpected = |reason: &str| Err(Error::Unexpected { reason: reason.to_owned() });
        if self.broken {
            return unexpected("a body that is not a list in JSON");
        }
        if !self.splitter.is_whole() && !list.cut {
            return unexpected("a body that ends too early");
        }
        if list.total > 0 && self.objects == 0 {
            return unexpected("a list of something else than described");
        }
        Ok(list)
    }
}

impl<R: Row, T: Send> RowSink for Reader<R, T> {
    fn begin(&mut self) {
        self.splitter = Splitter::default();
        self.bytes = 0;
        self.broken = false;
        self.list = Listed::default();
        self.objects = 0;
    }

    fn take(&mut self, bytes: &[u8]) -> bool {
        let room = LARGEST_LIST.saturating_sub(self.bytes);
        let within = bytes.get(..room).unwrap_or(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len());
        let Self { splitter, list, read, most, objects, .. } = self;
        let pushed = splitter.push(within, |row| {
            list.total = list.total.saturating_add(1);
            let parsed = row.and_then(|row| Object::parse(std::str::from_utf8(row).ok()?));
            let Some(object) = parsed else {
                let problem = if row.is_some() { FieldProblem::NotAnObject } else { FieldProblem::TooLong };
                list.leave_out(
                    LeftOut { name: None, unreadable: Unreadable::new("the row", problem) },
                    NAMED,
                );
                return;
            };
            *objects = objects.saturating_add(1);
            let row = R::of(&object);
            match read(&row) {
                Ok(Some(_)) if list.rows.len() >= *most => list.cut = true,
                Ok(Some(kept)) => list.rows.push(kept),
                Ok(None) => {}
                Err(unreadable) => list.leave_out(LeftOut { name: row.name(), unreadable }, NAMED),
            }
        });
        self.broken |= pushed.is_err();
        if within.len() < bytes.len() {
            self.list.cut = true;
        }
        !self.broken && within.len() == bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::values;

    /// A row that has only a number.
    struct Numbered(Result<Option<i64>, Unreadable>, Option<String>);

    impl Row for Numbered {
        fn of(object: &Object<'_>) -> Self {
            Self(object.read("number", values::whole), object.read("name", values::word).ok().flatten())
        }

        fn name(&self) -> Option<String> {
            self.1.clone()
        }
    }

    fn read(most: usize, chunks: &[&str]) -> Result<Listed<i64>, Error> {
        let mut reader = Reader::new(most, |row: &Numbered| row.0.clone());
        reader.begin();
        for chunk in chunks {
            if !reader.take(chunk.as_bytes()) {
                break;
            }
        }
        reader.finish()
    }

    #[test]
    fn an_odd_row_is_named_and_the_others_are_read() {
        let list = read(
            10,
            &[r#"[{"number": 1}, {"name": "A", "number": "x"}, nu"#, r#"ll, {"x": 1}, {"number": "4"}]"#],
        );
        let list = list.unwrap();
        assert_eq!((list.rows(), list.total(), list.is_cut()), (&[1, 4][..], 5, false));
        let left_out: Vec<String> = list.left_out().iter().map(ToString::to_string).collect();
        assert_eq!(left_out, ["A: number is not a whole number", "the row is not a JSON object"]);
        assert!(list.whole().is_err());
    }

    #[test]
    fn a_list_with_more_rows_than_are_kept_is_cut_and_counted_all_the_same() {
        let list = read(2, &[r#"[{"number": 1}, {"number": 2}, {"number": 3}]"#]).unwrap();
        assert_eq!((list.rows(), list.total(), list.is_cut()), (&[1, 2][..], 3, true));
        assert!(matches!(list.whole(), Err(Error::ListCut { read: 2 })));
    }

    #[test]
    fn an_endless_list_is_cut() {
        let row = format!("{{\"number\": 1, \"filler\": \"{}\"}},", "x".repeat(100_000));
        let mut reader = Reader::new(10, |row: &Numbered| row.0.clone());
        assert!(reader.take(b"["));
        let taken = (0..10_000).take_while(|_| reader.take(row.as_bytes())).count();
        assert!(taken * row.len() <= LARGEST_LIST && (taken + 2) * row.len() > LARGEST_LIST);
        assert!(reader.finish().unwrap().is_cut());
    }

    #[test]
    fn what_is_no_list_is_unexpected() {
        for body in ["{}", "<html>", "", "[1, 2]", "[{\"number\": 1}", "[[[["] {
            assert!(matches!(read(10, &[body]), Err(Error::Unexpected { .. })), "{body}");
        }
        assert_eq!(read(10, &["[]"]).unwrap().rows(), &[] as &[i64]);
    }

    #[test]
    fn a_request_that_is_made_again_begins_anew() {
        let mut reader = Reader::new(10, |row: &Numbered| row.0.clone());
        reader.begin();
        reader.take(b"[{\"number\": 1}, {\"num");
        reader.begin();
        reader.take(b"[{\"number\": 2}]");
        assert_eq!(reader.finish().unwrap().rows(), &[2]);
    }
}
