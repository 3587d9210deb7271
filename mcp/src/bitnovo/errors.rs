//! What Bitnovo's errors mean to the caller of a tool.

use bitnovo_pay::{Error, IdempotencyKey, PaymentStatus};
use payments_webhook::scheme::bitnovo::PROVIDER;
use uuid::Uuid;

use crate::answer::failure::{Code, Failure, Outcome, ProviderErrors, sentence};

/// Bitnovo's own words for errors.
pub(crate) static ERRORS: ProviderErrors = ProviderErrors { provider: PROVIDER, next_action, spanish };

fn next_action(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::InvalidDeviceId => {
            "Copy BITNOVO_DEVICE_ID from the dashboard: a UUID without spaces, of the environment that BITNOVO_BASE_URL names."
        }
        Code::InvalidDeviceSecret => {
            "Copy BITNOVO_DEVICE_SECRET from the dashboard: 64 hex digits without spaces, of this device and environment."
        }
        Code::CurrencyNotSupported => {
            "Call list_currencies_catalog and pass an exact symbol; a currency that is missing there is not active in the merchant's account."
        }
        Code::PaymentNotFound => {
            "Check the identifier, and that the payment was created with this device and in this environment."
        }
        Code::PaymentNotPayable => {
            "Do not ask the customer to send anything: follow this payment with get_payment_status, whose next_action says how to go on."
        }
        Code::WebhookNotEnabled => {
            "Set WEBHOOK_ENABLED=true and BITNOVO_DEVICE_SECRET, and restart the server."
        }
        Code::TagRequired => {
            "Do not let the customer pay: funds sent without the tag are lost. Create a new payment, or a payment link."
        }
        Code::IdempotencyConflict => {
            "To repeat the sale, pass the arguments of its first call with the same idempotency_key; get_payment_status shows the payment named in the message. Take a new idempotency_key only when the customer buys something else: it creates a second payment."
        }
        _ => return None,
    })
}

fn spanish(code: Code) -> Option<&'static str> {
    match code {
        Code::InvalidDeviceId => {
            Some("El identificador del dispositivo (BITNOVO_DEVICE_ID) no es válido o la API no lo conoce.")
        }
        Code::InvalidDeviceSecret => Some(
            "El secreto del dispositivo (BITNOVO_DEVICE_SECRET) no es válido: son 64 cifras hexadecimales.",
        ),
        _ => None,
    }
}

/// What to do when the payment of a key is over.
const KEY_SPENT: &str = "Do not let the customer pay this order. Look with get_payment_status whether something has come: then tell the merchant, and create nothing. If nothing has and they still want to pay, create a new payment with a new idempotency_key.";

/// Makes it the failure of an order that is over. Where the customer has begun to pay it, nothing may advise a new one;
/// otherwise one under a key of its own may follow.
pub(crate) fn over(mut failure: Failure, begun: bool, keyed: bool) -> Failure {
    failure.code = if begun { Code::PaymentNotPayable } else { Code::PaymentExpired };
    match next_action(failure.code).or(keyed.then_some(KEY_SPENT)) {
        Some(action) => failure.next(action),
        None => failure,
    }
}

/// What the API's refusal means to the caller of a tool that reads.
pub(crate) fn from_api(error: &Error) -> Failure {
    let failure = match error {
        Error::DeviceRefused => Failure::new(
            Code::InvalidDeviceId,
            "The API refused the device id (401 or 403). It is not a device of this environment.",
        ),
        Error::NotFound => Failure::new(Code::PaymentNotFound, "No payment has this identifier."),
        Error::RateLimited { .. } => Failure::new(Code::RateLimited, sentence(error)),
        Error::Timeout => Failure::new(Code::ApiTimeout, sentence(error)),
        Error::Unreachable { failure: Some(failure), .. } if failure.is_lasting() => {
            Failure::new(Code::ApiUnavailable, sentence(error)).lasting().next(
                "Calling again does not help: tell whoever runs the server what the message says. They correct it and \
                 restart the server.",
            )
        }
        Error::Unreachable { .. } | Error::ServerError { .. } | Error::InDoubt => {
            Failure::new(Code::ApiUnavailable, sentence(error))
        }
        Error::IdempotencyConflict { created, existing, differing } => {
            conflict(*created, *existing, &named(differing))
        }
        Error::NotCompared { identifier, source } => {
            let mut failure = from_api(source).looks_first().detail("identifier", identifier.to_string());
            failure.message = sentence(error);
            failure.next(
                "The payment exists. Show it to nobody yet, because another server may have created one under the same \
                 idempotency_key: call again with the same arguments and idempotency_key in a few seconds, which reads \
                 the list again and returns the one payment to show. Do not create another.",
            )
        }
        Error::NewerMarker { identifier, .. } => Failure::new(Code::ApiError, sentence(error))
            .detail("identifier", identifier.to_string())
            .next(
                "Follow the payment details.identifier with get_payment_status. Do not create another. Ask the merchant \
                 to update this server.",
            ),
        Error::KeySpent { identifier, status } => {
            let begun = matches!(status, PaymentStatus::Rf | PaymentStatus::Fa);
            let failure = Failure::new(Code::PaymentExpired, sentence(error));
            over(failure.detail("identifier", identifier.to_string()), begun, true)
        }
        Error::LinkLost { identifier } => Failure::new(Code::ApiError, sentence(error))
            .detail("identifier", identifier.to_string())
            .next(
                "Another call or server may have given the link to the customer: ask the merchant or the customer \
                 before you do anything else. If the customer has it, follow it with get_payment_status. Only if they \
                 never got it, create a payment with a new idempotency_key; this link then is simply not used.",
            ),
        Error::NotLookedUp { source } => {
            let mut failure = from_api(source);
            failure.message = sentence(error);
            let action = next_action(failure.code).unwrap_or(failure.code.next_action());
            failure.next(format!(
                "{action} An earlier call may have created the payment: do not create it again, except by calling with \
                 the same arguments and idempotency_key, which looks for it first."
            ))
        }
        Error::Unreadable { name, unreadable } => {
            let failure = Failure::new(Code::ApiError, sentence(error)).detail("field", unreadable.field.as_ref());
            let failure = match name {
                Some(name) => failure.detail("identifier", name.as_str()),
                None => failure,
            };
            failure.next(
                "Tell the merchant the field and the identifier: the dashboard shows the payment. Create no other for \
                 the same sale, and do not hand over the goods before somebody has looked.",
            )
        }
        Error::UnreadableOrder { identifier, unreadable } => Failure::new(Code::ApiError, sentence(error))
            .detail("field", unreadable.field.as_ref())
            .detail("identifier", identifier.to_string())
            .next(
                "The order exists and cannot be shown to a customer. Call again with the same arguments and \
                 idempotency_key, which looks for it in the API's list, or look it up in the dashboard.",
            ),
        _ => Failure::new(Code::ApiError, sentence(error)),
    };
    let failure = failure.of(&ERRORS);
    match error {
        Error::RateLimited { retry_after: Some(wait), .. } => {
            failure.detail("retry_after_seconds", wait.as_secs())
        }
        _ => failure,
    }
}

/// The same for a create, where it matters most whether an order exists.
pub(crate) fn from_create(error: &Error, key: &IdempotencyKey) -> Failure {
    let failure = match error {
        // A 404 on create is a business refusal; there is no payment that could have been not found.
        Error::NotFound => Failure::new(Code::ApiError, sentence(error)).of(&ERRORS),
        _ => from_api(error),
    };
    match error.outcome() {
        bitnovo_pay::Outcome::NotCreated => failure.outcome(Outcome::NotCreated),
        bitnovo_pay::Outcome::Created => failure.outcome(Outcome::Created),
        bitnovo_pay::Outcome::Unknown => {
            let failure = failure.outcome(Outcome::Unknown).detail("idempotency_key", key.as_str());
            match error {
                // Says itself what to do.
                Error::NotLookedUp { .. } => failure,
                _ => failure.next(
                    "The order may exist: do not create it again, except by calling again with the same arguments and \
                     idempotency_key = details.idempotency_key, which looks for it first.",
                ),
            }
        }
    }
}

/// The key belongs to another sale. An agent that only learns that takes a new key, and the customer pays twice.
fn conflict(created: Option<Uuid>, existing: Option<Uuid>, differing: &[&str]) -> Failure {
    let belongs = existing.map_or_else(
        || "The idempotency_key was used before".to_owned(),
        |existing| format!("The idempotency_key was used before, for payment {existing}"),
    );
    let differs = match differing {
        [] => "with other arguments".to_owned(),
        differing => format!("and the arguments differ: {}", differing.join(", ")),
    };
    let mut failure = Failure::new(Code::IdempotencyConflict, format!("{belongs}, {differs}."));
    if !differing.is_empty() {
        failure = failure.detail("differing_arguments", differing);
    }
    let Some(orphan) = created else {
        return match existing {
            Some(existing) => failure.detail("identifier", existing.to_string()),
            None => failure,
        };
    };
    if let Some(existing) = existing {
        failure = failure.detail("existing_identifier", existing.to_string());
    }
    failure.detail("identifier", orphan.to_string()).next(
        "Another server has used the key for another sale at the same moment. Do not let the customer pay \
         details.identifier, which nobody has been shown; create the payment for this sale with a new \
         idempotency_key.",
    )
}

/// The arguments as the tools name them.
fn named(differing: &[&'static str]) -> Vec<&'static str> {
    let name = |argument: &&'static str| match *argument {
        "amount" => "amount_eur",
        "currency" => "input_currency",
        argument => argument,
    };
    differing.iter().map(name).collect()
}
