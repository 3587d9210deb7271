//! The texts in Spanish.

use bitnovo_pay::{Unreadable, Verdict};
use uuid::Uuid;

use super::Words;

pub(super) struct Spanish;

impl Words for Spanish {
    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Unpaid => "sin pagar",
            Verdict::Detected => "detectado",
            Verdict::Underpaid => "incompleto",
            Verdict::Paid => "pagado",
            Verdict::Overpaid => "pagado de más",
            Verdict::Expired => "vencido",
            Verdict::Failed => "fallido",
            Verdict::Refunded => "devuelto",
            // What an SDK of tomorrow may add is for a person to look at.
            _ => "por revisar",
        }
    }

    fn currencies(&self, total: usize, taking: Option<(usize, &str)>) -> String {
        match taking {
            Some((count, amount)) => format!("{count} de {total} monedas admiten {amount}:"),
            None => format!("{total} monedas:"),
        }
    }

    fn currency(
        &self,
        symbol: &str,
        name: &str,
        network: &str,
        requires_tag: bool,
        link_only: bool,
    ) -> String {
        let tag = if requires_tag { ", necesita etiqueta" } else { "" };
        let link = if link_only { "; Lightning, solo con create_payment_link" } else { "" };
        format!("{symbol} ({name}, red {network}{tag}{link})")
    }

    fn currencies_cut(&self, most: usize) -> String {
        format!("Solo se muestran las primeras {most} monedas: pase filter_by_amount para ver menos.")
    }

    fn currencies_left_out(&self, currencies: &[String], more: usize) -> String {
        let more = if more > 0 { format!("; y {more} más") } else { String::new() };
        format!(
            "El catálogo de la API contiene entradas que no se pueden leer y que se omiten: {}{more}.",
            currencies.join("; ")
        )
    }

    fn catalogue_cut(&self, total: usize, known: usize) -> String {
        format!(
            "El catálogo de la API es más largo de lo que se lee de él: de {total} monedas se conocen aquí {known}."
        )
    }

    fn begun(&self) -> &'static str {
        "El cliente ya ha empezado a pagar: no lo muestre como un pago nuevo y sígalo con get_payment_status."
    }

    fn replaced(&self, lost: Uuid) -> String {
        format!(
            "Se perdió la respuesta de la API a una primera creación. Este enlace ocupa el lugar de {lost}, cuya página no \
             ha visto nadie y que simplemente no se usa."
        )
    }

    fn recovered(&self) -> &'static str {
        "Este pago se encontró en la lista de la API: se perdió la respuesta a su creación, o lo ha creado otro servidor. \
         La dirección de su página de pago solo se comunica una vez, así que no hay web_url."
    }

    fn repeated(&self) -> &'static str {
        "Este pago lo creó una llamada anterior con la misma idempotency_key."
    }

    fn others_unknown(&self) -> &'static str {
        "La lista de la API aún no muestra este pago, así que no se sabe si otro servidor ha creado uno con la misma \
         idempotency_key en el mismo momento. Llame de nuevo más tarde con la misma clave: así se vuelve a mirar."
    }

    fn unmarked(&self) -> &'static str {
        "La lista de la API muestra este pago sin su idempotency_key. Las claves no valen aquí entre servidores ni tras un \
         reinicio: otro servidor, o este tras un reinicio, crearía un segundo pago con la misma clave."
    }

    fn others(&self, others: &str) -> String {
        format!(
            "Hay otro pago con la misma idempotency_key: {others}. El cliente debe pagar solo uno de ellos. Si se le mostró \
             otro, léalo con get_payment_status antes de mostrar este."
        )
    }

    fn foreign_page(&self, url: &str) -> String {
        format!(
            "La página de pago {url} no está en un host de Bitnovo: pregunte al comercio antes de dársela a nadie."
        )
    }

    fn duplicate(&self, first: Uuid) -> String {
        format!(
            "Hace menos de un minuto se creó un pago idéntico: {first}. Si ambos son de la misma venta, el cliente debe \
             pagar solo uno; use una idempotency_key de ahora en adelante."
        )
    }

    fn unread(&self, code: &str) -> String {
        format!(
            "El pago se ha creado, pero no se pudo leer su estado ni su plazo ({code}). Léalos con get_payment_status; no \
             lo cree otra vez."
        )
    }

    fn unreadable(&self, field: &Unreadable) -> String {
        // The reason is for programmers, in English only.
        field.field.to_string()
    }

    fn fields_left_out(&self, fields: &[String]) -> String {
        format!("Faltan algunos campos porque no se pueden leer: {}.", fields.join("; "))
    }

    fn payments_left_out(&self, payments: &[String], more: usize) -> String {
        let more = if more > 0 { format!("; y {more} más") } else { String::new() };
        format!(
            "La lista de la API contiene pagos que no se pueden leer y que se omiten: {}{more}. Búsquelos en el panel.",
            payments.join("; ")
        )
    }

    fn list_cut(&self) -> &'static str {
        "La lista de la API es más larga de lo que se lee de ella, así que faltan pagos: pida menos días."
    }

    fn simulated(&self, action: &str, status: &str, verdict: &str) -> String {
        format!("Simulación de {action}: el pago está ahora en {status} ({verdict}).")
    }
}
