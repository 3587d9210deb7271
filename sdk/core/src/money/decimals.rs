//! Brings a reported amount to the decimals of its coin.

use rust_decimal::{Decimal, RoundingStrategy};

use super::Money;

/// Digits beyond the smallest unit that still count. What is closer to a whole unit than a thousandth of it is the trace
/// of a binary fraction, such as 0.30000000000000004, and no amount that a chain could carry.
const GUARD_DIGITS: u32 = 3;

impl Money {
    /// The amount in at most so many decimals, rounded up: for what is asked of a customer, who would else send too
    /// little.
    ///
    /// ```
    /// use payments_core::Money;
    ///
    /// let bitcoin = |text: &str| text.parse().map(|amount: Money| amount.rounded_up(8).to_string());
    /// assert_eq!(bitcoin("0.123456781")?, "0.12345679");
    /// assert_eq!(bitcoin("0.30000000000000004")?, "0.3", "a binary fraction, and no more");
    /// # Ok::<(), payments_core::MoneyError>(())
    /// ```
    #[must_use]
    pub fn rounded_up(self, decimals: u32) -> Self {
        self.rounded(decimals, RoundingStrategy::ToPositiveInfinity)
    }

    /// The amount in at most so many decimals, rounded down: for what a customer has sent, of which a part of the smallest
    /// unit is nothing.
    ///
    /// ```
    /// use payments_core::Money;
    ///
    /// let bitcoin = |text: &str| text.parse().map(|amount: Money| amount.rounded_down(8).to_string());
    /// assert_eq!(bitcoin("0.123456789")?, "0.12345678");
    /// assert_eq!(bitcoin("0.29999999999999993")?, "0.3", "a binary fraction, and no less");
    /// # Ok::<(), payments_core::MoneyError>(())
    /// ```
    #[must_use]
    pub fn rounded_down(self, decimals: u32) -> Self {
        self.rounded(decimals, RoundingStrategy::ToNegativeInfinity)
    }

    fn rounded(self, decimals: u32, strategy: RoundingStrategy) -> Self {
        if self.scale() <= decimals {
            return self;
        }
        let guarded = self.0.round_dp_with_strategy(
            decimals.saturating_add(GUARD_DIGITS),
            RoundingStrategy::MidpointNearestEven,
        );
        let rounded: Decimal = guarded.round_dp_with_strategy(decimals, strategy);
        Self(rounded.normalize())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_brought_to_the_decimals_of_its_coin() {
        for (text, decimals, up, down) in [
            ("0.30000000000000004", 8, "0.3", "0.3"),
            ("0.29999999999999993", 8, "0.3", "0.3"),
            ("0.19999999999999996", 6, "0.2", "0.2"),
            ("0.19999999999999996", 18, "0.19999999999999996", "0.19999999999999996"),
            ("5.551115123125783e-17", 8, "0", "0"),
            ("0.00000000999", 8, "0.00000001", "0"),
            ("0.000000001", 8, "0.00000001", "0"),
            ("0.123456789", 8, "0.12345679", "0.12345678"),
            ("1.5", 0, "2", "1"),
            ("99.99999999999999999", 6, "100", "100"),
            (
                "9999999999999999999999999.123",
                2,
                "9999999999999999999999999.13",
                "9999999999999999999999999.12",
            ),
            ("7", 8, "7", "7"),
        ] {
            let Ok(amount) = text.parse::<Money>() else { continue };
            assert_eq!(amount.rounded_up(decimals).to_string(), up, "{text} {decimals}");
            assert_eq!(amount.rounded_down(decimals).to_string(), down, "{text} {decimals}");
        }
    }

    proptest! {
        #[test]
        fn what_is_asked_and_what_came_never_differ_by_more_than_a_unit(
            units in 0_i128..1_000_000_000_000_000_000_000, scale in 0_u32..=28, decimals in 0_u32..=18,
        ) {
            let amount = Money::from_units(units, scale).unwrap();
            let (up, down) = (amount.rounded_up(decimals), amount.rounded_down(decimals));
            prop_assert!(up.scale() <= decimals && down.scale() <= decimals && down <= up);
            let unit = Money::from_units(1, decimals).unwrap();
            prop_assert!(up.checked_sub(down).unwrap() <= unit);
            if amount.scale() <= decimals {
                prop_assert_eq!((up, down), (amount, amount));
            }
        }
    }
}
