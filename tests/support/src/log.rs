//! What is logged, written down to be searched.

use std::{
    io::Write,
    sync::{Arc, LazyLock, Mutex},
};

use tracing_subscriber::{
    filter::Targets,
    fmt::MakeWriter,
    layer::{Layer as _, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

/// While there is one subscriber only, a thread that does not listen can switch a line off for all threads, by being the
/// first to come by it. So there are always two.
static SECOND: LazyLock<tracing::Dispatch> =
    LazyLock::new(|| tracing::Dispatch::new(tracing_subscriber::registry()));

/// What was logged.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Writes down what this thread logs while the guard lives.
    pub fn listen(&self, targets: &str) -> impl Drop + use<> {
        LazyLock::force(&SECOND);
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(self.clone())
            .with_filter(targets.parse::<Targets>().unwrap());
        tracing_subscriber::registry().with(lines).set_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
