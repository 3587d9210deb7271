//! `it-server listen` as a process of its own, whose lines are read as they come.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ExitStatus},
    sync::mpsc::{Receiver, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

use super::{
    on_this_machine,
    process::{DEADLINE, binary, command, terminate, wait},
};

pub struct Listening {
    child: Child,
    lines: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    seen: Vec<String>,
}

impl Listening {
    pub fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(binary())
            .arg("listen")
            .args(arguments)
            .envs(on_this_machine(environment))
            .spawn()
            .unwrap_or_else(|error| panic!("listen: {error}"));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                // The receiver is gone once the test is over.
                let _ = sender.send(line.unwrap());
            }
        });
        let mut log = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).unwrap();
            text
        });
        Self { child, lines, stderr: Some(stderr), seen: Vec::new() }
    }

    pub fn line(&mut self) -> String {
        let line = self.lines.recv_timeout(DEADLINE).expect("listen should have printed a line");
        self.seen.push(line.clone());
        line
    }

    /// The next line, which is JSON.
    pub fn json(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The first line that contains `part`, from here on.
    pub fn line_with(&mut self, part: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Ends the process as a supervisor does; returns its exit status and its whole output.
    pub fn end(mut self) -> (ExitStatus, String, String) {
        terminate(&self.child);
        let status = wait(&mut self.child, DEADLINE);
        let mut lines = std::mem::take(&mut self.seen);
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(5)) {
            lines.push(line);
        }
        let stderr = self.stderr.take().unwrap().join().unwrap();
        (status, lines.join("\n"), stderr)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
