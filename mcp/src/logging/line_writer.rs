//! Writes lines without waiting for their reader: a client need not read our log, and a paused terminal must not stop
//! the program that writes to it.

use std::{
    collections::VecDeque,
    fmt,
    io::Write,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// What waits for the reader at most, in bytes.
const LARGEST_QUEUE: usize = 1024 * 1024;

/// A queue of lines, and a thread that writes them. When the reader is too slow for the queue, further lines are dropped,
/// counted, and reported in their place.
#[derive(Clone)]
pub(crate) struct LineWriter(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    notice: fn(u64) -> String,
}

#[derive(Default)]
struct Queue {
    lines: VecDeque<String>,
    bytes: usize,
    /// Lines dropped since the last one that was queued.
    dropped: u64,
    /// Whether a line is on its way out.
    is_writing: bool,
}

impl LineWriter {
    /// Starts the thread. `notice` says how many lines were dropped.
    pub(crate) fn start(output: impl Write + Send + 'static, notice: fn(u64) -> String) -> Self {
        let shared = Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new(), notice });
        let writing = Arc::clone(&shared);
        // Without the thread nothing is written, and nothing else is lost.
        let _ = thread::Builder::new().name("lines".to_owned()).spawn(move || writing.write(output));
        Self(shared)
    }

    /// Queues a line, or drops it. Never waits for the reader.
    pub(crate) fn line(&self, line: impl Into<String>) {
        let mut line = line.into();
        line.push('\n');
        let mut queue = self.0.queue();
        let notice = (queue.dropped > 0).then(|| (self.0.notice)(queue.dropped) + "\n");
        let size = line.len() + notice.as_ref().map_or(0, String::len);
        // A line that is larger than the queue can only pass alone.
        if queue.bytes > 0 && queue.bytes + size > LARGEST_QUEUE {
            queue.dropped += 1;
            return;
        }
        queue.dropped = 0;
        queue.bytes += size;
        queue.lines.extend(notice);
        queue.lines.push_back(line);
        drop(queue);
        self.0.changed.notify_all();
    }

    /// Waits until everything is written, but no longer than `patience`; returns whether it is.
    pub(crate) fn finish(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut queue = self.0.queue();
        while queue.is_busy() {
            let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
            else {
                return false;
            };
            queue = self.0.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut output: impl Write) {
        loop {
            let line = self.next();
            // A reader that has gone away is no reason to stop: another one may come.
            let _ = output.write_all(line.as_bytes()).and_then(|()| output.flush());
            let mut queue = self.queue();
            queue.is_writing = false;
            queue.bytes = queue.bytes.saturating_sub(line.len());
            drop(queue);
            self.changed.notify_all();
        }
    }

    fn next(&self) -> String {
        let mut queue = self.queue();
        loop {
            if let Some(line) = queue.lines.pop_front() {
                queue.is_writing = true;
                return line;
            }
            if queue.dropped > 0 {
                let notice = (self.notice)(std::mem::take(&mut queue.dropped)) + "\n";
                queue.bytes += notice.len();
                queue.is_writing = true;
                return notice;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Queue {
    fn is_busy(&self) -> bool {
        self.is_writing || !self.lines.is_empty() || self.dropped > 0
    }
}

impl fmt::Debug for LineWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LineWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::mpsc::{Receiver, Sender, channel},
    };

    use super::*;

    /// An output whose reader takes one write for each permission.
    struct Paused {
        permissions: Receiver<()>,
        written: Sender<String>,
    }

    impl Write for Paused {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permissions.recv().map_err(io::Error::other)?;
            let _ = self.written.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn paused() -> (LineWriter, Sender<()>, Receiver<String>) {
        let (permit, permissions) = channel();
        let (written, lines) = channel();
        let writer =
            LineWriter::start(Paused { permissions, written }, |dropped| format!("{dropped} dropped"));
        (writer, permit, lines)
    }

    #[test]
    fn lines_come_out_whole_and_in_order() {
        let (writer, permit, lines) = paused();
        for _ in 0..3 {
            permit.send(()).unwrap();
        }
        for line in ["one", "two", "three"] {
            writer.line(line);
        }
        assert!(writer.finish(Duration::from_secs(60)));
        assert_eq!(lines.try_iter().collect::<Vec<_>>(), ["one\n", "two\n", "three\n"]);
    }

    #[test]
    fn a_reader_that_does_not_read_stops_nothing_and_learns_what_it_missed() {
        let (writer, permit, lines) = paused();
        let long = "x".repeat(64 * 1024 - 1);
        for _ in 0..100 {
            writer.line(long.as_str());
        }
        assert!(
            !writer.finish(Duration::from_millis(1)),
            "nothing is read, and the end does not wait for it"
        );
        // As much as fits, however many were written.
        for _ in 0..16 {
            permit.send(()).unwrap();
        }
        let kept: Vec<String> = (0..16).map(|_| lines.recv().unwrap()).collect();
        assert!(kept.iter().all(|line| line.len() == 64 * 1024));
        writer.line("afterwards");
        drop((0..3).map(|_| permit.send(())).collect::<Vec<_>>());
        assert_eq!(lines.recv().unwrap(), "84 dropped\n");
        assert_eq!(lines.recv().unwrap(), "afterwards\n");
    }
}
