// @generated from openapi/bitnovo-pay.yaml by `cargo codegen generate`. Do not edit: change the document and run it again.

#![cfg_attr(rustfmt, rustfmt::skip)]
#![allow(
    clippy::all,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    rust_2018_idioms,
    rustdoc::all,
    unreachable_pub
)]

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    /**Why a request was refused. Only `detail` was ever seen; the framework also sends one array of messages for
each field on a 400.
*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ApiError {
        ///For people; wording may change.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
    }
    /**What a create returns. The crypto fields are there only when the request named a currency.
`expected_input_amount` is the crypto amount; `rate` is the effective price of this order, not a market price.
*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct CreatedOrder {
        ///Where the customer sends the funds.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expected_input_amount: ::std::option::Option<crate::Money>,
        ///ISO 4217 code of the order's fiat currency.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fiat: ::std::option::Option<::std::string::String>,
        ///Identifies the order from now on.
        pub identifier: ::uuid::Uuid,
        ///Symbol of the cryptocurrency.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub input_currency: ::std::option::Option<::std::string::String>,
        ///Language of the checkout page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub language: ::std::option::Option<::std::string::String>,
        ///Whether the checkout page asks the customer for an identity document.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub need_dni: ::std::option::Option<bool>,
        ///As sent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub notes: ::std::option::Option<::std::string::String>,
        ///What a wallet reads from the QR code.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub payment_uri: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rate: ::std::option::Option<crate::Money>,
        ///As sent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        /**Destination tag or memo, "" when the network has none. Funds sent without a tag that is required are lost.
*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tag_memo: ::std::option::Option<::std::string::String>,
        ///The hosted checkout page. Opaque.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub web_url: ::std::option::Option<::std::string::String>,
    }
    ///A cryptocurrency on one network.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Currency {
        ///Code of the network.
        pub blockchain: ::std::string::String,
        ///URL of a logo.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub image: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub max_amount: ::std::option::Option<crate::Money>,
        pub min_amount: crate::Money,
        ///For people; not unique.
        pub name: ::std::string::String,
        ///Identifies the currency and its network; goes into `input_currency`.
        pub symbol: ::std::string::String,
    }
    ///A day in UTC, `YYYY/MM/DD`.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[serde(transparent)]
    pub struct Day(pub ::std::string::String);
    impl ::std::ops::Deref for Day {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<Day> for ::std::string::String {
        fn from(value: Day) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::string::String> for Day {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for Day {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    impl ::std::str::FromStr for Day {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
            Ok(Self(value.to_string()))
        }
    }
    ///A device that was registered.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Device {
        ///The new device's key; goes into `X-Device-Id`. Treat it as a secret.
        pub identifier: ::uuid::Uuid,
        ///As sent.
        pub name: ::std::string::String,
    }
    ///A device to be registered.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct DeviceRequest {
        ///A name for people.
        pub name: DeviceRequestName,
    }
    ///A name for people.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct DeviceRequestName(::std::string::String);
    impl ::std::ops::Deref for DeviceRequestName {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DeviceRequestName> for ::std::string::String {
        fn from(value: DeviceRequestName) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DeviceRequestName {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 128usize {
                return Err("longer than 128 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DeviceRequestName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DeviceRequestName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DeviceRequestName {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///An order to be created. `expected_output_amount` is the fiat amount, greater than zero.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct OrderRequest {
        ///Further part of the address.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address_additional: ::std::option::Option<OrderRequestAddressAdditional>,
        ///House number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address_number: ::std::option::Option<OrderRequestAddressNumber>,
        ///Customer's city.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub city: ::std::option::Option<OrderRequestCity>,
        ///Customer's country as a two-letter code.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub country: ::std::option::Option<OrderRequestCountry>,
        ///Customer's e-mail address.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email_client: ::std::option::Option<OrderRequestEmailClient>,
        pub expected_output_amount: crate::Money,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fiat: ::std::option::Option<crate::Fiat>,
        ///Customer's full name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub full_name: ::std::option::Option<OrderRequestFullName>,
        ///Customer's street.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub home_address: ::std::option::Option<OrderRequestHomeAddress>,
        ///Symbol of the cryptocurrency. Absent, the customer chooses on the checkout page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub input_currency: ::std::option::Option<::std::string::String>,
        ///Kept with the order and returned with it; not shown to the customer.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub internal_data: ::std::option::Option<OrderRequestInternalData>,
        ///Language of the checkout page; the API takes `ES` when it is absent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub language: ::std::option::Option<::std::string::String>,
        ///Where the checkout page sends a customer whose payment is not confirmed yet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub merchant_url_standby: ::std::option::Option<::std::string::String>,
        ///Where the checkout page sends a customer who has not.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub merchant_urlko: ::std::option::Option<::std::string::String>,
        ///Where the checkout page sends a customer who has paid.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub merchant_urlok: ::std::option::Option<::std::string::String>,
        ///Customer's tax number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub nif: ::std::option::Option<OrderRequestNif>,
        ///Shown to the customer and kept with the order.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub notes: ::std::option::Option<OrderRequestNotes>,
        ///Customer's telephone number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub phone_number: ::std::option::Option<OrderRequestPhoneNumber>,
        ///Customer's province.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub province: ::std::option::Option<OrderRequestProvince>,
        ///The merchant's own reference. Not enforced to be unique.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<OrderRequestReference>,
        ///Customer's postal code.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub zip_code: ::std::option::Option<OrderRequestZipCode>,
    }
    ///Further part of the address.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestAddressAdditional(::std::string::String);
    impl ::std::ops::Deref for OrderRequestAddressAdditional {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestAddressAdditional> for ::std::string::String {
        fn from(value: OrderRequestAddressAdditional) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestAddressAdditional {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 64usize {
                return Err("longer than 64 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestAddressAdditional {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for OrderRequestAddressAdditional {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestAddressAdditional {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///House number.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestAddressNumber(::std::string::String);
    impl ::std::ops::Deref for OrderRequestAddressNumber {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestAddressNumber> for ::std::string::String {
        fn from(value: OrderRequestAddressNumber) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestAddressNumber {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 56usize {
                return Err("longer than 56 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestAddressNumber {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestAddressNumber {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestAddressNumber {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's city.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestCity(::std::string::String);
    impl ::std::ops::Deref for OrderRequestCity {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestCity> for ::std::string::String {
        fn from(value: OrderRequestCity) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestCity {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 28usize {
                return Err("longer than 28 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestCity {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestCity {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestCity {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's country as a two-letter code.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestCountry(::std::string::String);
    impl ::std::ops::Deref for OrderRequestCountry {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestCountry> for ::std::string::String {
        fn from(value: OrderRequestCountry) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestCountry {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 2usize {
                return Err("longer than 2 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestCountry {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestCountry {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestCountry {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's e-mail address.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestEmailClient(::std::string::String);
    impl ::std::ops::Deref for OrderRequestEmailClient {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestEmailClient> for ::std::string::String {
        fn from(value: OrderRequestEmailClient) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestEmailClient {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 128usize {
                return Err("longer than 128 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestEmailClient {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestEmailClient {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestEmailClient {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's full name.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestFullName(::std::string::String);
    impl ::std::ops::Deref for OrderRequestFullName {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestFullName> for ::std::string::String {
        fn from(value: OrderRequestFullName) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestFullName {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 48usize {
                return Err("longer than 48 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestFullName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestFullName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestFullName {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's street.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestHomeAddress(::std::string::String);
    impl ::std::ops::Deref for OrderRequestHomeAddress {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestHomeAddress> for ::std::string::String {
        fn from(value: OrderRequestHomeAddress) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestHomeAddress {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 256usize {
                return Err("longer than 256 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestHomeAddress {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestHomeAddress {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestHomeAddress {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Kept with the order and returned with it; not shown to the customer.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestInternalData(::std::string::String);
    impl ::std::ops::Deref for OrderRequestInternalData {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestInternalData> for ::std::string::String {
        fn from(value: OrderRequestInternalData) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestInternalData {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 1024usize {
                return Err("longer than 1024 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestInternalData {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestInternalData {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestInternalData {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's tax number.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestNif(::std::string::String);
    impl ::std::ops::Deref for OrderRequestNif {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestNif> for ::std::string::String {
        fn from(value: OrderRequestNif) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestNif {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 12usize {
                return Err("longer than 12 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestNif {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestNif {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestNif {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Shown to the customer and kept with the order.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestNotes(::std::string::String);
    impl ::std::ops::Deref for OrderRequestNotes {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestNotes> for ::std::string::String {
        fn from(value: OrderRequestNotes) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestNotes {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 512usize {
                return Err("longer than 512 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestNotes {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestNotes {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestNotes {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's telephone number.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestPhoneNumber(::std::string::String);
    impl ::std::ops::Deref for OrderRequestPhoneNumber {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestPhoneNumber> for ::std::string::String {
        fn from(value: OrderRequestPhoneNumber) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestPhoneNumber {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 15usize {
                return Err("longer than 15 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestPhoneNumber {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestPhoneNumber {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestPhoneNumber {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's province.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestProvince(::std::string::String);
    impl ::std::ops::Deref for OrderRequestProvince {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestProvince> for ::std::string::String {
        fn from(value: OrderRequestProvince) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestProvince {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 28usize {
                return Err("longer than 28 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestProvince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestProvince {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestProvince {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///The merchant's own reference. Not enforced to be unique.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestReference(::std::string::String);
    impl ::std::ops::Deref for OrderRequestReference {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestReference> for ::std::string::String {
        fn from(value: OrderRequestReference) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestReference {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 256usize {
                return Err("longer than 256 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestReference {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestReference {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestReference {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Customer's postal code.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    pub struct OrderRequestZipCode(::std::string::String);
    impl ::std::ops::Deref for OrderRequestZipCode {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<OrderRequestZipCode> for ::std::string::String {
        fn from(value: OrderRequestZipCode) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for OrderRequestZipCode {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 12usize {
                return Err("longer than 12 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for OrderRequestZipCode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for OrderRequestZipCode {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for OrderRequestZipCode {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    /**An order and what was paid on it. `fiat_amount` and `received_amount` are fiat; `crypto_amount` is what was
asked for in crypto, `unconfirmed_amount` and `confirmed_amount` what was seen of it. `percentage` is the share
received, 0 to 100.
*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Payment {
        ///Where the customer sends the funds.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address: ::std::option::Option<::std::string::String>,
        ///The words `True` or `False`, as a string.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub balance_based: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub confirmed_amount: ::std::option::Option<crate::Money>,
        ///When the order was created, with a local offset.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created_at: ::std::option::Option<::chrono::DateTime<::chrono::FixedOffset>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub crypto_amount: ::std::option::Option<crate::Money>,
        ///Symbol of the cryptocurrency; null until one is chosen.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub currency_id: ::std::option::Option<::std::string::String>,
        ///When the order last changed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub edited_at: ::std::option::Option<::chrono::DateTime<::chrono::FixedOffset>>,
        ///When the order expires; null until a currency is chosen. Read it, never compute it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expired_time: ::std::option::Option<
            ::chrono::DateTime<::chrono::FixedOffset>,
        >,
        ///ISO 4217 code of the order's fiat currency.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fiat: ::std::option::Option<::std::string::String>,
        pub fiat_amount: crate::Money,
        ///Whether the customer's transaction pays a sufficient network fee.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub good_fee: ::std::option::Option<bool>,
        ///Identifies the order.
        pub identifier: ::uuid::Uuid,
        ///As sent with the order.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub internal_data: ::std::option::Option<::std::string::String>,
        ///Language of the checkout page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub language: ::std::option::Option<::std::string::String>,
        ///Name of the device that created the order.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub merchant_device: ::std::option::Option<::std::string::String>,
        ///Number of the device that created the order.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub merchant_device_id: ::std::option::Option<i64>,
        ///As sent with the order.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub notes: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub percentage: ::std::option::Option<crate::Money>,
        ///Whether the customer's transaction can still be replaced.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rbf: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub received_amount: ::std::option::Option<crate::Money>,
        ///The merchant's own reference.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        ///Whether goods may be released although the payment is not confirmed yet.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub safe: ::std::option::Option<bool>,
        pub status: crate::PaymentStatus,
        ///Destination tag or memo, "" when the network has none.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tag_memo: ::std::option::Option<::std::string::String>,
        ///The customer's transactions on chain.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub transactions: ::std::option::Option<::std::vec::Vec<Transaction>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub unconfirmed_amount: ::std::option::Option<crate::Money>,
        ///The redirect that was sent as `merchant_urlko`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url_ko: ::std::option::Option<::std::string::String>,
        ///The redirect that was sent as `merchant_urlok`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url_ok: ::std::option::Option<::std::string::String>,
        ///The redirect that was sent as `merchant_url_standby`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url_standby: ::std::option::Option<::std::string::String>,
    }
    ///One transaction of the customer. `amount` is crypto.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Transaction {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub amount: ::std::option::Option<crate::Money>,
        ///The block that holds it; null while it is unconfirmed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub block: ::std::option::Option<i64>,
        ///Whether the network has confirmed it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub confirmed: ::std::option::Option<bool>,
        ///When it was first seen.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created_at: ::std::option::Option<::chrono::DateTime<::chrono::FixedOffset>>,
        ///Symbol of the cryptocurrency.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub currency: ::std::option::Option<::std::string::String>,
        ///The transaction's hash.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tx_hash: ::std::option::Option<::std::string::String>,
    }
    /**What is posted to the device's `notification_url` when a payment changes (not for IA). Signed over the raw
bytes. A hint, not the truth: read `orders_info`. Any field may be null and more may come; `currency` here is
`currency_id` of a Payment.
*/
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct WebhookBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub confirmed_amount: ::std::option::Option<crate::Money>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub crypto_amount: ::std::option::Option<crate::Money>,
        ///Symbol of the cryptocurrency.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub currency: ::std::option::Option<::std::string::String>,
        ///When the order changed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub edited_at: ::std::option::Option<::chrono::DateTime<::chrono::FixedOffset>>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fiat_amount: ::std::option::Option<crate::Money>,
        ///ISO 4217 code.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fiat_currency: ::std::option::Option<::std::string::String>,
        ///Identifies the order.
        pub identifier: ::uuid::Uuid,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub received_amount: ::std::option::Option<crate::Money>,
        ///The merchant's own reference.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        ///Whether goods may be released.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub safe: ::std::option::Option<bool>,
        pub status: crate::PaymentStatus,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub unconfirmed_amount: ::std::option::Option<crate::Money>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for Bitnovo Pay merchant API

Lets a merchant be paid in cryptocurrency. An order asks for an amount in a fiat currency; the customer pays it
in a cryptocurrency, either one named by the merchant (on-chain) or one chosen on a hosted checkout page (link).

Every request carries the header `X-Device-Id`. Nothing is signed; the device's secret verifies webhooks only
and is never sent. Orders can be neither cancelled nor refunded through this API.

Trailing slashes are part of the paths.


Version: 1.0.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: crate::transport::Transport,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: crate::transport::Transport) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: crate::transport::Transport,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
impl ClientInfo<crate::transport::Transport> for Client {
    fn api_version() -> &'static str {
        "1.0.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &crate::transport::Transport {
        &self.inner
    }
}
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<crate::transport::Transport>,
    {}
};
#[allow(clippy::all)]
impl Client {
    /**Lists the currencies in which this device can be paid

One entry for each currency and network. The same coin on two networks is two entries with two symbols and
often one name, so a name does not choose a currency: a symbol does.


Sends a `GET` request to `/api/v1/currencies`

*/
    pub async fn currencies_list<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<::std::vec::Vec<types::Currency>>,
        Error<types::ApiError>,
    > {
        let url = format!("{}/api/v1/currencies", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "currencies_list",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the orders of a range of days, newest first

A flat array without pagination. Without a range: the last seven days.


Sends a `GET` request to `/api/v1/orders/`

Arguments:
- `end`: Last day of the range, `YYYY/MM/DD`, inclusive, in UTC.
- `start`: First day of the range, `YYYY/MM/DD`, inclusive, in UTC.
*/
    pub async fn orders_list<'a>(
        &'a self,
        end: Option<&'a types::Day>,
        start: Option<&'a types::Day>,
    ) -> Result<ResponseValue<::std::vec::Vec<types::Payment>>, Error<types::ApiError>> {
        let url = format!("{}/api/v1/orders/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("end", &end))
            .query(&progenitor_client::QueryParam::new("start", &start))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "orders_list",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Creates an order

With `input_currency` the answer holds the address and the exact crypto amount, and the clock of the order
starts at once. Without it the customer chooses on the page behind `web_url`.

The answer has no status, no fiat amount and no expiry: `orders_info` has. There is no idempotency key, and
`reference` may be used twice: sending this request again creates a second order.

A business refusal, such as an unknown currency or an amount below the currency's minimum, is a 404.


Sends a `POST` request to `/api/v1/orders/`

*/
    pub async fn orders_create<'a>(
        &'a self,
        body: &'a types::OrderRequest,
    ) -> Result<ResponseValue<crate::raw_answer::RawAnswer>, Error<types::ApiError>> {
        let url = format!("{}/api/v1/orders/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "orders_create",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Reads one order, with its status and what was paid

The answer does not hold `payment_uri`, `web_url`, `rate` or `expected_input_amount`: only the answer to the
create does.


Sends a `GET` request to `/api/v1/orders/info/{identifier}`

Arguments:
- `identifier`: The identifier that `orders_create` returned.
*/
    pub async fn orders_info<'a>(
        &'a self,
        identifier: &'a ::uuid::Uuid,
    ) -> Result<ResponseValue<crate::raw_answer::RawAnswer>, Error<types::ApiError>> {
        let url = format!(
            "{}/api/v1/orders/info/{}", self.baseurl, encode_path(& identifier
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "orders_info",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Registers a new device of the merchant

The identifier in the answer is the new device's key. It is shown this once.


Sends a `POST` request to `/api/v1/device/`

*/
    pub async fn device_create<'a>(
        &'a self,
        body: &'a types::DeviceRequest,
    ) -> Result<ResponseValue<types::Device>, Error<types::ApiError>> {
        let url = format!("{}/api/v1/device/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "device_create",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
