//! The sentences for customers, in Spanish.

use super::{CustomerMessage, Target};
use crate::config::forms::Forms;

pub(super) fn sentence(customer_message: &CustomerMessage, forms: &Forms) -> String {
    let short = |missing: &Option<String>| {
        missing.as_ref().map_or("incompleto".to_owned(), |missing| format!("con {missing} de menos"))
    };
    match customer_message {
        CustomerMessage::Choose { price } => {
            format!("Aún no ha llegado nada: elija una moneda en la página de pago y pague allí {price}.", price = forms.price(price))
        }
        CustomerMessage::Send { amount, target } => {
            let amount = amount
                .as_ref()
                .map_or("el importe debido".to_owned(), |amount| format!("exactamente {amount}"));
            format!("Aún no ha llegado nada: envíe {amount}{}.", place(target, forms))
        }
        CustomerMessage::SendRest { missing, target } => {
            format!("Importe que falta: {missing}; envíe exactamente esa cantidad{}.", place(target, forms))
        }
        CustomerMessage::Unread => {
            "Ahora no se ha podido consultar el estado de este pago: no envíe nada hasta que el comercio le diga cómo está."
                .to_owned()
        }
        CustomerMessage::Withheld => {
            "No envíe nada a este pago: el comercio le mostrará el que debe pagar.".to_owned()
        }
        CustomerMessage::TimeOver { begun: false } => {
            "El plazo de este pago ha terminado: no le envíe nada; si ya ha enviado algo, avise al comercio.".to_owned()
        }
        CustomerMessage::TimeOver { begun: true } => {
            "El plazo de este pago ha terminado antes de completarse: no envíe nada más; el comercio decide qué hacer con lo \
             recibido."
                .to_owned()
        }
        CustomerMessage::TagMissing { currency } => format!(
            "No envíe nada: a este pago le falta la etiqueta o memo que {currency} necesita, y sin ella los fondos se \
             perderían; recibirá un pago nuevo."
        ),
        CustomerMessage::Confirming { price } => {
            format!("Su pago de {price} se ha visto en la red y se está confirmando; no envíe nada más.", price = forms.price(price))
        }
        CustomerMessage::Seen => {
            "Ha llegado algo y se está comprobando; no envíe nada más hasta saber cómo queda.".to_owned()
        }
        CustomerMessage::Paid { price } => format!("Su pago de {price} se ha recibido, gracias.", price = forms.price(price)),
        CustomerMessage::Overpaid { price, surplus } => {
            let surplus = surplus
                .as_ref()
                .map_or("más de lo debido".to_owned(), |surplus| format!("{surplus} de más"));
            format!(
                "Su pago de {price} se ha recibido, con {surplus}; la devolución de la diferencia la hace el comercio.",
                price = forms.price(price)
            )
        }
        CustomerMessage::Short { missing } => format!(
            "Su pago llegó {} y su plazo ha terminado; no envíe nada más: el comercio decide si lo acepta o lo devuelve.",
            short(missing)
        ),
        CustomerMessage::Late { price } => format!(
            "Su pago de {price} llegó completo, pero fuera de plazo; no envíe nada más: el comercio decide si lo acepta o \
             lo devuelve.",
            price = forms.price(price)
        ),
        CustomerMessage::ShortAndLate { missing } => format!(
            "Su pago llegó {} y fuera de plazo; no envíe nada más: el comercio decide si lo acepta o lo devuelve.",
            short(missing)
        ),
        CustomerMessage::Unclear => {
            "El comercio tiene que revisar este pago; no envíe nada más hasta que le responda.".to_owned()
        }
        CustomerMessage::Expired => {
            "Este pago está cerrado y no se pagó: no le envíe nada; si ya ha enviado algo, avise al comercio y, si no, pida \
             uno nuevo."
                .to_owned()
        }
        CustomerMessage::Failed => {
            "La red no confirmó su transacción, así que este pago está cerrado y sin pagar; no envíe nada más y pregunte al \
             comercio cómo seguir."
                .to_owned()
        }
        CustomerMessage::Refunded => "Este pago se ha devuelto; no le envíe nada más.".to_owned(),
    }
}

/// Where to send it, as the rest of a sentence.
fn place(target: &Target, forms: &Forms) -> String {
    let mut text = String::new();
    if let Some(address) = &target.address {
        text.push_str(&format!(" a la dirección {address}"));
    }
    if let Some(currency) = &target.currency {
        let name = target.network.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        text.push_str(&format!(", en la red de {currency}{name} y en ninguna otra"));
    }
    if let Some(tag) = &target.tag {
        text.push_str(&format!(", con la etiqueta o memo {tag}, sin la cual se pierde"));
    }
    if let Some(until) = &target.until {
        text.push_str(&format!(", de modo que llegue {}", forms.before(*until, target.now)));
    }
    text
}
