//! Bitnovo's list of orders, as far as the sum of a day needs it.

use bitnovo_pay::{Client, Error, ListedPayment, PlacedOrder, SaleId};
use chrono::{DateTime, NaiveDate};

use crate::answer::failure::Failure;
use crate::bitnovo::errors;
use crate::limits::{CountedAmount, CountedOrder, DayOrders, LimitedOrder, OrderMark};

/// Several times what the API takes a day.
const MOST_ORDERS: usize = 20_000;

/// Reads the orders of some days, both included.
pub(crate) async fn read(client: &Client, first: NaiveDate, last: NaiveDate) -> Result<DayOrders, Failure> {
    let counted = |row: &ListedPayment| Ok(Some(counted(row)));
    let listed = client.orders_list_as(Some(first), Some(last), MOST_ORDERS, counted).await;
    let listed = listed.map_err(|error| errors::from_api(&error))?;
    if listed.is_cut() {
        return Err(errors::from_api(&Error::ListCut { read: listed.total() }));
    }
    Ok(DayOrders { orders: listed.into_rows(), clock_offset: client.clock_offset() })
}

/// How the list shows the order of a sale.
pub(crate) fn mark(sale: SaleId) -> OrderMark {
    OrderMark(sale.to_bytes())
}

/// Each field is read for itself: one that cannot be read blocks only where it decides.
fn counted(row: &ListedPayment) -> CountedOrder {
    // The API's own default. No limit is in a currency that is not known here.
    let fiat = row.fiat().map(|fiat| fiat.map_or("EUR", String::as_str).parse().ok());
    let ended = match row.payment() {
        Ok(payment) => payment.value.verdict().is_closed(),
        // Whether something of the customer's has come cannot be read: the order counts.
        Err(_) => false,
    };
    let counts = match (row.identifier(), fiat, row.fiat_amount()) {
        _ if ended => CountedAmount::Nothing,
        (Ok(_), Ok(None), _) => CountedAmount::Nothing,
        (Ok(_), Ok(Some(fiat)), Ok(amount)) => CountedAmount::Amount(fiat, *amount),
        (Err(unreadable), _, _) | (_, Err(unreadable), _) | (_, _, Err(unreadable)) => {
            CountedAmount::Unreadable(unreadable.field.to_string())
        }
    };
    CountedOrder {
        identifier: row.identifier().copied().unwrap_or_default().to_string(),
        created_at: row.created_at().ok().map(DateTime::to_utc),
        counts,
        replaces: row.replaces().ok().flatten().map(|replaced| replaced.to_string()),
        mark: row.sale_id().ok().flatten().map(mark),
    }
}

impl LimitedOrder for PlacedOrder {
    fn identifier(&self) -> String {
        self.identifier.to_string()
    }

    fn replaces(&self) -> Option<String> {
        self.replaces.map(|replaced| replaced.to_string())
    }
}

#[cfg(test)]
mod tests {
    use bitnovo_pay::{Fiat, Money, NewOrder};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    /// A row of the list over 10 EUR, with some fields changed. Amounts of a few digits survive this.
    fn row(changes: &[(&str, Value)]) -> CountedOrder {
        let sample = include_str!("../../../tests/samples/orders_info_200_PE.json");
        let mut sample: Value = serde_json::from_str(sample).unwrap();
        let fields = &mut sample[0];
        fields["fiat"] = json!("EUR");
        fields["fiat_amount"] = json!("10");
        for (field, value) in changes {
            fields[*field] = value.clone();
        }
        counted(&serde_json::from_str(&fields.to_string()).unwrap())
    }

    fn ten(fiat: Fiat) -> CountedAmount {
        CountedAmount::Amount(fiat.into(), "10".parse().unwrap())
    }

    #[test]
    fn what_is_odd_about_an_order_matters_only_where_it_decides() {
        let order = |status: &str, field: &str, value| row(&[("status", json!(status)), (field, value)]);
        for field in
            ["crypto_amount", "safe", "notes", "edited_at", "address", "status", "created_at", "reference"]
        {
            let odd = order("PE", field, json!({}));
            let expected = (ten(Fiat::Eur), field == "created_at");
            assert_eq!((odd.counts, odd.created_at.is_none()), expected, "{field}");
        }
        for field in ["fiat_amount", "fiat", "identifier"] {
            let unreadable = CountedAmount::Unreadable(field.to_owned());
            assert_eq!(order("PE", field, json!({})).counts, unreadable);
        }
        assert_eq!(order("EX", "notes", json!({})).counts, CountedAmount::Nothing);
        let something_may_have_come = order("EX", "confirmed_amount", json!({}));
        assert_eq!(something_may_have_come.counts, ten(Fiat::Eur));
        assert_eq!(order("PE", "fiat", json!("XXX")).counts, CountedAmount::Nothing);
    }

    #[test]
    fn what_can_still_bring_money_or_has_counts_and_what_ended_does_not() {
        for (counts, statuses) in [
            (ten(Fiat::Eur), &["NR", "PE", "AC", "IA", "CO", "CM", "OC", "ZZ"][..]),
            (CountedAmount::Nothing, &["EX", "CA", "RF", "FA", "DE"]),
        ] {
            for status in statuses {
                assert_eq!(row(&[("status", json!(status))]).counts, counts, "{status}");
            }
        }
        assert_eq!(row(&[("status", json!("CO")), ("fiat", json!("USD"))]).counts, ten(Fiat::Usd));
    }

    /// A link created under the key ORD-1 by a device.
    fn keyed(amount: &str, device: &str, replaces: Option<Uuid>) -> CountedOrder {
        let amount: Money = amount.parse().unwrap();
        let request = NewOrder::link(amount, Fiat::Eur).fingerprint().unwrap().to_string();
        let [_, request, arguments] = request.split(':').collect::<Vec<_>>()[..] else { panic!("{request}") };
        let mut marker = json!({ "bitnovo-pay": 2, "provider": "bitnovo", "scope": "", "key": "ORD-1",
            "device": device, "request": request, "arguments": arguments, "attempt": Uuid::nil() });
        if let Some(replaced) = replaces {
            marker["replaces"] = json!(replaced);
        }
        row(&[("internal_data", json!(marker.to_string()))])
    }

    #[test]
    fn a_mark_is_of_a_device_a_key_and_what_was_asked_for() {
        let replaced = Uuid::from_u128(1);
        let (lost, replacement) = (keyed("10", "a", None), keyed("10", "a", Some(replaced)));
        assert_eq!((lost.mark, lost.replaces), (replacement.mark, None));
        assert!(lost.mark.is_some());
        assert_eq!(replacement.replaces, Some(replaced.to_string()));
        for other in [keyed("39", "a", None), keyed("10", "another till", None), row(&[])] {
            assert_ne!(other.mark, lost.mark);
        }
    }
}
