//! A list of the API, as far as it could be read.

use std::fmt;

use crate::{Error, Unreadable};

/// What was read of a list of the API.
///
/// Rows are read one by one. One that cannot be read as far as the purpose needs it is left out and named; a list that is
/// longer than is read is cut. Where it matters that nothing is missing, take [`whole`](Self::whole).
#[derive(Clone, Debug)]
pub struct Listed<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) left_out_count: usize,
    pub(crate) total: usize,
    pub(crate) cut: bool,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The identifier of the order or the symbol of the currency, when that could be read.
    pub name: Option<String>,
    /// The field that the purpose needs, and what is wrong with it.
    pub unreadable: Unreadable,
}

impl<T> Listed<T> {
    /// The rows that could be read, in the order of the API.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The same, without the reasons why others are missing.
    #[must_use]
    pub fn into_rows(self) -> Vec<T> {
        self.rows
    }

    /// The rows that could not be read; of very many the first.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// How many rows could not be read.
    #[must_use]
    pub fn left_out_count(&self) -> usize {
        self.left_out_count
    }

    /// How many rows were seen: kept, passed over and left out.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Whether the list is longer than what was kept of it.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The rows, when none is missing.
    ///
    /// # Errors
    /// [`Error::Unreadable`] with the first row that was left out; [`Error::ListCut`].
    pub fn whole(self) -> Result<Vec<T>, Error> {
        if let Some(LeftOut { name, unreadable }) = self.left_out.into_iter().next() {
            return Err(Error::Unreadable { name, unreadable });
        }
        if self.cut {
            return Err(Error::ListCut { read: self.rows.len() });
        }
        Ok(self.rows)
    }

    pub(crate) fn leave_out(&mut self, row: LeftOut, most: usize) {
        self.left_out_count = self.left_out_count.saturating_add(1);
        if self.left_out.len() < most {
            self.left_out.push(row);
        }
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), left_out: Vec::new(), left_out_count: 0, total: 0, cut: false }
    }
}

/// For tests, and for lists from elsewhere: nothing is missing.
impl<T> From<Vec<T>> for Listed<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { total: rows.len(), rows, ..Self::default() }
    }
}

impl<T> IntoIterator for Listed<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    /// The rows that could be read.
    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name}: {}", self.unreadable),
            None => self.unreadable.fmt(f),
        }
    }
}
