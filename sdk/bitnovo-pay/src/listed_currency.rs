//! A currency of the catalogue, as far as it can be read.

use crate::{
    Currency, Money, Unreadable, clean_text,
    rows::reader::Row,
    wire::{Object, partial, values},
};

partial! {
    /// A currency of the catalogue as far as it can be read, field by field.
    pub struct ListedCurrency {
        need {
            symbol: String = values::word,
            name: String = values::text,
            min_amount: Money = values::money,
            blockchain: String = values::word,
        }
        may {
            max_amount: Money = values::money,
            image: String = values::word,
        }
    }
}

impl ListedCurrency {
    /// The currency, when its symbol, its network and its limits can be read. One without a name is named by its symbol.
    ///
    /// # Errors
    /// The first of these fields that is missing or cannot be read.
    pub fn currency(&self) -> Result<Currency, Unreadable> {
        let symbol = self.symbol()?;
        Ok(Currency {
            symbol: symbol.clone(),
            blockchain: self.blockchain()?.clone(),
            min_amount: *self.min_amount()?,
            max_amount: self.max_amount()?.copied(),
            name: self.name().unwrap_or(symbol).clone(),
            image: self.image().ok().flatten().cloned(),
        })
    }
}

impl Row for ListedCurrency {
    fn of(object: &Object<'_>) -> Self {
        Self::of(object)
    }

    fn name(&self) -> Option<String> {
        self.symbol().ok().map(|symbol| clean_text(symbol))
    }
}
