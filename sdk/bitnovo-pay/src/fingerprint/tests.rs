use super::*;
use crate::{Customer, Fiat};

fn link(amount: &str) -> NewOrder {
    NewOrder::link(amount.parse().unwrap(), Fiat::Eur)
}

/// An order in which everything is set, with what needs escaping and what is more than one byte long.
fn everything() -> NewOrder {
    let some = |text: &str| Some(text.to_owned());
    let customer = Customer {
        full_name: some("Ada \"L\""),
        email: some("a@b.example"),
        phone_number: some("+34 1"),
        tax_number: some("X1"),
        street: some("C/ Ñ \\ 1"),
        house_number: some("1"),
        address_additional: some("2º"),
        city: some("Bilbao"),
        province: some("BI"),
        postal_code: some("48001"),
        country: some("ES"),
    };
    NewOrder::onchain("1234.50".parse().unwrap(), Fiat::Eur, "USDC_ERC20")
        .notes("café \u{202e}\t\n\u{7f}\u{0}\u{1F600} \"q\" \\ /")
        .reference("ORD-1001")
        .language("EN")
        .internal_data("{\"cart\":7}")
        .url_ok("https://shop.example/ok?a=1&b=%C3%B1".parse().unwrap())
        .url_ko("https://xn--mnchen-3ya.example/ko".parse().unwrap())
        .url_standby("https://shop.example/".parse().unwrap())
        .customer(customer)
}

/// These stand in the API's list and in the stores of running shops: one that changes makes their orders another sale.
#[test]
fn the_encodings_and_their_digests_are_pinned() {
    let (short, long) = (link("22.00").request().unwrap(), everything().request().unwrap());
    assert_eq!(version1::text(&short).unwrap(), r#"{"expected_output_amount":22,"fiat":"EUR"}"#);
    let digests = [&short, &long].map(|request| hex::encode(version1::digest(request).unwrap()));
    assert_eq!(
        digests,
        [
            "611242e0e6cd2bae17fb5c26eb62fd62034e0e506328bc7106a954abcc869b43",
            "7d6fb2b976552cea357a35f8d294e5fd057b4dfa88b27a6fbdc374711a03d1d1",
        ]
    );

    assert_eq!(canonical::text(&short), "amount:2:22\nfiat:3:EUR\n");
    let expected = "amount:6:1234.5\nfiat:3:EUR\ncurrency:10:USDC_ERC20\n\
        notes:25:café \u{202e}\t\n\u{7f}\u{0}\u{1F600} \"q\" \\ /\nreference:8:ORD-1001\nlanguage:2:EN\n\
        internal_data:10:{\"cart\":7}\nurl_ok:36:https://shop.example/ok?a=1&b=%C3%B1\n\
        url_ko:33:https://xn--mnchen-3ya.example/ko\nurl_standby:21:https://shop.example/\n\
        full_name:7:Ada \"L\"\nemail:11:a@b.example\nphone_number:5:+34 1\ntax_number:2:X1\nstreet:9:C/ Ñ \\ 1\n\
        house_number:1:1\naddress_additional:3:2º\ncity:6:Bilbao\nprovince:2:BI\npostal_code:5:48001\ncountry:2:ES\n";
    assert_eq!(canonical::text(&long), expected);
    assert_eq!(
        [short, long].map(|request| canonical::fingerprint(&request).to_string()),
        [
            "2:6e116497bd4544af5c3f92eedca67dbf57b20b03b7e0dc595a89defaa342be04:\
             a3f426c4000000000000000000000000000000000000",
            "2:5574daaedc47dbbee64f60b27c7c368cba5a568e012f092d6d65539730fbecb3:\
             479326c45a4ffcd6c005ae5659b57ab66008f86d5280",
        ]
    );
}

#[test]
fn the_same_request_has_the_same_fingerprint_however_it_is_written() {
    let one = link("22").notes("Coffee").reference("1").fingerprint().unwrap();
    assert_eq!(link("22.00").reference("1").notes("Coffee").fingerprint().unwrap(), one);
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), one);
}

#[test]
fn whatever_differs_in_a_request_differs_in_the_fingerprint_and_is_named() {
    let url = || "https://shop.example/".parse().unwrap();
    let customer = Customer { city: Some("Bilbao".into()), ..Customer::default() };
    let orders = [
        (link("22"), ""),
        (link("22.01"), "amount"),
        (NewOrder::link("22".parse().unwrap(), Fiat::Usd), "fiat"),
        (NewOrder::onchain("22".parse().unwrap(), Fiat::Eur, "BTC"), "currency"),
        (NewOrder::onchain("22".parse().unwrap(), Fiat::Eur, "ETH"), "currency"),
        (link("22").notes("a"), "notes"),
        (link("22").notes("b"), "notes"),
        (link("22").notes("a\nreference:1:a"), "notes"),
        (link("22").reference("a"), "reference"),
        (link("22").internal_data("a"), "internal_data"),
        (link("22").language("ES"), "language"),
        (link("22").url_ok(url()), "url_ok"),
        (link("22").url_ko(url()), "url_ko"),
        (link("22").url_standby(url()), "url_standby"),
        (link("22").customer(customer), "customer"),
    ];
    let prints =
        orders.map(|(order, differs)| (Fingerprints::of(&order.request().unwrap()).unwrap(), differs));
    let (first, _) = prints[0];
    for (place, (one, differs)) in prints.iter().enumerate() {
        for (other, _) in &prints[place + 1..] {
            assert!(!one.include(&other.current) && !one.include(&other.version1), "{differs}");
        }
        assert_eq!(first.current.differences(&one.current).concat(), *differs);
        assert!(one.include(&one.current) && one.include(&one.version1));
    }
}

#[test]
fn a_stored_fingerprint_of_the_first_version_is_read_and_another_version_is_refused() {
    let order = everything().request().unwrap();
    let prints = Fingerprints::of(&order).unwrap();
    let read = |text: &str| serde_json::from_str::<Fingerprint>(&format!("\"{text}\""));
    let old = read("7d6fb2b976552cea357a35f8d294e5fd057b4dfa88b27a6fbdc374711a03d1d1").unwrap();
    assert!(prints.include(&old) && old != prints.current);
    let current = prints.current.to_string();
    for wrong in
        ["", "2:", "zz", &current[..70], &current[2..], &format!("{current}00"), &current.replace('2', "g")]
    {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    let newer = read(&current.replacen('2', "3", 1)).unwrap_err().to_string();
    assert!(newer.contains("version \"3\"") && newer.contains("expected version 1 or 2"), "{newer}");
}
