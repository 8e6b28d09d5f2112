//! Decides the address of every file of the client and fills in the placeholders. Knows no disk.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};

use super::tree::{self, Files};

/// What wasm-bindgen made of one binary.
pub(crate) struct Bound {
    /// The beginning of its placeholders: `ui` for `ui_js` and `ui_wasm`.
    pub(crate) key: &'static str,
    /// The stem of its files.
    pub(crate) name: &'static str,
    pub(crate) files: Files,
}

const SERVICE_WORKER: &str = "sw.js";

/// Lays out the files of the static folder and the bound binaries; fails on a placeholder that names nothing.
pub(crate) fn lay_out(page: &Files, bound: &[Bound]) -> Result<Files> {
    let mut out = Files::new();
    let mut addresses = place_bound(bound, &mut out)?;
    let named = files_named_by_placeholders(page)?;
    place_named(page, &named, &mut addresses, &mut out)?;

    let fixed: Files = page
        .iter()
        .filter(|(name, _)| !named.contains(*name))
        .map(own)
        .collect();
    let all_sources: Files = out.iter().chain(&fixed).map(own).collect();
    // These depend on all other files, so only files that keep their name may have them.
    addresses.insert("build".to_owned(), tree::hash(&all_sources));
    let listed = all_sources.keys().filter(|name| *name != SERVICE_WORKER);
    let listed: Vec<_> = listed.map(|name| address_of(name)).collect();
    addresses.insert("files".to_owned(), serde_json::to_string(&listed)?);
    for (name, content) in fixed {
        let content = filled(&name, content, &addresses)?;
        out.insert(name, content);
    }
    Ok(out)
}

fn own((name, content): (&String, &Vec<u8>)) -> (String, Vec<u8>) {
    (name.clone(), content.clone())
}

/// The address a browser asks for: the page itself has none but the root.
fn address_of(name: &str) -> String {
    match name {
        "index.html" => "/".to_owned(),
        _ => format!("/{name}"),
    }
}

/// Puts what was made of a binary into one folder with a hash in its name: its files name each other relatively.
fn place_bound(bound: &[Bound], out: &mut Files) -> Result<BTreeMap<String, String>> {
    let mut addresses = BTreeMap::new();
    for Bound { key, name, files } in bound {
        let folder = format!("assets/{key}-{}", tree::hash(files));
        for (kind, file) in [
            ("js", format!("{name}.js")),
            ("wasm", format!("{name}_bg.wasm")),
        ] {
            if !files.contains_key(&file) {
                bail!("wasm-bindgen made no {file}");
            }
            addresses.insert(format!("{key}_{kind}"), format!("/{folder}/{file}"));
        }
        for (file, content) in files {
            out.insert(format!("{folder}/{file}"), content.clone());
        }
    }
    Ok(addresses)
}

/// The files of the page that some placeholder names.
fn files_named_by_placeholders(page: &Files) -> Result<BTreeSet<String>> {
    let mut wanted = BTreeSet::new();
    for (name, content) in page {
        if let Some(text) = template(name, content)? {
            wanted.extend(placeholders(text).map(str::to_owned));
        }
    }
    let named = page.keys().filter(|name| wanted.contains(&key_of(name)));
    Ok(named.cloned().collect())
}

/// Moves the named files to addresses with a hash of their filled-in content; those they name in turn come first.
fn place_named(
    page: &Files,
    named: &BTreeSet<String>,
    addresses: &mut BTreeMap<String, String>,
    out: &mut Files,
) -> Result<()> {
    let mut waiting: Vec<&String> = named.iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut blocked = Vec::new();
        for name in waiting {
            let content = &page[name];
            if let Some(missing) = first_missing(name, content, addresses)? {
                blocked.push((name, missing));
                continue;
            }
            let content = filled(name, content.clone(), addresses)?;
            let hash = tree::hash(&Files::from([(name.clone(), content.clone())]));
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            let place = format!("assets/{stem}-{hash}.{ending}");
            addresses.insert(key_of(name), format!("/{place}"));
            out.insert(place, content);
        }
        if blocked.len() == before {
            let (name, missing) = &blocked[0];
            bail!(
                "app/web/static/{name} names {{{{{missing}}}}}, which is unknown, or known only after it"
            );
        }
        waiting = blocked.into_iter().map(|(name, _)| name).collect();
    }
    Ok(())
}

fn first_missing(
    name: &str,
    content: &[u8],
    addresses: &BTreeMap<String, String>,
) -> Result<Option<String>> {
    let Some(text) = template(name, content)? else {
        return Ok(None);
    };
    let missing = placeholders(text).find(|placeholder| !addresses.contains_key(*placeholder));
    Ok(missing.map(str::to_owned))
}

/// `icons/icon-192.png` is named by `icons_icon_192_png`.
fn key_of(name: &str) -> String {
    name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}

/// The text of a file that may have placeholders; `None` for all others.
fn template<'a>(name: &str, content: &'a [u8]) -> Result<Option<&'a str>> {
    const TEMPLATES: [&str; 5] = ["css", "html", "js", "json", "webmanifest"];
    if !name
        .rsplit_once('.')
        .is_some_and(|(_, ending)| TEMPLATES.contains(&ending))
    {
        return Ok(None);
    }
    let text = std::str::from_utf8(content).with_context(|| format!("{name} is not UTF-8"))?;
    Ok(Some(text))
}

/// The names between two pairs of braces, of lower-case letters, digits and underscores.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once("}}")?;
        let is_name =
            |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
        (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
    })
}

fn filled(name: &str, content: Vec<u8>, addresses: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let Some(text) = template(name, &content)? else {
        return Ok(content);
    };
    let mut result = text.to_owned();
    for placeholder in placeholders(text) {
        let Some(address) = addresses.get(placeholder) else {
            bail!(
                "app/web/static/{name} names {{{{{placeholder}}}}}, which is no file of the client"
            );
        };
        result = result.replace(&format!("{{{{{placeholder}}}}}"), address);
    }
    Ok(result.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    fn bound(wasm: &str) -> Bound {
        let files = files(&[
            ("heqi-ui.js", "import './snippets/a.js'"),
            ("heqi-ui_bg.wasm", wasm),
            ("snippets/a.js", ""),
        ]);
        Bound {
            key: "ui",
            name: "heqi-ui",
            files,
        }
    }

    fn text<'a>(files: &'a Files, name: &str) -> &'a str {
        std::str::from_utf8(&files[name]).unwrap()
    }

    #[test]
    fn page_names_the_hashed_addresses_and_everything_named_is_there() {
        let page = files(&[
            (
                "index.html",
                "<link href={{style_css}}><script src={{boot_js}}></script>{{ui_js}}",
            ),
            ("style.css", "body{}"),
            ("boot.js", "import '{{ui_js}}'"),
            ("icons/icon.svg", "<svg/>"),
        ]);
        let out = lay_out(&page, &[bound("one")]).unwrap();

        let index = text(&out, "index.html");
        assert!(!index.contains("{{"), "{index}");
        for name in out
            .keys()
            .filter(|name| name.ends_with(".css") || name.contains("boot"))
        {
            assert!(name.starts_with("assets/"), "{name}");
            assert!(
                index.contains(&format!("/{name}")),
                "{index} does not name {name}"
            );
        }
        let boot = out.keys().find(|name| name.contains("boot")).unwrap();
        let module = text(&out, boot)
            .strip_prefix("import '/")
            .unwrap()
            .strip_suffix('\'')
            .unwrap();
        assert!(out.contains_key(module), "{module}");
        assert!(out.contains_key(&module.replace("heqi-ui.js", "snippets/a.js")));
        assert_eq!(text(&out, "icons/icon.svg"), "<svg/>");
    }

    #[test]
    fn service_worker_lists_every_file_but_itself() {
        let page = files(&[
            ("index.html", "{{ui_js}}"),
            ("sw.js", "const FILES = {{files}}; // {{build}}"),
        ]);
        let out = lay_out(&page, &[bound("one")]).unwrap();
        let worker = text(&out, "sw.js");
        let list = worker
            .strip_prefix("const FILES = ")
            .unwrap()
            .split_once(';')
            .unwrap()
            .0;
        let listed: BTreeSet<String> = serde_json::from_str(list).unwrap();
        let expected = out
            .keys()
            .filter(|name| *name != "sw.js")
            .map(|name| address_of(name));
        assert_eq!(listed, expected.collect());
        assert!(listed.contains("/"));
    }

    #[test]
    fn changed_binary_changes_its_address_the_build_and_what_names_it() {
        let page = files(&[
            ("index.html", "{{build}} {{boot_js}}"),
            ("boot.js", "{{ui_wasm}}"),
            ("style.css", ""),
        ]);
        let one = lay_out(&page, &[bound("one")]).unwrap();
        let two = lay_out(&page, &[bound("two")]).unwrap();
        let hashed = |out: &Files| {
            out.keys()
                .filter(|name| name.starts_with("assets/"))
                .cloned()
                .collect::<BTreeSet<_>>()
        };
        assert!(hashed(&one).is_disjoint(&hashed(&two)));
        let (build_one, boot_one) = text(&one, "index.html").split_once(' ').unwrap();
        let (build_two, boot_two) = text(&two, "index.html").split_once(' ').unwrap();
        assert_ne!(build_one, build_two);
        assert_ne!(boot_one, boot_two);
        assert!(
            one.contains_key("style.css"),
            "a file nobody names by placeholder keeps its name"
        );
    }

    #[test]
    fn placeholder_that_names_nothing_is_refused_with_the_file_that_has_it() {
        let page = files(&[("index.html", "{{style_css}}")]);
        let error = lay_out(&page, &[bound("one")]).unwrap_err().to_string();
        assert!(error.contains("index.html names {{style_css}}"), "{error}");
    }

    #[test]
    fn files_that_name_each_other_in_a_circle_are_refused() {
        let page = files(&[
            ("index.html", "{{a_js}}"),
            ("a.js", "{{b_js}}"),
            ("b.js", "{{a_js}}"),
        ]);
        let error = lay_out(&page, &[bound("one")]).unwrap_err().to_string();
        assert!(error.contains("a.js names {{b_js}}"), "{error}");
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        let page = files(&[("index.html", "{{ui_js}} {{ x }} {{}} }}{{A}}")]);
        let out = lay_out(&page, &[bound("one")]).unwrap();
        assert!(text(&out, "index.html").ends_with(" {{ x }} {{}} }}{{A}}"));
    }
}
