use payments_webhook::{
    Rejection, Scheme, Unverified,
    scheme::bitnovo::{self, Bitnovo, Notification, Secret},
};
use proptest::{collection::vec, prelude::*};

use payments_test_support::receiving::{SECRET, at, secret};

fn scheme() -> Bitnovo {
    Bitnovo::new(vec![secret()]).unwrap()
}

proptest! {
    #[test]
    fn whatever_was_signed_is_verified(key: [u8; 32], nonce in "[0-9]{10}", body: Vec<u8>, upper: bool) {
        let key = || hex::encode(key).parse::<Secret>().unwrap();
        let signature = bitnovo::sign(&key(), &nonce, &body).to_string();
        let signature = if upper { signature.to_uppercase() } else { signature };
        let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
        let scheme = Bitnovo::new(vec![secret(), key()]).unwrap();
        let verified = scheme.verify(Unverified { headers: &headers, body: &body }).unwrap();
        prop_assert_eq!(verified.body(), &body);
        prop_assert_eq!(bitnovo::nonce(verified.signed_at().unwrap()), nonce);
    }

    #[test]
    fn one_changed_bit_anywhere_is_noticed(nonce in "[0-9]{10}", body in vec(any::<u8>(), 1..200), place: prop::sample::Index) {
        let tag = *bitnovo::sign(&secret(), &nonce, &body).as_bytes();
        let mut all = [nonce.as_bytes(), &body, &tag].concat();
        let bit = place.index(all.len() * 8);
        all[bit / 8] ^= 1 << (bit % 8);
        let (nonce, rest) = all.split_at(10);
        let (body, tag) = rest.split_at(body.len());
        let signature = hex::encode(tag);
        let headers = [("X-NONCE", nonce), ("X-SIGNATURE", signature.as_bytes())];
        let refused = scheme().verify(Unverified { headers: &headers, body }).unwrap_err();
        let expected = matches!(refused, Rejection::BadSignature | Rejection::MalformedNonce { .. });
        prop_assert!(expected, "{refused}");
    }

    #[test]
    fn headers_of_any_bytes_are_refused_and_nothing_worse(
        headers in vec(("(?i)(x-nonce|x-signature|x-other)", vec(any::<u8>(), 0..80)), 0..6),
        body: Vec<u8>,
    ) {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let outcome = scheme().verify(Unverified { headers: &headers, body: &body });
        prop_assert!(outcome.is_err());
    }

    #[test]
    fn a_secret_is_sixty_four_hex_digits_and_nothing_else(text in "[0-9a-fA-F]{60,68}|[0-9a-f]{63}.|\\PC{0,80}") {
        let good = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let parsed = text.parse::<Secret>();
        prop_assert_eq!(parsed.is_ok(), good);
        if let Err(error) = parsed && text.chars().count() > 20 {
            prop_assert!(!error.to_string().contains(&text));
        }
    }

    #[test]
    fn any_body_can_be_described_and_shown(body: Vec<u8>, text: String) {
        for body in [body, text.into_bytes()] {
            let event = described(&body);
            prop_assert_eq!(event.body, body);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&event.payload).is_ok());
        }
    }

    #[test]
    fn numbers_and_texts_come_back_as_they_were_sent(
        number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?",
        text in "\\PC{1,60}",
        space in "[ \\t\\r\\n]{0,3}",
    ) {
        let quoted = serde_json::to_string(&text).unwrap();
        let payment = format!(
            r#"{{"identifier":{quoted},{space}"fiat_amount"{space}:{space}{number}{space},"crypto_amount":"{number}"}}"#
        );
        let event = bitnovo::reconciled(payment.as_bytes(), at(0)).unwrap();
        let notification = Notification::of(&event).unwrap();
        prop_assert_eq!(notification.identifier.as_ref(), Some(&text));
        prop_assert_eq!(notification.fiat_amount.as_ref(), Some(&number));
        prop_assert_eq!(notification.crypto_amount.as_ref(), Some(&number));
        let payload = event.payload();
        prop_assert_eq!(payload.get(), payment);
    }
}

struct Shown {
    body: Vec<u8>,
    payload: String,
}

fn described(body: &[u8]) -> Shown {
    use std::{num::NonZeroUsize, sync::Arc, time::Duration};

    use futures::FutureExt as _;
    use payments_webhook::{MemoryEventStore, ReceiveOutcome, Receiver};

    let store = MemoryEventStore::new(NonZeroUsize::MIN, Duration::from_secs(60));
    let receiver = Receiver::new(scheme(), Arc::new(store), at(1_699_999_999));
    let nonce = "1700000000";
    let signature = bitnovo::sign(&SECRET.parse().unwrap(), nonce, body).to_string();
    let headers = [("X-NONCE", nonce.as_bytes()), ("X-SIGNATURE", signature.as_bytes())];
    let outcome = receiver.receive(Unverified { headers: &headers, body }, at(1_700_000_000));
    let Some(Ok(ReceiveOutcome::New(event))) = outcome.now_or_never() else { panic!("not stored") };
    Shown { body: event.body().to_vec(), payload: event.payload().get().to_owned() }
}
