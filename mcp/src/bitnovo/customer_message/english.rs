//! The sentences for customers, in English.

use super::{CustomerMessage, Target};
use crate::config::forms::Forms;

pub(super) fn sentence(customer_message: &CustomerMessage, forms: &Forms) -> String {
    let short = |missing: &Option<String>| {
        missing.as_ref().map_or("not in full".to_owned(), |missing| format!("{missing} short"))
    };
    match customer_message {
        CustomerMessage::Choose { price } => {
            format!("Nothing has arrived yet: please choose a currency on the payment page and pay {price} there.", price = forms.price(price))
        }
        CustomerMessage::Send { amount, target } => {
            let amount = amount.as_ref().map_or("the amount due".to_owned(), |amount| format!("exactly {amount}"));
            format!("Nothing has arrived yet: please send {amount}{}.", place(target, forms))
        }
        CustomerMessage::SendRest { missing, target } => {
            format!("{missing} is still missing: please send exactly that{}.", place(target, forms))
        }
        CustomerMessage::Unread => {
            "The state of this payment could not be read just now: please send nothing until the merchant tells you how it \
             stands."
                .to_owned()
        }
        CustomerMessage::Withheld => {
            "Please send nothing to this payment: the merchant will show you the one to pay.".to_owned()
        }
        CustomerMessage::TimeOver { begun: false } => {
            "The time for this payment is over: please send nothing to it; if you have sent something already, tell the \
             merchant."
                .to_owned()
        }
        CustomerMessage::TimeOver { begun: true } => {
            "The time for this payment is over before it was complete: please send nothing more; the merchant decides what \
             becomes of what has arrived."
                .to_owned()
        }
        CustomerMessage::TagMissing { currency } => format!(
            "Please do not send anything: this payment lacks the tag or memo that {currency} needs, and without it the \
             funds would be lost; you will get a new payment."
        ),
        CustomerMessage::Confirming { price } => format!(
            "Your payment of {price} has been seen on the network and is being confirmed; please send nothing more.",
            price = forms.price(price)
        ),
        CustomerMessage::Seen => {
            "Something has arrived and is being checked; please send nothing more until you hear how it stands.".to_owned()
        }
        CustomerMessage::Paid { price } => format!("Your payment of {price} has been received, thank you.", price = forms.price(price)),
        CustomerMessage::Overpaid { price, surplus } => {
            let surplus = surplus.as_ref().map_or("more than was due".to_owned(), |surplus| format!("{surplus} too much"));
            format!(
                "Your payment of {price} has been received, with {surplus}; a refund of the difference is made by the \
                 merchant.",
                price = forms.price(price)
            )
        }
        CustomerMessage::Short { missing } => format!(
            "Your payment arrived {} and its time is over; please send nothing more: the merchant decides whether to \
             accept or refund it.",
            short(missing)
        ),
        CustomerMessage::Late { price } => format!(
            "Your payment of {price} arrived in full, but after its time was over; please send nothing more: the \
             merchant decides whether to accept or refund it.",
            price = forms.price(price)
        ),
        CustomerMessage::ShortAndLate { missing } => format!(
            "Your payment arrived after its time was over and {}; please send nothing more: the merchant decides whether \
             to accept or refund it.",
            short(missing)
        ),
        CustomerMessage::Unclear => {
            "The merchant has to look at this payment; please send nothing more until you hear from them.".to_owned()
        }
        CustomerMessage::Expired => {
            "This payment is closed and was not paid: please send nothing to it; if you have sent something already, tell \
             the merchant, otherwise ask for a new one."
                .to_owned()
        }
        CustomerMessage::Failed => {
            "The network did not confirm your transaction, so this payment is closed and not paid; please send nothing more \
             and ask the merchant how to go on."
                .to_owned()
        }
        CustomerMessage::Refunded => "This payment has been refunded; please send nothing more to it.".to_owned(),
    }
}

/// Where to send it, as the rest of a sentence.
fn place(target: &Target, forms: &Forms) -> String {
    let mut text = String::new();
    if let Some(address) = &target.address {
        text.push_str(&format!(" to the address {address}"));
    }
    if let Some(currency) = &target.currency {
        let name = target.network.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        text.push_str(&format!(", on the network of {currency}{name} and no other"));
    }
    if let Some(tag) = &target.tag {
        text.push_str(&format!(", with the tag or memo {tag}, without which it is lost"));
    }
    if let Some(until) = &target.until {
        text.push_str(&format!(", so that it arrives {}", forms.before(*until, target.now)));
    }
    text
}
