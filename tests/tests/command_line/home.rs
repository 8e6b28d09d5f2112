//! A home directory, and `heqi` run on it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a change may take from one process to another.
const SOON: Duration = Duration::from_secs(60);

/// Exit codes as `heqi --help` documents them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Usage = 2,
    Rejected = 3,
    Unavailable = 4,
    Misbehaviour = 5,
    Store = 6,
    Removed = 7,
}

/// A device of one member.
pub(super) struct Home {
    folder: tempfile::TempDir,
}

/// A running `heqi watch`.
pub(super) struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Home {
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// One that is there already.
    pub(super) fn at(path: &Path) -> Self {
        let home = Self::empty();
        std::os::unix::fs::symlink(path, home.path()).unwrap();
        home
    }

    /// The same home once more, as a person copies a folder.
    pub(super) fn copy(&self) -> Self {
        let copy = Self::empty();
        std::fs::create_dir(copy.path()).unwrap();
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        copy
    }

    /// Runs a verb that must succeed; its JSON document.
    pub(super) fn run(&self, arguments: &[&str]) -> Value {
        self.document(&[&["--json"], arguments].concat(), 0)
    }

    /// Runs a verb without the relay.
    pub(super) fn offline(&self, arguments: &[&str]) -> Value {
        self.document(&[&["--json", "--offline"], arguments].concat(), 0)
    }

    /// Runs a verb that must end with that code; its JSON document.
    pub(super) fn fails(&self, arguments: &[&str], exit: Exit) -> Value {
        self.document(&[&["--json"], arguments].concat(), exit as i32)
    }

    /// Runs a verb that reads a line of standard input, and must end with that code; its JSON document.
    pub(super) fn typed(&self, arguments: &[&str], line: &str, code: i32) -> Value {
        let arguments = [&["--json"], arguments].concat();
        let mut command = self.command(&arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        // It may have ended already, having read nothing.
        let _ = writeln!(child.stdin.take().unwrap(), "{line}");
        read(&arguments, child.wait_with_output().unwrap(), code)
    }

    /// Runs a verb that must succeed; what it says to people.
    pub(super) fn says(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a verb that must end with that code; all that it says to people.
    pub(super) fn told(&self, arguments: &[&str], exit: Exit) -> String {
        let output = self.output(arguments);
        assert_eq!(
            output.status.code(),
            Some(exit as i32),
            "{arguments:?}: {output:?}"
        );
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap()
    }

    /// Runs a verb that may fail; all that it says to programs.
    pub(super) fn tells(&self, arguments: &[&str]) -> String {
        let output = self.output(&[&["--json"], arguments].concat());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts watching.
    pub(super) fn watch(&self) -> Watch {
        let mut child = self
            .command(&["--json", "watch"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Watch { child, lines }
    }

    pub(super) fn tasks(&self) -> Vec<Value> {
        let plan = self.run(&["plan", "list"]);
        plan["tasks"].as_array().unwrap().clone()
    }

    pub(super) fn conflicts(&self) -> Vec<Value> {
        let list = self.run(&["conflicts"]);
        list["conflicts"].as_array().unwrap().clone()
    }

    /// Names of all tasks, in outline order.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |task: &Value| task["name"].as_str().unwrap().to_owned();
        self.tasks().iter().map(name).collect()
    }

    pub(super) fn code_of(&self, name: &str) -> String {
        let tasks = self.tasks();
        let task = tasks.iter().find(|task| task["name"] == name);
        let task = task.unwrap_or_else(|| panic!("no task {name:?} in {tasks:?}"));
        task["code"].as_str().unwrap().to_owned()
    }

    pub(super) fn task_of(&self, code: &str) -> Value {
        let tasks = self.tasks();
        tasks.into_iter().find(|task| task["code"] == code).unwrap()
    }

    /// The folder above the home.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn document(&self, arguments: &[&str], code: i32) -> Value {
        read(arguments, self.output(arguments), code)
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A run of it that has yet to begin.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("HEQI_CLI_BIN", "heqi"));
        command
            .arg("--home")
            .arg(self.path())
            .args(["--patience", "60"])
            .args(arguments)
            .env("LC_ALL", "C");
        command
    }
}

/// The JSON document of a process that must have ended with that code.
fn read(arguments: &[&str], output: Output, code: i32) -> Value {
    let said = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    let seen = format!("{arguments:?}\n{said}\n{told}");
    assert_eq!(output.status.code(), Some(code), "{seen}");
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {seen}"))
}

impl Watch {
    /// Waits for an event.
    pub(super) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + SOON;
        let mut seen = Vec::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("it did not come: {seen:#?}");
            };
            let event: Value = serde_json::from_str(&line).unwrap();
            if wanted(&event) {
                return;
            }
            seen.push(line);
        }
    }

    /// Asks it to end, and waits until it has.
    pub(super) fn end(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It has ended where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program named by a variable, else the one built beside this test.
pub(super) fn program(variable: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let beside = folder.join(name);
    assert!(
        beside.exists(),
        "{} is not built: cargo build -p heqi-cli -p heqi-relay",
        beside.display()
    );
    beside
}
