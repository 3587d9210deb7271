//! Which fields of an answer hold exact values, and which hold sentences.

use crate::answer::failure::Code;
use crate::config::variables::names;

/// Fields whose values are money, addresses, codes, identifiers, times or URLs, or sentences of ours that are made of
/// these. A test holds every field of every tool to one of the two lists.
pub(super) const EXACT: &[&str] = &[
    "address",
    "advice",
    "amount",
    "blockchain",
    "candidates",
    "code",
    "confidence",
    "confirmation_token",
    "confirmed_amount",
    "connected_at",
    "created_at",
    "crypto_amount",
    "currency",
    "currency_id",
    "customer_message",
    "details",
    "did_you_mean",
    "duplicates",
    "event_id",
    "execution_context",
    "expected_input_amount",
    "expected_output_amount",
    "expires_at",
    "fiat",
    "fiat_amount",
    "fiat_currency",
    "id",
    "idempotency_key",
    "identifier",
    "image",
    "instructions",
    "max_amount",
    "min_amount",
    "network",
    "next_action",
    "oldest_kept",
    "outcome",
    "payment_provider",
    "payment_uri",
    "provider",
    "public_url",
    "qr_address",
    "qr_gateway_url",
    "qr_payment_uri",
    "qr_web_url",
    "read_at",
    "received_amount",
    "received_at",
    "remaining_amount",
    "replaced_by",
    "replaces",
    "retry_after_seconds",
    "shortfall_amount",
    "source",
    "status",
    "status_description",
    "suggested_provider",
    "supported_currencies",
    "surplus_amount",
    "symbol",
    "tag_memo",
    "tx_hash",
    "unconfirmed_amount",
    "updated_at",
    "url_ko",
    "url_ok",
    "variable",
    "verdict",
    "web_url",
    "webhook_url",
];

/// Fields that can hold words that others wrote.
pub(super) const FREE: &[&str] = &[
    "field",
    "indicators",
    "input_currency",
    "last_error",
    "message",
    "name",
    "notes",
    "payload",
    "problems",
    "raw",
    "reference",
    "rejected",
    "uri",
    "warnings",
];

/// Whether the field holds an exact value.
pub(super) fn is_exact(name: &str) -> bool {
    EXACT.binary_search(&name).is_ok()
}

/// Names of tools and arguments that are no names of fields. A test holds the list to the registry.
pub(super) const NAMES: &[&str] = &[
    "action",
    "amount_eur",
    "branding",
    "create_payment_link",
    "create_payment_onchain",
    "filter_by_amount",
    "from",
    "generate_payment_qr",
    "get_payment_status",
    "get_tunnel_status",
    "get_webhook_events",
    "get_webhook_url",
    "include_qr",
    "language",
    "limit",
    "list_currencies_catalog",
    "list_payments",
    "percent",
    "qr_type",
    "simulate_payment",
    "size",
    "style",
    "timeout_seconds",
    "to",
    "until",
    "validate",
    "validated_only",
    "wait_for_payment",
];

/// Whether the word is a name of ours: of a field, an argument, a tool, a code or a variable.
pub(super) fn is_vocabulary(word: &str) -> bool {
    is_exact(word)
        || FREE.binary_search(&word).is_ok()
        || NAMES.binary_search(&word).is_ok()
        || Code::ALL.iter().any(|code| code.as_str() == word)
        || names().any(|name| name == word)
}
