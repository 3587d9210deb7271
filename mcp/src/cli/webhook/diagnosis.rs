//! Why a webhook does not verify, found by trying what people get wrong.

use std::borrow::Cow;

use bitnovo_pay_webhook::{
    Refused, Scheme as _, Signature, Unverified,
    scheme::bitnovo::{Bitnovo, NONCE_HEADER, SIGNATURE_HEADER},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::de::IgnoredAny;
use sha2::Sha256;

use crate::cli::json_text::{Spelling, respell};

/// A webhook as it was given on the command line.
#[derive(Clone, Copy)]
pub(super) struct Claimed<'a> {
    pub(super) nonce: &'a str,
    pub(super) signature: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> Claimed<'a> {
    pub(super) fn headers(&self) -> [(&'static str, &'a [u8]); 2] {
        [(NONCE_HEADER, self.nonce.as_bytes()), (SIGNATURE_HEADER, self.signature.as_bytes())]
    }

    /// Whether another body verifies with these headers.
    fn verifies(&self, scheme: &Bitnovo, body: &[u8]) -> bool {
        scheme.verify(Unverified { headers: &self.headers(), body }).is_ok()
    }

    /// Whether another body verifies with the text of the secret as key, which is no valid signature.
    fn verifies_with_text(&self, key: &str, body: &[u8]) -> bool {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
        let tag: [u8; 32] = mac.chain_update(self.nonce).chain_update(body).finalize().into_bytes().into();
        Signature::from(tag).to_string().eq_ignore_ascii_case(self.signature)
    }
}

/// What was probably done wrong, and what to do instead. `secret` is the text of the device secret.
pub(super) fn hint(refused: &Refused, scheme: &Bitnovo, secret: &str, claimed: Claimed<'_>) -> String {
    match refused {
        Refused::Stale { age_seconds, .. } => of_clock(*age_seconds),
        Refused::BadSignature => of_signature(scheme, secret, claimed),
        _ => of_headers(claimed).to_owned(),
    }
}

fn of_clock(age_seconds: i64) -> String {
    let seconds = age_seconds.unsigned_abs();
    let (off, mend) =
        if age_seconds < 0 { ("behind", "") } else { ("ahead", "; an old one is checked with --no-max-age") };
    format!(
        "the signature is good. If the webhook came in just now, this machine's clock is {seconds} s {off}: set it by \
         the network's time{mend}."
    )
}

fn of_headers(Claimed { nonce, signature, .. }: Claimed<'_>) -> &'static str {
    if is_nonce(bare(signature)) && is_tag(bare(nonce)) {
        return "the two are swapped: --nonce takes X-NONCE, ten digits; --signature takes X-SIGNATURE, 64 hex digits.";
    }
    if !is_tag(signature) && signature.rsplit_once('=').is_some_and(|(_, tag)| is_tag(bare(tag))) {
        return "leave out what stands before the 64 hex digits, such as sha256=; this provider sends no prefix.";
    }
    let decorated = |value: &str, fits: fn(&str) -> bool| !fits(value) && fits(bare(value));
    if decorated(nonce, is_nonce) || decorated(signature, is_tag) {
        return "pass the values alone: no header name, no quotes, no spaces.";
    }
    if nonce.len() == 13 && nonce.bytes().all(|byte| byte.is_ascii_digit()) {
        return "a nonce of 13 digits is a time in milliseconds, which this provider does not send: take the header X-NONCE.";
    }
    "take the values of the headers X-NONCE and X-SIGNATURE as they arrived; the provider sends no others for this."
}

fn of_signature(scheme: &Bitnovo, secret: &str, claimed: Claimed<'_>) -> String {
    let bodies = || std::iter::once((None, Cow::Borrowed(claimed.body))).chain(respelled(claimed.body));
    for (difference, body) in bodies() {
        if let Some(difference) = difference
            && claimed.verifies(scheme, &body)
        {
            return difference;
        }
    }
    for (difference, body) in bodies() {
        let keys = [secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()];
        if keys.iter().any(|key| claimed.verifies_with_text(key, &body)) {
            let also = difference.map(|difference| format!(" Besides, {difference}")).unwrap_or_default();
            return format!(
                "whoever signed this took the secret as text. The key is the 32 bytes that its 64 hex digits stand for: \
                 decode it first (Node: Buffer.from(secret, \"hex\"); Python: bytes.fromhex(secret)).{also}"
            );
        }
    }
    if claimed.body.is_empty() {
        return "the body is empty: name its file with --body, or pipe it in.".to_owned();
    }
    "none of the usual mistakes explains it. Compare the secret with the dashboard (this device, this environment), and \
     make sure that nothing on the way changes the body or takes part of it away."
        .to_owned()
}

/// The same body as other programs would have left it, with what is then different about the one at hand.
fn respelled(body: &[u8]) -> impl Iterator<Item = (Option<String>, Cow<'_, [u8]>)> {
    let trimmed = body.trim_ascii_end();
    let line_break = (trimmed.len() < body.len()).then(|| {
        let difference = "the body ends in a line break or spaces that were not sent: save the raw bytes of the request, \
                          without one more (an editor or echo adds it; printf %s does not).";
        (Some(difference.to_owned()), Cow::Borrowed(trimmed))
    });
    let json = str::from_utf8(body).ok().filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let spelled = json
        .into_iter()
        .flat_map(|json| spellings().map(move |spelling| (spelling, respell(json, spelling))));
    line_break
        .into_iter()
        .chain(spelled.map(|(spelling, body)| (Some(printed_again(spelling)), Cow::Owned(body.into_bytes()))))
}

/// How a provider may have spelled it, the least change first.
fn spellings() -> impl Iterator<Item = Spelling> {
    [(false, false), (true, false), (false, true), (true, true)].into_iter().flat_map(
        |(point_zero, ascii)| {
            [(", ", ": "), (",", ":")].map(|(after_item, after_name)| Spelling {
                after_item,
                after_name,
                point_zero,
                ascii,
            })
        },
    )
}

fn printed_again(Spelling { after_item, after_name, point_zero, ascii }: Spelling) -> String {
    let mut as_sent = vec![format!("with {after_item:?} and {after_name:?} between its parts")];
    if point_zero {
        as_sent.push("with 100.0 where this one says 100".to_owned());
    }
    if ascii {
        as_sent.push("with escapes such as \\u00e9 where this one has letters".to_owned());
    }
    format!(
        "the body was parsed and printed again. It verifies as it was sent: {}. Keep the raw bytes of the request, and \
         verify those before anything parses them.",
        as_sent.join(", ")
    )
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

#[cfg(test)]
mod tests;
