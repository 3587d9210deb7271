//! `create_payment_link`: a checkout page on which the customer chooses the currency.

use bitnovo_pay::{NewOrder, RedirectUrl, RedirectUrlError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::answer::failure::{Code, Failure, Outcome};
use crate::answer::reply::Reply;
use crate::bitnovo::arguments::FiatCode;
use crate::bitnovo::context::Context;
use crate::bitnovo::customer_message::CustomerMessage;
use crate::bitnovo::order;
use crate::bitnovo::order::{Asked, Placed, described};
use crate::bitnovo::qr_image::{Look, deliver};
use crate::bitnovo::qr_payload::Kind;
use crate::config::limits::RedirectHosts;
use crate::limits::CreateReply;
use crate::protocol::arguments::{Amount, Key, LanguageCode, Text};
use crate::protocol::route::Call;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The amount to be paid, in the currency named by fiat, such as 19.99. Exact; a decimal string is accepted too.
    amount_eur: Amount,
    /// Currency of the amount.
    #[serde(default)]
    fiat: FiatCode,
    /// Where the customer is sent after paying: an https page of the shop.
    url_ok: Option<Text<1, 2048>>,
    /// Where the customer is sent without having paid: an https page of the shop.
    url_ko: Option<Text<1, 2048>>,
    /// Shown to the customer.
    notes: Option<Text<0, 512>>,
    /// The shop's own reference, such as an order number.
    reference: Option<Text<1, 256>>,
    /// Language of the checkout page, such as en or es.
    language: Option<LanguageCode>,
    /// Also draw a QR code of the checkout page.
    #[serde(default)]
    include_qr: bool,
    /// The name of this sale, such as an order number. Reuse the same key when you retry the same sale; a new key for a new sale.
    idempotency_key: Option<Key>,
    /// From the error that asks for approval, once the merchant has approved the amount; otherwise left out.
    confirmation_token: Option<Text<1, 128>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Identifies the payment.
    identifier: String,
    /// The checkout page; give it to the customer unchanged.
    web_url: String,
    /// What the customer must do, as a text for them.
    customer_message: String,
    /// What to do next.
    next_action: String,
    /// The amount to be paid.
    fiat_amount: String,
    /// Its currency.
    fiat_currency: String,
    /// The payment's status; absent when it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The payment that this one replaces: its page was lost before it was shown, and it is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// QR code of the checkout page.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr_web_url: Option<String>,
}

pub(crate) async fn call(cx: Call<Context>, input: Input) -> Result<CreateReply<Output>, Failure> {
    let fiat = input.fiat.0;
    let amount = input.amount_eur.in_fiat("amount_eur", fiat.into())?;
    let url_ok = redirect("url_ok", input.url_ok)?;
    let url_ko = redirect("url_ko", input.url_ko)?;
    let hosts = cx.context.config().bitnovo.limits.redirect_hosts.as_ref();
    let forbidden = hosts.and_then(|hosts| {
        let urls = [("url_ok", &url_ok), ("url_ko", &url_ko)].into_iter();
        urls.filter_map(|(field, url)| Some((field, url.as_ref()?)))
            .find_map(|(field, url)| elsewhere(field, url, hosts))
    });
    let question = cx.context.texts().confirm(
        amount,
        fiat,
        None,
        [url_ok.as_ref(), url_ko.as_ref()],
        input.notes.as_ref(),
        input.reference.as_ref(),
    );
    let mut new = NewOrder::link(amount, fiat);
    if let Some(url) = url_ok {
        new = new.url_ok(url);
    }
    if let Some(url) = url_ko {
        new = new.url_ko(url);
    }
    let approval = cx.approval(question, input.confirmation_token.map(|token| token.0));
    let new = described(&cx.context, new, input.notes, input.reference, input.language);
    let key = input.idempotency_key;
    let asked = Asked { amount, fiat, currency: None, key, approval: &approval, obstacle: forbidden };
    let Placed { created, read, view, mut warnings } = order::create(&cx.context, &new, &asked).await?;
    let Some(web_url) = created.web_url.clone() else { return Err(chosen_already(created.identifier)) };

    let fiat_amount = amount.to_string_with_scale(fiat.exponent());
    let mut pictures = Vec::new();
    let mut qr_web_url = None;
    if input.include_qr && view.is_new() {
        match deliver(&cx.context, created.identifier, Kind::GatewayUrl, &web_url, Look::default()).await {
            Ok((field, picture)) => {
                qr_web_url = Some(field);
                pictures.push(picture);
            }
            // The order exists: a code that cannot be drawn does not undo it.
            Err(failure) => warnings.push(failure.sentence(cx.context.texts().language())),
        }
    }
    let texts = cx.context.texts();
    let summary = if view.is_new() {
        texts.link(&view.price, &web_url)
    } else {
        CustomerMessage::of(&view).customer_message(texts.forms())
    };
    let output = Output {
        identifier: created.identifier.to_string(),
        web_url,
        customer_message: summary.clone(),
        next_action: view.next_after_create(!pictures.is_empty()),
        fiat_amount,
        fiat_currency: fiat.to_string(),
        status: read.as_ref().map(|payment| bitnovo_pay::clean_text(payment.status.code())),
        replaces: created.replaces.map(|replaced| replaced.to_string()),
        qr_web_url,
    };
    Ok(created.reply(Reply::new(output, summary).pictures(pictures).warnings(warnings)))
}

/// The link was found again; the API returns its page only once.
fn chosen_already(identifier: Uuid) -> Failure {
    let message = "The link of this idempotency_key exists, and the customer has already chosen a currency on its page; \
                   the address of the page is known only to the process that created it.";
    Failure::new(Code::ApiError, message)
        .outcome(Outcome::Created)
        .detail("identifier", identifier.to_string())
        .next("Do not create another. Follow this one with get_payment_status; generate_payment_qr draws its codes.")
}

fn redirect<const MIN: usize, const MAX: usize>(
    field: &str,
    url: Option<Text<MIN, MAX>>,
) -> Result<Option<RedirectUrl>, Failure> {
    let parsed = url.map(|Text(url)| url.parse()).transpose();
    parsed.map_err(|error: RedirectUrlError| refused(field, &error.to_string()))
}

/// Why a redirect is not allowed, if it is not.
fn elsewhere(field: &str, url: &RedirectUrl, hosts: &RedirectHosts) -> Option<Failure> {
    if hosts.allow(url) {
        return None;
    }
    let why = format!("the merchant allows redirects to {hosts} only (BITNOVO_REDIRECT_HOSTS).");
    let action = "Pass a page on one of details.allowed_hosts, or leave the redirect out.";
    Some(refused(field, &why).detail("allowed_hosts", hosts.names()).next(action))
}

fn refused(field: &str, why: &str) -> Failure {
    Failure::new(Code::InvalidRedirectUrl, format!("{field}: {why}")).detail("field", field)
}
