//! Facts about the code that hold for the architecture's sake: who may depend on whom, that no file is left out, and
//! that nothing of one machine is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Who may name whom in its manifest, in any kind of dependency. `heqi-tests` may name all.
const MAY_DEPEND_ON: [(&str, &[&str]); 8] = [
    ("heqi-protocol", &[]),
    ("heqi-domain", &[]),
    ("heqi-replica", &["heqi-domain", "heqi-protocol"]),
    ("heqi-relay", &["heqi-protocol"]),
    ("heqi-wording", &["heqi-domain"]),
    (
        "heqi-cli",
        &[
            "heqi-domain",
            "heqi-protocol",
            "heqi-replica",
            "heqi-wording",
        ],
    ),
    (
        "heqi-web",
        &[
            "heqi-domain",
            "heqi-protocol",
            "heqi-replica",
            "heqi-wording",
        ],
    ),
    ("xtask", &[]),
];

/// What does IO or waits: nothing for a crate that is handed its input and returns its output.
const IO: [&str; 8] = [
    "axum",
    "hyper",
    "indexed_db_futures",
    "mio",
    "redb",
    "tokio",
    "tokio-tungstenite",
    "web-sys",
];

#[test]
fn crates_depend_only_on_the_crates_below_them() {
    let allowed: BTreeMap<_, _> = MAY_DEPEND_ON.into_iter().collect();
    for package in packages() {
        let name = text(&package["name"]);
        if name == "heqi-tests" {
            continue;
        }
        let allowed = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no place in the dependency rule"));
        for dependency in list(&package["dependencies"]) {
            let other = text(&dependency["name"]);
            let ours = !dependency["path"].is_null();
            assert!(
                !ours || allowed.contains(&other),
                "{name} must not depend on {other}"
            );
        }
    }
}

#[test]
fn relay_is_built_without_replica_domain_or_automerge() {
    let relay = closure(&["--package", "heqi-relay"]);
    assert!(relay.contains("heqi-protocol"), "{relay:?}");
    assert_disjoint(&relay, &["automerge", "heqi-domain", "heqi-replica"]);
}

#[test]
fn interface_is_built_without_replica_automerge_or_keys() {
    let interface = closure(&client("ui"));
    assert!(interface.contains("heqi-domain"), "{interface:?}");
    assert_disjoint(
        &interface,
        &[
            "automerge",
            "chacha20poly1305",
            "ed25519-dalek",
            "heqi-protocol",
            "heqi-replica",
        ],
    );
    assert!(closure(&client("worker")).contains("heqi-replica"));
}

/// The flow that the README draws.
#[test]
fn each_stop_of_the_flow_is_a_file() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, drawn) = readme.split_once("## The flow, as file names").unwrap();
    let drawn = drawn.split("```").nth(1).unwrap();
    let mut files = BTreeSet::new();
    for part in ["app", "server", "shared"] {
        rust_files_below(&root().join(part), &mut files);
    }
    let names: BTreeSet<_> = files
        .iter()
        .filter_map(|file| file.file_stem()?.to_str())
        .collect();
    let stops = drawn.split(|letter: char| !letter.is_ascii_alphabetic());
    let stops: Vec<&str> = stops.filter(|stop| !stop.is_empty()).collect();
    assert!(stops.len() > 10, "{drawn}");
    for stop in stops {
        assert!(names.contains(stop), "no file is called {stop}");
    }
}

/// The tests build both halves of the client at once; the product builds each by itself.
#[test]
fn neither_half_of_the_client_uses_crates_that_only_the_other_brings() {
    let app = root().join("app/web/src");
    let [ui, worker] = ["ui", "worker"].map(|half| optional_crates(&app, half));
    for (half, own, other) in [("ui", &ui, &worker), ("worker", &worker, &ui)] {
        let mut files = BTreeSet::new();
        rust_files_below(&app.join(half), &mut files);
        assert!(!files.is_empty());
        for path in files {
            let source = fs::read_to_string(&path).unwrap();
            for foreign in other.difference(own) {
                let used = format!("{}::", foreign.replace('-', "_"));
                assert!(!source.contains(&used), "{} uses {foreign}", path.display());
            }
        }
    }
}

/// Crates that a feature of the client brings.
fn optional_crates(app: &Path, feature: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(app.join("../Cargo.toml")).unwrap();
    let (_, list) = manifest.split_once(&format!("\n{feature} = [")).unwrap();
    let (list, _) = list.split_once(']').unwrap();
    let crates = list.split('"').filter_map(|it| it.strip_prefix("dep:"));
    crates.map(str::to_owned).collect()
}

#[test]
fn worker_is_built_without_texts_and_wording_without_a_screen() {
    assert_disjoint(
        &closure(&client("worker")),
        &["heqi-wording", "fluent-bundle"],
    );
    let wording = closure(&["--package", "heqi-wording"]);
    assert!(wording.contains("fluent-bundle"), "{wording:?}");
    assert_disjoint(&wording, &["automerge", "clap", "leptos", "wasm-bindgen"]);
}

#[test]
fn crates_that_are_handed_their_input_are_built_without_io() {
    for package in [
        "heqi-protocol",
        "heqi-domain",
        "heqi-replica",
        "heqi-wording",
    ] {
        assert_disjoint(&closure(&["--package", package]), &IO);
    }
}

#[test]
fn domain_and_protocol_are_built_without_automerge() {
    for package in ["heqi-protocol", "heqi-domain"] {
        assert_disjoint(&closure(&["--package", package]), &["automerge"]);
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for package in packages() {
        let manifest = fs::read_to_string(text(&package["manifest_path"])).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true\n"),
            "{} sets lints of its own",
            package["name"]
        );
    }
}

#[test]
fn client_is_bound_by_the_version_of_wasm_bindgen_it_is_built_with() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let versions = |name: &str| -> Vec<String> {
        let entry = format!("name = \"{name}\"\nversion = \"");
        lock.match_indices(&entry)
            .map(|(at, _)| {
                lock[at + entry.len()..]
                    .chars()
                    .take_while(|c| *c != '"')
                    .collect()
            })
            .collect()
    };
    assert_eq!(versions("wasm-bindgen").len(), 1);
    assert_eq!(
        versions("wasm-bindgen"),
        versions("wasm-bindgen-cli-support")
    );
}

#[test]
fn every_source_file_is_part_of_a_target() {
    for package in packages() {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().unwrap();
        let mut there = BTreeSet::new();
        for sources in ["src", "tests", "benches", "examples"] {
            rust_files_below(&folder.join(sources), &mut there);
        }
        let mut reached = BTreeSet::new();
        for target in list(&package["targets"]) {
            reach(Path::new(text(&target["src_path"])), true, &mut reached);
        }
        let forgotten: Vec<_> = there.difference(&reached).collect();
        assert!(forgotten.is_empty(), "no `mod` leads to {forgotten:?}");
    }
}

#[test]
fn committed_text_names_no_folder_of_somebodys_machine() {
    let root = root();
    let mut words: Vec<String> = ["/home/", "/root/", "/Users/", "C:\\Users\\"]
        .map(str::to_owned)
        .into();
    // A checkout in a folder such as `/heqi` has a name too short to mean it.
    words.extend(
        [root.display().to_string()]
            .into_iter()
            .filter(|path| path.matches('/').count() > 1),
    );
    let this_file = Path::new(file!()).file_name().unwrap();
    for file in committed_files() {
        let Ok(content) = fs::read_to_string(root.join(&file)) else {
            continue; // A picture, or deleted since.
        };
        if file.file_name() == Some(this_file) {
            continue;
        }
        for word in &words {
            assert!(
                !content.contains(word.as_str()),
                "{} names {word}",
                file.display()
            );
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn cargo(arguments: &[&str]) -> String {
    output_of(
        Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--locked")
            .current_dir(root()),
    )
}

fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The crates of the workspace as cargo describes them.
fn packages() -> Vec<Value> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version=1"])).unwrap();
    let packages = list(&metadata["packages"]).to_vec();
    assert!(packages.len() > MAY_DEPEND_ON.len(), "{packages:?}");
    packages
}

/// The names of all crates that are compiled into what `selection` selects, itself included.
fn closure(selection: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--edges=normal", "--prefix=none", "--format={p}"];
    let tree = cargo(&[&tree, selection].concat());
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

fn client(feature: &'static str) -> [&'static str; 7] {
    let target = "wasm32-unknown-unknown";
    [
        "--package",
        "heqi-web",
        "--target",
        target,
        "--no-default-features",
        "--features",
        feature,
    ]
}

#[track_caller]
fn assert_disjoint(closure: &BTreeSet<String>, forbidden: &[&str]) {
    let found: Vec<_> = forbidden
        .iter()
        .filter(|name| closure.contains(**name))
        .collect();
    assert!(found.is_empty(), "{found:?} must not be compiled in");
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn rust_files_below(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files_below(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.insert(path);
        }
    }
}

/// Follows `mod name;` from a file; the modules of a crate root lie beside it, those of `foo.rs` in `foo/`, and those
/// of a block `mod bar { … }` one folder deeper. Takes it that the file is formatted.
fn reach(file: &Path, is_crate_root: bool, reached: &mut BTreeSet<PathBuf>) {
    let Ok(source) = fs::read_to_string(file) else {
        return; // Moved in a way not understood here: what it was to reach is then found forgotten.
    };
    reached.insert(file.to_path_buf());
    let below = if is_crate_root {
        file.parent().unwrap().to_path_buf()
    } else {
        file.with_extension("")
    };
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut moved = None;
    for line in source.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let line = line.trim();
        if let Some(path) = line
            .strip_prefix("#[path = \"")
            .and_then(|rest| rest.strip_suffix("\"]"))
        {
            moved = Some(file.parent().unwrap().join(path));
        } else if let Some(name) = module_named_by(line, " {") {
            blocks.push((name.to_owned(), format!("{indent}}}")));
        } else if blocks
            .last()
            .is_some_and(|(_, end)| *end == format!("{indent}{line}"))
        {
            blocks.pop();
        } else if let Some(name) = module_named_by(line, ";") {
            let folder = blocks
                .iter()
                .fold(below.clone(), |folder, (block, _)| folder.join(block));
            let beside = folder.join(format!("{name}.rs"));
            reach(&moved.take().unwrap_or(beside), false, reached);
        }
    }
}

/// The name in a line such as `mod name;` or `pub(crate) mod name {`, by what the line ends with.
fn module_named_by<'a>(line: &'a str, ending: &str) -> Option<&'a str> {
    let rest = match line.strip_prefix("pub") {
        Some(rest) => rest.split_once("mod ")?.1,
        None => line.strip_prefix("mod ")?,
    };
    let name = rest.strip_suffix(ending)?;
    name.bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
        .then_some(name)
}

fn committed_files() -> Vec<PathBuf> {
    let listed = output_of(
        Command::new("git")
            .args(["ls-files", "-z"])
            .current_dir(root()),
    );
    let files: Vec<_> = listed
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect();
    assert!(!files.is_empty());
    files
}

#[test]
fn module_declarations_are_recognised() {
    assert_eq!(module_named_by("mod wire;", ";"), Some("wire"));
    assert_eq!(
        module_named_by("pub(crate) mod wire_2;", ";"),
        Some("wire_2")
    );
    assert_eq!(module_named_by("mod tests {", ";"), None);
    assert_eq!(module_named_by("mod tests {", " {"), Some("tests"));
    assert_eq!(module_named_by("// mod gone;", ";"), None);
}

#[test]
fn file_that_no_module_names_is_not_reached_and_one_in_a_block_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    };
    let root = file(
        "root.rs",
        "mod one {\n    mod two;\n}\nmod three;\n#[path = \"odd.rs\"]\nmod four;\n",
    );
    let mut expected = BTreeSet::from([root.clone()]);
    expected.extend([
        file("one/two.rs", ""),
        file("three.rs", "mod five;\n"),
        file("three/five.rs", ""),
        file("odd.rs", ""),
    ]);
    file("forgotten.rs", "");
    let mut reached = BTreeSet::new();
    reach(&root, true, &mut reached);
    assert_eq!(reached, expected);
}
