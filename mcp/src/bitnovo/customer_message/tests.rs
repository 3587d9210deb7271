//! Every sentence in both languages, word for word: customers send money on them.

use bitnovo_pay::{CurrencyFacts, Payment, Reading};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use crate::bitnovo::currency::Known;

const XRP: &str = "rrrrrrrrrrrrrrrrrrrrrhoLvTp";

/// An order of 10 EUR as 4.534059 XRP_TEST that nobody has paid yet, with some fields replaced.
fn payment(changes: Value) -> Payment {
    let sample = include_str!("../../../../tests/samples/orders_info_200_PE.json");
    let mut payment: Value = serde_json::from_str::<Vec<Value>>(sample).unwrap().remove(0);
    for (field, value) in changes.as_object().unwrap() {
        payment[field] = value.clone();
    }
    serde_json::from_str(&payment.to_string()).unwrap()
}

/// The same as it was read in the middle of its time.
fn view(changes: Value) -> PaymentView {
    view_at(changes, "2025-02-03T09:05:00Z".parse().unwrap())
}

fn view_at(changes: Value, now: DateTime<Utc>) -> PaymentView {
    let payment = payment(changes);
    let facts = payment.currency_id.as_deref().map(CurrencyFacts::unlisted).unwrap_or_default();
    PaymentView::of(&payment, Known { facts, network: None }, Reading::at(now), now)
}

/// What is said about a payment: to the customer in both languages, and to the agent.
fn said(changes: Value) -> (String, String, &'static str) {
    said_of(&view(changes))
}

fn said_of(view: &PaymentView) -> (String, String, &'static str) {
    let customer_message = CustomerMessage::of(view);
    (message(&customer_message, Language::En), message(&customer_message, Language::Es), view.next_action())
}

fn message(customer_message: &CustomerMessage, language: Language) -> String {
    customer_message.customer_message(&Forms { language, zone: None })
}

fn transactions(time: &str) -> Value {
    json!([{ "amount": 1, "created_at": time }])
}

#[test]
fn each_verdict_has_its_sentences() {
    let early = transactions("2025-02-03T09:05:00Z");
    let late = transactions("2025-02-03T09:16:00Z");
    let bitcoin = |mut changes: Value| {
        changes["currency_id"] = json!("BTC");
        changes["address"] = json!("bc1qexample");
        changes["tag_memo"] = json!("");
        changes["crypto_amount"] = json!("0.00083334");
        changes
    };
    for (changes, english, spanish) in [
        (
            json!({ "status": "NR", "currency_id": null, "crypto_amount": null, "address": null, "expired_time": null }),
            "Nothing has arrived yet: please choose a currency on the payment page and pay 10.00 EUR there.",
            "Aún no ha llegado nada: elija una moneda en la página de pago y pague allí 10,00 €.",
        ),
        (
            bitcoin(json!({ "status": "PE" })),
            "Nothing has arrived yet: please send exactly 0.00083334 BTC to the address bc1qexample, on the network of BTC \
             and no other, so that it arrives before 2025-02-03T09:15:01Z (10 min left).",
            "Aún no ha llegado nada: envíe exactamente 0.00083334 BTC a la dirección bc1qexample, en la red de BTC y en \
             ninguna otra, de modo que llegue a tiempo (quedan 10 min).",
        ),
        (
            json!({ "status": "PE" }),
            "Nothing has arrived yet: please send exactly 4.534059 XRP_TEST to the address rrrrrrrrrrrrrrrrrrrrrhoLvTp, on \
             the network of XRP_TEST and no other, with the tag or memo 1234567890, without which it is lost, so that it \
             arrives before 2025-02-03T09:15:01Z (10 min left).",
            "Aún no ha llegado nada: envíe exactamente 4.534059 XRP_TEST a la dirección rrrrrrrrrrrrrrrrrrrrrhoLvTp, en la \
             red de XRP_TEST y en ninguna otra, con la etiqueta o memo 1234567890, sin la cual se pierde, de modo que \
             llegue a tiempo (quedan 10 min).",
        ),
        (
            json!({ "status": "PE", "crypto_amount": null, "expired_time": null, "tag_memo": "7" }),
            "Nothing has arrived yet: please send the amount due to the address rrrrrrrrrrrrrrrrrrrrrhoLvTp, on the network \
             of XRP_TEST and no other, with the tag or memo 7, without which it is lost.",
            "Aún no ha llegado nada: envíe el importe debido a la dirección rrrrrrrrrrrrrrrrrrrrrhoLvTp, en la red de \
             XRP_TEST y en ninguna otra, con la etiqueta o memo 7, sin la cual se pierde.",
        ),
        (
            json!({ "status": "PE", "tag_memo": "" }),
            "Please do not send anything: this payment lacks the tag or memo that XRP_TEST needs, and without it the funds \
             would be lost; you will get a new payment.",
            "No envíe nada: a este pago le falta la etiqueta o memo que XRP_TEST necesita, y sin ella los fondos se \
             perderían; recibirá un pago nuevo.",
        ),
        (
            json!({ "status": "IA", "confirmed_amount": 2, "unconfirmed_amount": 0.000001 }),
            "2.534058 XRP_TEST is still missing: please send exactly that to the address rrrrrrrrrrrrrrrrrrrrrhoLvTp, on \
             the network of XRP_TEST and no other, with the tag or memo 1234567890, without which it is lost, so that it \
             arrives before 2025-02-03T09:15:01Z (10 min left).",
            "Importe que falta: 2.534058 XRP_TEST; envíe exactamente esa cantidad a la dirección rrrrrrrrrrrrrrrrrrrrrhoLvTp, en la red \
             de XRP_TEST y en ninguna otra, con la etiqueta o memo 1234567890, sin la cual se pierde, de modo que llegue \
             a tiempo (quedan 10 min).",
        ),
        (
            bitcoin(json!({ "status": "IA", "expired_time": null, "confirmed_amount": 0.0005 })),
            "0.00033334 BTC is still missing: please send exactly that to the address bc1qexample, on the network of BTC \
             and no other.",
            "Importe que falta: 0.00033334 BTC; envíe exactamente esa cantidad a la dirección bc1qexample, en la red de BTC y en \
             ninguna otra.",
        ),
        (
            json!({ "status": "IA", "crypto_amount": null }),
            "The merchant has to look at this payment; please send nothing more until you hear from them.",
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.",
        ),
        (
            json!({ "status": "IA", "tag_memo": null }),
            "The merchant has to look at this payment; please send nothing more until you hear from them.",
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.",
        ),
        (
            json!({ "status": "PE", "unconfirmed_amount": 4 }),
            "Something has arrived and is being checked; please send nothing more until you hear how it stands.",
            "Ha llegado algo y se está comprobando; no envíe nada más hasta saber cómo queda.",
        ),
        (
            json!({ "status": "EX", "transactions": transactions("2025-02-03T09:05:00Z") }),
            "The merchant has to look at this payment; please send nothing more until you hear from them.",
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.",
        ),
        (
            json!({ "status": "FA", "confirmed_amount": 1 }),
            "The merchant has to look at this payment; please send nothing more until you hear from them.",
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.",
        ),
        (
            json!({ "status": "AC" }),
            "Your payment of 10.00 EUR has been seen on the network and is being confirmed; please send nothing more.",
            "Su pago de 10,00 € se ha visto en la red y se está confirmando; no envíe nada más.",
        ),
        (
            json!({ "status": "CO", "confirmed_amount": 4.534059 }),
            "Your payment of 10.00 EUR has been received, thank you.",
            "Su pago de 10,00 € se ha recibido, gracias.",
        ),
        (
            json!({ "status": "CO", "confirmed_amount": 4.53406, "fiat": "JPY", "fiat_amount": 1600 }),
            "Your payment of 1600 JPY has been received, with 0.000001 XRP_TEST too much; a refund of the difference is made \
             by the merchant.",
            "Su pago de 1600 JPY se ha recibido, con 0.000001 XRP_TEST de más; la devolución de la diferencia la hace el \
             comercio.",
        ),
        (
            json!({ "status": "OC", "confirmed_amount": 2, "transactions": early }),
            "Your payment arrived 2.534059 XRP_TEST short and its time is over; please send nothing more: the merchant \
             decides whether to accept or refund it.",
            "Su pago llegó con 2.534059 XRP_TEST de menos y su plazo ha terminado; no envíe nada más: el comercio decide si \
             lo acepta o lo devuelve.",
        ),
        (
            json!({ "status": "OC", "crypto_amount": null, "confirmed_amount": null, "unconfirmed_amount": null, "received_amount": 9.99 }),
            "Your payment arrived not in full and its time is over; please send nothing more: the merchant decides whether \
             to accept or refund it.",
            "Su pago llegó incompleto y su plazo ha terminado; no envíe nada más: el comercio decide si lo acepta o lo \
             devuelve.",
        ),
        (
            json!({ "status": "OC", "confirmed_amount": 4.534059, "transactions": late }),
            "Your payment of 10.00 EUR arrived in full, but after its time was over; please send nothing more: the merchant \
             decides whether to accept or refund it.",
            "Su pago de 10,00 € llegó completo, pero fuera de plazo; no envíe nada más: el comercio decide si lo acepta o \
             lo devuelve.",
        ),
        (
            json!({ "status": "OC", "confirmed_amount": 2, "transactions": late }),
            "Your payment arrived after its time was over and 2.534059 XRP_TEST short; please send nothing more: the \
             merchant decides whether to accept or refund it.",
            "Su pago llegó con 2.534059 XRP_TEST de menos y fuera de plazo; no envíe nada más: el comercio decide si lo \
             acepta o lo devuelve.",
        ),
        (
            json!({ "status": "ZZ" }),
            "The merchant has to look at this payment; please send nothing more until you hear from them.",
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.",
        ),
        (
            json!({ "status": "EX" }),
            "This payment is closed and was not paid: please send nothing to it; if you have sent something already, tell \
             the merchant, otherwise ask for a new one.",
            "Este pago está cerrado y no se pagó: no le envíe nada; si ya ha enviado algo, avise al comercio y, si no, pida \
             uno nuevo.",
        ),
        (
            json!({ "status": "FA" }),
            "The network did not confirm your transaction, so this payment is closed and not paid; please send nothing more \
             and ask the merchant how to go on.",
            "La red no confirmó su transacción, así que este pago está cerrado y sin pagar; no envíe nada más y pregunte al \
             comercio cómo seguir.",
        ),
        (
            json!({ "status": "RF" }),
            "This payment has been refunded; please send nothing more to it.",
            "Este pago se ha devuelto; no le envíe nada más.",
        ),
    ] {
        let (in_english, in_spanish, _) = said(changes);
        assert_eq!((in_english.as_str(), in_spanish.as_str()), (english, spanish));
    }
}

#[test]
fn goods_go_only_where_the_verdict_says_so() {
    for status in ["NR", "PE", "AC", "IA", "CO", "CM", "OC", "EX", "CA", "RF", "FA", "DE", "ZZ"] {
        for safe in [false, true] {
            let changes = json!({ "status": status, "safe": safe });
            let (.., next) = said(changes.clone());
            let ships = view(changes).facts.verdict.may_ship();
            assert_eq!(next.starts_with("Hand over the goods"), ships, "{status} {safe}: {next}");
        }
    }
}

#[test]
fn a_payment_that_lacks_its_tag_is_not_to_be_paid() {
    let (.., next) = said(json!({ "status": "PE", "tag_memo": null }));
    assert!(next.starts_with("Do not let the customer pay"), "{next}");
    // Once the funds have arrived the tag is no concern any more.
    let (message, ..) = said(json!({ "status": "CO", "tag_memo": null }));
    assert!(message.contains("received"), "{message}");
}

#[test]
fn texts_of_the_api_are_cleaned_before_they_become_a_sentence() {
    let (english, spanish, _) = said(json!({ "status": "PE", "currency_id": "XRP\u{202e}_TEST\u{200b}" }));
    for sentence in [english, spanish] {
        assert!(sentence.contains(" XRP_TEST") && sentence.contains(XRP), "{sentence}");
    }
}

#[test]
fn an_address_or_a_tag_that_reads_differently_from_what_it_is_is_not_told() {
    for changes in [
        json!({ "status": "PE", "address": format!("{XRP}\u{200b}") }),
        json!({ "status": "PE", "tag_memo": "1\u{7}2" }),
        json!({ "status": "IA", "tag_memo": "12\n" }),
    ] {
        let (english, _, next) = said(changes);
        assert!(
            !english.contains("send exactly") && next.starts_with("Do not hand over"),
            "{english} {next}"
        );
    }
}

#[test]
fn after_its_time_nobody_is_asked_to_send_whatever_the_status_says() {
    let over = "2025-02-03T09:15:02Z".parse().unwrap();
    let (english, spanish, next) = said_of(&view_at(json!({ "status": "PE" }), over));
    assert_eq!(
        english,
        "The time for this payment is over: please send nothing to it; if you have sent something already, tell the merchant."
    );
    assert_eq!(
        spanish,
        "El plazo de este pago ha terminado: no le envíe nada; si ya ha enviado algo, avise al comercio."
    );
    assert!(next.contains("get_payment_status again") && next.contains("create no other payment"), "{next}");
    let (english, spanish, again) = said_of(&view_at(json!({ "status": "IA", "confirmed_amount": 2 }), over));
    assert_eq!(
        english,
        "The time for this payment is over before it was complete: please send nothing more; the merchant decides what \
         becomes of what has arrived."
    );
    assert_eq!(
        spanish,
        "El plazo de este pago ha terminado antes de completarse: no envíe nada más; el comercio decide qué hacer con lo \
         recibido."
    );
    assert_eq!(again, next);
}

#[test]
fn what_could_not_be_read_again_is_neither_asked_for_nor_called_open() {
    let now = "2025-02-03T09:05:00Z".parse().unwrap();
    for (changes, english, spanish) in [
        (
            json!({ "status": "PE" }),
            "The state of this payment could not be read just now: please send nothing until the merchant tells you how it \
             stands.",
            "Ahora no se ha podido consultar el estado de este pago: no envíe nada hasta que el comercio le diga cómo está.",
        ),
        (
            json!({ "status": "AC" }),
            "Your payment of 10.00 EUR has been seen on the network and is being confirmed; please send nothing more.",
            "Su pago de 10,00 € se ha visto en la red y se está confirmando; no envíe nada más.",
        ),
    ] {
        let payment = payment(changes);
        let reading = Reading { outdated_since: Some(now), ..Reading::at(now) };
        let view = PaymentView::of(&payment, Known::default(), reading, now);
        let (in_english, in_spanish, next) = said_of(&view);
        assert_eq!((in_english.as_str(), in_spanish.as_str()), (english, spanish));
        assert!(next.starts_with("Call get_payment_status first"), "{next}");
    }
}

#[test]
fn the_network_is_named_as_people_call_it_beside_its_symbol() {
    let now = "2025-02-03T09:05:00Z".parse().unwrap();
    let address = "0x000000000000000000000000000000000000dEaD";
    let payment = payment(
        json!({ "status": "PE", "currency_id": "USDC_POLYGON_NXTB", "tag_memo": null, "address": address }),
    );
    let coin = Known { facts: CurrencyFacts::default(), network: Some("Polygon".to_owned()) };
    let (english, spanish, _) = said_of(&PaymentView::of(&payment, coin, Reading::at(now), now));
    assert!(english.contains("on the network of USDC_POLYGON_NXTB (Polygon) and no other"), "{english}");
    assert!(spanish.contains("en la red de USDC_POLYGON_NXTB (Polygon) y en ninguna otra"), "{spanish}");
}
