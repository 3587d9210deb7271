use std::borrow::Cow;

use super::{Mistake, reprint};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The body as it may have been sent, with the mistake that made the one at hand of it; the least change first.
pub(super) fn as_it_may_have_been_sent(
    body: &[u8],
) -> impl Iterator<Item = (Option<Mistake>, Cow<'_, [u8]>)> {
    let mut variants: Vec<(Option<Mistake>, Cow<'_, [u8]>)> = Vec::new();
    let mut add = |mistake, variant: Cow<'static, [u8]>| {
        if variant != body {
            variants.push((Some(mistake), variant));
        }
    };
    let owned = |bytes: &[u8]| Cow::Owned(bytes.to_vec());
    add(Mistake::LineBreakAtEnd, owned(body.trim_ascii_end()));
    for end in [&b"\n"[..], b"\r\n"] {
        add(Mistake::LineBreakAtEnd, Cow::Owned([body.trim_ascii_end(), end].concat()));
        add(Mistake::LineBreakAtEnd, Cow::Owned([body, end].concat()));
    }
    let unmarked = body.strip_prefix(BYTE_ORDER_MARK);
    if let Some(unmarked) = unmarked {
        add(Mistake::ByteOrderMark, owned(unmarked));
        add(Mistake::ByteOrderMark, owned(unmarked.trim_ascii_end()));
    }
    if let Ok(text) = str::from_utf8(body) {
        add(Mistake::LineBreaks, Cow::Owned(text.replace("\r\n", "\n").into_bytes()));
        add(Mistake::LineBreaks, Cow::Owned(text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()));
    }
    if let Ok(json) = str::from_utf8(unmarked.unwrap_or(body)) {
        for (as_sent, text) in reprint::reprints(json) {
            add(Mistake::Reserialized { as_sent }, Cow::Owned(text.into_bytes()));
        }
    }
    variants.into_iter()
}
