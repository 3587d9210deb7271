//! QR codes as results: drawn, and delivered as resources or as data URIs.

use std::borrow::Cow;

use payments_qr::{QrError, QrSize, QrStyle, png};
use rmcp::model::ResourceTemplate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::answer::failure::{Code, Failure};
use crate::answer::reply::Picture;
use crate::bitnovo::context::Context;
use crate::bitnovo::qr_payload::{Kind, QrPayload};
use crate::config::QrDelivery;

/// How a code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Style {
    Basic,
    Branded,
}

/// Side of a picture in pixels, 100 to 2000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PixelSize(u32);

impl PixelSize {
    const SMALLEST: u32 = 100;
    const LARGEST: u32 = 2000;

    fn new(side: u32) -> Option<Self> {
        (Self::SMALLEST..=Self::LARGEST).contains(&side).then_some(Self(side))
    }
}

impl Default for PixelSize {
    fn default() -> Self {
        Self(512)
    }
}

impl<'de> Deserialize<'de> for PixelSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let side = u32::deserialize(deserializer)?;
        Self::new(side).ok_or_else(|| D::Error::custom(format!("expected 100 to 2000 pixels, not {side}")))
    }
}

impl JsonSchema for PixelSize {
    fn schema_name() -> Cow<'static, str> {
        "PixelSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": Self::SMALLEST, "maximum": Self::LARGEST })
    }
}

/// Size and style together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) size: PixelSize,
    pub(crate) style: Style,
}

impl Default for Look {
    fn default() -> Self {
        Self { size: PixelSize::default(), style: Style::Branded }
    }
}

/// Draws `text` and says what stands in the result's field: a resource URI, or the picture itself.
///
/// # Errors
/// `QR_NOT_AVAILABLE` when the text does not fit the size.
pub(crate) async fn deliver(
    context: &Context,
    identifier: Uuid,
    kind: Kind,
    text: &str,
    look: Look,
) -> Result<(String, Picture), Failure> {
    let picture = draw(text, look).await?;
    let field = match context.qr_delivery() {
        QrDelivery::Resource => QrResource { identifier, kind, look }.uri(),
        QrDelivery::DataUri => picture.data_uri(),
    };
    Ok((field, picture))
}

/// How many codes are drawn at once. A large one takes megabytes while it is drawn and checked.
static PENS: Semaphore = Semaphore::const_new(2);

/// A large branded code takes tens of milliseconds: not on a thread that answers requests.
async fn draw(text: &str, look: Look) -> Result<Picture, Failure> {
    let text = text.to_owned();
    let pen = PENS.acquire().await;
    let drawn = tokio::task::spawn_blocking(move || {
        // Released when the code is drawn, whether or not the caller still waits.
        let _pen = pen;
        let size = QrSize::try_from(look.size.0)?;
        match look.style {
            Style::Basic => png(&text, size, QrStyle::Basic),
            // A logo takes room that a small picture may not have: a plain code is better than none.
            Style::Branded => match png(&text, size, QrStyle::Branded) {
                Err(QrError::TooSmall { .. }) => png(&text, size, QrStyle::Basic),
                drawn => drawn,
            },
        }
    });
    match drawn.await {
        Ok(Ok(png)) => Ok(Picture { png }),
        Ok(Err(error)) => {
            Err(Failure::new(Code::QrNotAvailable, format!("The QR code cannot be drawn: {error}.")))
        }
        Err(_panic) => Err(Failure::new(
            Code::QrNotAvailable,
            "Cannot draw the QR code: this is a defect in this server.",
        )),
    }
}

/// A code as a resource. Nothing is stored: reading it reads the payment and draws anew, so it works after a restart
/// and stops working when the customer must not pay any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QrResource {
    identifier: Uuid,
    kind: Kind,
    look: Look,
}

impl QrResource {
    const TEMPLATE: &str = "bitnovo-pay://payments/{identifier}/qr/{kind}{?size,style}";
    const PREFIX: &str = "bitnovo-pay://payments/";

    /// For `resources/templates/list`.
    pub(crate) fn template() -> ResourceTemplate {
        ResourceTemplate::new(Self::TEMPLATE, "payment-qr")
            .with_title("QR code of a payment")
            .with_description("A PNG picture; kind is address, payment_uri or gateway_url.")
            .with_mime_type("image/png")
    }

    fn uri(&self) -> String {
        let style = match self.look.style {
            Style::Basic => "basic",
            Style::Branded => "branded",
        };
        let (kind, size) = (self.kind.as_str(), self.look.size.0);
        format!("{}{}/qr/{kind}?size={size}&style={style}", Self::PREFIX, self.identifier)
    }

    /// Reads a URI of the template's form; `None` for any other.
    pub(crate) fn parse(uri: &str) -> Option<Self> {
        let (path, query) = match uri.strip_prefix(Self::PREFIX)?.split_once('?') {
            Some((path, query)) => (path, query),
            None => (uri.strip_prefix(Self::PREFIX)?, ""),
        };
        let (identifier, kind) = path.split_once("/qr/")?;
        let identifier = Uuid::try_parse(identifier).ok()?;
        let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind)?;
        let mut look = Look::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("size", side) => look.size = PixelSize::new(side.parse().ok()?)?,
                ("style", "basic") => look.style = Style::Basic,
                ("style", "branded") => look.style = Style::Branded,
                _ => return None,
            }
        }
        Some(Self { identifier, kind, look })
    }

    /// Draws the code from the payment as it is now.
    pub(crate) async fn draw(&self, context: &Context) -> Result<Picture, Failure> {
        let (_, payload) = QrPayload::read(context, self.identifier).await?;
        draw(payload.text(self.kind)?, self.look).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> QrResource {
        let identifier = "0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01".parse().unwrap();
        QrResource {
            identifier,
            kind: Kind::PaymentUri,
            look: Look { size: PixelSize(640), style: Style::Basic },
        }
    }

    #[test]
    fn a_resource_uri_reads_back_as_the_same_resource() {
        assert_eq!(QrResource::parse(&resource().uri()), Some(resource()));
    }

    #[test]
    fn size_and_style_of_a_resource_may_be_left_out() {
        let uri = "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01/qr/payment_uri";
        let look = Look::default();
        assert_eq!(QrResource::parse(uri), Some(QrResource { look, ..resource() }));
    }

    #[tokio::test]
    async fn a_picture_too_small_for_the_logo_is_drawn_without_it() {
        let uri = "ripple:rsandbox1Y3JEMYX42B9HThp4Fh7YhMVSs?amount=5.681819&dt=670158910";
        let look = |style| Look { size: PixelSize(100), style };
        let branded = draw(uri, look(Style::Branded)).await.unwrap();
        assert_eq!(branded.png, draw(uri, look(Style::Basic)).await.unwrap().png);
    }

    #[test]
    fn other_uris_are_unknown() {
        for uri in [
            "",
            "https://example.com/",
            "bitnovo-pay://payments/not-a-uuid/qr/address",
            "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01/qr/everything",
            "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01/qr/address?size=99",
            "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01/qr/address?size=2001",
            "bitnovo-pay://payments/0b9d6f0e-6c5e-4a53-9f4e-2d1f5b7c8a01/qr/address?colour=red",
        ] {
            assert_eq!(QrResource::parse(uri), None, "{uri}");
        }
    }
}
