use super::Mistake;

/// What is wrong with the form of the two headers, as far as it can be recognised.
pub(super) fn mistake(nonce: &str, signature: &str) -> Option<Mistake> {
    if is_nonce(nonce) && is_tag(signature) {
        return None;
    }
    if is_nonce(bare(signature)) && is_tag(bare(nonce)) {
        return Some(Mistake::Swapped);
    }
    if !is_tag(signature) && signature.rsplit_once('=').is_some_and(|(_, tag)| is_tag(bare(tag))) {
        return Some(Mistake::Prefix);
    }
    let decorated = |value: &str, fits: fn(&str) -> bool| !fits(value) && fits(bare(value));
    if decorated(nonce, is_nonce) || decorated(signature, is_tag) {
        return Some(Mistake::Decorated);
    }
    if nonce.len() == 13 && nonce.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Mistake::Milliseconds);
    }
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    let bytes = signature.trim_end_matches('=');
    if bytes.len() == 43 && bytes.bytes().all(base64) {
        return Some(Mistake::Base64);
    }
    let digits = signature.len();
    let is_hex = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && [32, 40, 56, 96, 128].contains(&digits)).then_some(Mistake::OtherHash { digits })
}

fn is_nonce(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The value without a header's name, quotes and spaces.
fn bare(text: &str) -> &str {
    let value = text.rsplit_once(':').map_or(text, |(_, value)| value);
    value.trim().trim_matches(['"', '\'']).trim()
}
