//! Runs work that may panic, without output on stderr and without ending the process.

use std::{any::Any, panic, sync::Once, thread};

const NAME: &str = "generator";

/// The generator follows a document by recursion; no document that the preflight accepts goes deeper than this holds.
const STACK: usize = 256 << 20;

/// Does `work` on a thread of its own.
///
/// # Errors
/// The message of the panic.
pub(super) fn quietly<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    silence();
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(NAME.to_owned()).stack_size(STACK).spawn_scoped(scope, work);
        match thread {
            Ok(thread) => thread.join().map_err(|cause| words(&*cause)),
            Err(error) => Err(format!("no thread to run on: {error}")),
        }
    })
}

/// A panic is reported as an error: the hook would print its place and twenty lines of the generator's own tree first.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let otherwise = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name() != Some(NAME) {
                otherwise(panic);
            }
        }));
    });
}

/// The message of the panic, on one line and no longer than a line.
fn words(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref().copied()).unwrap_or("without a word");
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}
