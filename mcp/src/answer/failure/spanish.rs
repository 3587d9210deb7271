//! The Spanish sentences of errors, for merchants: one for each code, with values from the details. The model gets the
//! exact English words beside them, and corrects arguments and settings by those.

use serde_json::{Map, Value};

use crate::answer::code::Code;
use crate::answer::failure::{Failure, Outcome};

/// What happened, and whether a payment exists.
pub(super) fn sentence(failure: &Failure) -> String {
    let own = failure.provider.and_then(|provider| (provider.spanish)(failure.code));
    let happened = own.map_or_else(|| of_code(failure.code, &failure.details), str::to_owned);
    match failure.outcome {
        None => happened,
        Some(Outcome::NotCreated) => format!("{happened} No se ha creado ningún pago."),
        Some(Outcome::Created) => match text(&failure.details, "identifier") {
            Some(identifier) => format!("{happened} El pago {identifier} ya existe: no cree otro."),
            None => format!("{happened} El pago ya existe: no cree otro."),
        },
        Some(Outcome::Unknown) => format!(
            "{happened} No se sabe si el pago se ha creado: compruébelo antes de repetirlo o de crear otro."
        ),
    }
}

fn of_code(code: Code, details: &Map<String, Value>) -> String {
    let detail = |name| text(details, name);
    match code {
        Code::InvalidDeviceId => {
            format!("El identificador{} no es válido o la API no lo conoce.", in_brackets(details))
        }
        Code::InvalidDeviceSecret => format!("El secreto{} no es válido.", in_brackets(details)),
        Code::CurrencyNotSupported => match (detail("input_currency"), detail("did_you_mean")) {
            (Some(currency), Some(near)) => {
                format!("La moneda «{currency}» no está disponible; quizá quiso decir «{near}».")
            }
            (Some(currency), None) => format!("La moneda «{currency}» no está disponible para este pago."),
            (None, _) => "La moneda no está disponible para este pago.".to_owned(),
        },
        Code::AmountTooLow => limit(details, "El importe es inferior al mínimo", "min_amount"),
        Code::AmountTooHigh => limit(details, "El importe supera el máximo", "max_amount"),
        Code::PaymentNotFound => match detail("identifier") {
            Some(identifier) => format!("No hay ningún pago con el identificador {identifier}."),
            None => "No hay ningún pago con ese identificador.".to_owned(),
        },
        Code::PaymentExpired => "El plazo de este pago ha terminado: no debe enviarse nada.".to_owned(),
        Code::WebhookNotEnabled => "Los webhooks no están activados (WEBHOOK_ENABLED).".to_owned(),
        Code::TunnelConnectionFailed => match detail("provider") {
            Some(provider) => format!("El túnel de {provider} no está conectado: los webhooks no llegan."),
            None => "El túnel no está conectado: los webhooks no llegan.".to_owned(),
        },
        Code::InvalidArgument => match detail("field") {
            Some(field) => format!("El argumento «{field}» no es válido o falta."),
            None => "Los argumentos no son válidos.".to_owned(),
        },
        Code::InvalidAmount => {
            "El importe no es válido: debe ser positivo y sin más decimales que los de su moneda.".to_owned()
        }
        Code::InvalidRedirectUrl => match detail("field") {
            Some(field) => format!("La dirección de «{field}» no es una URL https de un dominio público o permitido."),
            None => "La dirección no es una URL https de un dominio público o permitido.".to_owned(),
        },
        Code::TagRequired => {
            "Esta moneda necesita una etiqueta o memo y el pago no la tiene: no debe pagarse, porque los fondos se \
             perderían."
                .to_owned()
        }
        Code::PaymentNotPayable => {
            "Este pago no debe pagarse ahora: no se muestra ningún código ni dirección.".to_owned()
        }
        Code::QrNotAvailable => "Este código QR no está disponible.".to_owned(),
        Code::RateLimited => match details.get("retry_after_seconds") {
            Some(seconds) => format!("Demasiadas peticiones: la API pide esperar {seconds} s."),
            None => "Demasiadas peticiones: espere un momento.".to_owned(),
        },
        Code::ApiTimeout => "La API no respondió a tiempo.".to_owned(),
        Code::ApiUnavailable => "No se puede acceder a la API, o ha fallado.".to_owned(),
        Code::ApiError => "La API rechazó la petición o dio una respuesta inesperada.".to_owned(),
        Code::LimitExceeded => match detail("variable") {
            Some(variable) if variable.ends_with("_CONFIRM_OVER") => format!(
                "Este pago supera el importe a partir del cual hace falta la aprobación de una persona, y no la tiene \
                 ({variable})."
            ),
            Some(variable) => {
                let amount = |name| Some(price(detail(name)?, detail("fiat")?));
                match (amount("requested"), amount("limit"), amount("used")) {
                    (Some(asked), Some(limit), Some(used)) => format!(
                        "Con {asked} se superaría el límite del comercio de {limit}, del que ya se han usado {used} \
                         ({variable})."
                    ),
                    (Some(asked), Some(limit), None) => {
                        format!("El importe de {asked} supera el límite del comercio de {limit} ({variable}).")
                    }
                    _ => format!("Lo impide un límite que ha fijado el comercio ({variable})."),
                }
            }
            None => "Lo impide un límite que ha fijado el comercio.".to_owned(),
        },
        Code::IdempotencyConflict => {
            "La clave de idempotencia (idempotency_key) ya se usó para otra venta.".to_owned()
        }
        Code::NotConfigured => match problems(details) {
            Some(variables) => format!("Falta configurar el servidor: revise {variables}."),
            None => "Falta configurar el servidor para esta función.".to_owned(),
        },
    }
}

fn limit(details: &Map<String, Value>, sentence: &str, name: &str) -> String {
    match (text(details, name), text(details, "fiat")) {
        (Some(limit), Some(fiat)) => format!("{sentence} de {}.", price(limit, fiat)),
        _ => format!("{sentence}."),
    }
}

/// As the texts for customers write it; the details hold texts.
fn price(amount: &str, fiat: &str) -> String {
    let symbol = if fiat == "EUR" { "€" } else { fiat };
    format!("{} {symbol}", amount.replace('.', ","))
}

/// The variables that are wrong, by their names alone.
fn problems(details: &Map<String, Value>) -> Option<String> {
    let problems = details.get("problems")?.as_array()?;
    let names = problems.iter().filter_map(|problem| match problem {
        Value::String(problem) => problem.split(':').next(),
        other => other.get("variable").and_then(Value::as_str),
    });
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The variables that are wrong, where they are known.
fn in_brackets(details: &Map<String, Value>) -> String {
    problems(details).map(|variables| format!(" ({variables})")).unwrap_or_default()
}

fn text<'d>(details: &'d Map<String, Value>, name: &str) -> Option<&'d str> {
    details.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use payments_core::Language;

    use super::*;

    #[test]
    fn every_code_has_a_spanish_sentence_without_english_words() {
        let english = ["the", "is", "of", "and", "not", "was", "to", "for", "with", "a payment", "please"];
        for code in Code::ALL {
            for outcome in [None, Some(Outcome::NotCreated), Some(Outcome::Created), Some(Outcome::Unknown)] {
                let mut failure = Failure::new(*code, "The exact words.");
                failure.outcome = outcome;
                let failure = failure.in_language(Language::Es);
                let words: Vec<&str> = failure.message.split(|c: char| !c.is_alphanumeric()).collect();
                assert!(!words.iter().any(|word| english.contains(word)), "{}", failure.message);
                assert!(failure.message.ends_with('.'), "{}", failure.message);
                assert_eq!(failure.details["explanation"], "The exact words.");
            }
        }
    }

    #[test]
    fn a_sentence_says_what_the_details_know_and_whether_a_payment_exists() {
        let low = Failure::new(Code::AmountTooLow, "…").detail("min_amount", "10.00").detail("fiat", "EUR");
        let low = low.outcome(Outcome::NotCreated).in_language(Language::Es);
        assert_eq!(low.message, "El importe es inferior al mínimo de 10,00 €. No se ha creado ningún pago.");
        let much = Failure::new(Code::LimitExceeded, "…").detail("variable", "BITNOVO_MAX_AMOUNT");
        let much = much.detail("requested", "1000.00").detail("limit", "900.00").detail("fiat", "EUR");
        assert_eq!(
            much.in_language(Language::Es).message,
            "El importe de 1000,00 € supera el límite del comercio de 900,00 € (BITNOVO_MAX_AMOUNT)."
        );
        let lost = Failure::new(Code::ApiTimeout, "…").outcome(Outcome::Unknown).in_language(Language::Es);
        assert!(lost.message.contains("No se sabe si el pago se ha creado"), "{}", lost.message);
        let problems = vec!["BITNOVO_DEVICE_ID: is missing.".to_owned(), "LOG_LEVEL: is \"x\".".to_owned()];
        let settings = Failure::new(Code::NotConfigured, "…").detail("problems", problems);
        let settings = settings.in_language(Language::Es).message;
        assert_eq!(settings, "Falta configurar el servidor: revise BITNOVO_DEVICE_ID, LOG_LEVEL.");
    }

    #[test]
    fn english_stays_as_it_is() {
        let failure = Failure::new(Code::ApiError, "The exact words.").in_language(Language::En);
        assert_eq!(failure.message, "The exact words.");
        assert!(failure.details.is_empty());
    }
}
