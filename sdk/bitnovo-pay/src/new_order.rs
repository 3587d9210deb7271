//! An order to be created, checked before it is sent.

use std::str::FromStr;

use crate::{Customer, Fiat, InvalidRequest, Money, RedirectUrl, generated::types::OrderRequest};

/// An order to be created.
///
/// ```
/// use bitnovo_pay::{Fiat, NewOrder};
///
/// let order = NewOrder::link("49.90".parse()?, Fiat::Eur).reference("ORD-1001").notes("Two coffees");
/// # Ok::<(), bitnovo_pay::MoneyError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct NewOrder {
    amount: Money,
    fiat: Fiat,
    symbol: Option<String>,
    notes: Option<String>,
    reference: Option<String>,
    language: Option<String>,
    internal_data: Option<String>,
    url_ok: Option<RedirectUrl>,
    url_ko: Option<RedirectUrl>,
    url_standby: Option<RedirectUrl>,
    customer: Customer,
}

impl NewOrder {
    /// An order of `amount` in `fiat`, for which the customer chooses the cryptocurrency on a checkout page.
    pub fn link(amount: Money, fiat: Fiat) -> Self {
        Self {
            amount,
            fiat,
            symbol: None,
            notes: None,
            reference: None,
            language: None,
            internal_data: None,
            url_ok: None,
            url_ko: None,
            url_standby: None,
            customer: Customer::default(),
        }
    }

    /// An order of `amount` in `fiat`, to be paid in the cryptocurrency with this symbol. Its clock starts at once.
    pub fn onchain(amount: Money, fiat: Fiat, symbol: impl Into<String>) -> Self {
        Self { symbol: Some(symbol.into()), ..Self::link(amount, fiat) }
    }

    /// A note that the customer sees; at most 512 characters.
    pub fn notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }

    /// The merchant's own reference; 1 to 256 characters. The API does not keep it unique.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Language of the checkout page, such as `EN`; the API takes `ES` when there is none.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Data that comes back with the payment and is not shown to the customer; 1 to 1024 characters.
    pub fn internal_data(mut self, data: impl Into<String>) -> Self {
        self.internal_data = Some(data.into());
        self
    }

    /// Where the checkout page sends a customer who has paid.
    pub fn url_ok(mut self, url: RedirectUrl) -> Self {
        self.url_ok = Some(url);
        self
    }

    /// Where the checkout page sends a customer who has not paid.
    pub fn url_ko(mut self, url: RedirectUrl) -> Self {
        self.url_ko = Some(url);
        self
    }

    /// Where the checkout page sends a customer whose payment is not confirmed yet.
    pub fn url_standby(mut self, url: RedirectUrl) -> Self {
        self.url_standby = Some(url);
        self
    }

    /// Who pays.
    pub fn customer(mut self, customer: Customer) -> Self {
        self.customer = customer;
        self
    }

    pub(crate) fn request(&self) -> Result<OrderRequest, InvalidRequest> {
        self.check_amount()?;
        if self.symbol.as_deref().is_some_and(|symbol| symbol.trim().is_empty()) {
            return Err(InvalidRequest::EmptySymbol);
        }
        let url = |url: &Option<RedirectUrl>| url.as_ref().map(RedirectUrl::to_string);
        let customer = &self.customer;
        Ok(OrderRequest {
            expected_output_amount: self.amount,
            fiat: Some(self.fiat),
            input_currency: self.symbol.clone(),
            language: self.language.clone(),
            notes: limited("notes", &self.notes)?,
            reference: limited("reference", &self.reference)?,
            internal_data: limited("internal_data", &self.internal_data)?,
            merchant_urlok: url(&self.url_ok),
            merchant_urlko: url(&self.url_ko),
            merchant_url_standby: url(&self.url_standby),
            full_name: limited("full_name", &customer.full_name)?,
            email_client: limited("email", &customer.email)?,
            phone_number: limited("phone_number", &customer.phone_number)?,
            nif: limited("tax_number", &customer.tax_number)?,
            home_address: limited("street", &customer.street)?,
            address_number: limited("house_number", &customer.house_number)?,
            address_additional: limited("address_additional", &customer.address_additional)?,
            city: limited("city", &customer.city)?,
            province: limited("province", &customer.province)?,
            zip_code: limited("postal_code", &customer.postal_code)?,
            country: limited("country", &customer.country)?,
        })
    }

    fn check_amount(&self) -> Result<(), InvalidRequest> {
        if !self.amount.is_positive() {
            return Err(InvalidRequest::AmountNotPositive);
        }
        let (allowed, actual) = (self.fiat.exponent(), self.amount.scale());
        if actual > allowed {
            return Err(InvalidRequest::TooManyDecimals { fiat: self.fiat, allowed, actual });
        }
        Ok(())
    }
}

fn limited<T: FromStr<Err: ToString>>(
    field: &'static str,
    text: &Option<String>,
) -> Result<Option<T>, InvalidRequest> {
    text.as_deref().map(|text| within_limits(field, text)).transpose()
}

/// The limits are those of the generated types, and so of the document.
pub(crate) fn within_limits<T: FromStr<Err: ToString>>(
    field: &'static str,
    text: &str,
) -> Result<T, InvalidRequest> {
    text.parse().map_err(|problem: T::Err| InvalidRequest::Length {
        field,
        problem: problem.to_string(),
        actual: text.chars().count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(amount: &str) -> NewOrder {
        NewOrder::link(amount.parse().unwrap(), Fiat::Eur)
    }

    fn json(order: &NewOrder) -> String {
        serde_json::to_string(&order.request().unwrap()).unwrap()
    }

    #[test]
    fn the_request_uses_the_names_of_the_api_and_leaves_out_what_is_not_set() {
        assert_eq!(json(&eur("22.0")), r#"{"expected_output_amount":22,"fiat":"EUR"}"#);
        let onchain = NewOrder::onchain("0.3".parse().unwrap(), Fiat::Usd, "BTC_TEST").language("EN");
        assert_eq!(
            json(&onchain),
            r#"{"expected_output_amount":0.3,"fiat":"USD","input_currency":"BTC_TEST","language":"EN"}"#
        );
        let redirected = eur("1")
            .url_ok("https://shop.example/ok".parse().unwrap())
            .url_ko("https://shop.example/ko".parse().unwrap())
            .url_standby("https://shop.example/wait".parse().unwrap());
        let json = json(&redirected);
        for field in [
            r#""merchant_urlok":"https://shop.example/ok""#,
            r#""merchant_urlko":"https://shop.example/ko""#,
            r#""merchant_url_standby":"https://shop.example/wait""#,
        ] {
            assert!(json.contains(field), "{json}");
        }
    }

    #[test]
    fn an_amount_must_be_positive_and_fit_its_currency() {
        for (amount, fiat, error) in [
            ("0", Fiat::Eur, InvalidRequest::AmountNotPositive),
            ("-1", Fiat::Eur, InvalidRequest::AmountNotPositive),
            ("1.005", Fiat::Eur, InvalidRequest::TooManyDecimals { fiat: Fiat::Eur, allowed: 2, actual: 3 }),
            ("1.5", Fiat::Jpy, InvalidRequest::TooManyDecimals { fiat: Fiat::Jpy, allowed: 0, actual: 1 }),
        ] {
            assert_eq!(NewOrder::link(amount.parse().unwrap(), fiat).request().unwrap_err(), error);
        }
        assert!(NewOrder::link("100.00".parse().unwrap(), Fiat::Jpy).request().is_ok());
    }

    #[test]
    fn a_text_that_is_too_long_is_named_with_its_limit_and_length() {
        let long = eur("1").notes("ñ".repeat(513)).request().unwrap_err();
        assert_eq!(long.to_string(), "notes is longer than 512 characters: it has 513");
        assert!(eur("1").notes("ñ".repeat(512)).request().is_ok());
        let empty = eur("1").reference("").request().unwrap_err();
        assert_eq!(empty.to_string(), "reference is shorter than 1 characters: it has 0");
        for order in [
            eur("1").reference("x".repeat(257)),
            eur("1").internal_data("x".repeat(1025)),
            eur("1").customer(Customer { country: Some("ESP".into()), ..Customer::default() }),
            eur("1").customer(Customer { full_name: Some("x".repeat(49)), ..Customer::default() }),
        ] {
            assert!(matches!(order.request(), Err(InvalidRequest::Length { .. })));
        }
    }

    #[test]
    fn a_currency_without_a_symbol_is_refused() {
        for symbol in ["", " "] {
            let order = NewOrder::onchain("1".parse().unwrap(), Fiat::Eur, symbol);
            assert_eq!(order.request().unwrap_err(), InvalidRequest::EmptySymbol);
        }
    }

    #[test]
    fn a_customer_does_not_end_up_in_logs() {
        let customer = Customer { full_name: Some("Ada Lovelace".into()), ..Customer::default() };
        let order = eur("1").customer(customer);
        assert!(!format!("{order:?}").contains("Ada"));
        assert!(json(&order).contains("Ada Lovelace"));
    }
}
