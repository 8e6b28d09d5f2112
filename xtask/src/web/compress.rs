//! Writes files together with their brotli and gzip forms, so that the relay never compresses.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context as _, Result};

use super::tree::Files;

/// How hard to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Best,
}

impl Effort {
    fn brotli(self) -> u32 {
        match self {
            Self::Quick => 4,
            Self::Best => 11,
        }
    }

    fn gzip(self) -> flate2::Compression {
        match self {
            Self::Quick => flate2::Compression::fast(),
            Self::Best => flate2::Compression::best(),
        }
    }
}

/// Bytes of a file as it is and compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) plain: usize,
    pub(crate) brotli: usize,
}

/// Sizes by file name, of those files that are compressed.
pub(crate) type Sizes = BTreeMap<String, Size>;

/// Writes `files` into the folder `out` with `.br` and `.gz` beside each that gains from it.
///
/// What lies in `earlier`, unchanged, is taken from there: the best compression takes seconds.
pub(crate) fn write(out: &Path, files: &Files, earlier: &Path, effort: Effort) -> Result<Sizes> {
    let waiting = Mutex::new(files.iter());
    let sizes = Mutex::new(Sizes::new());
    let work = || -> Result<()> {
        loop {
            let Some((name, content)) = waiting.lock().expect(UNPOISONED).next() else {
                return Ok(());
            };
            if let Some(size) = write_one(out, name, content, earlier, effort)
                .with_context(|| format!("cannot write {name} of the client"))?
            {
                sizes.lock().expect(UNPOISONED).insert(name.clone(), size);
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        let done = workers
            .into_iter()
            .map(|worker| worker.join().expect("the work does not panic"));
        done.collect::<Result<()>>()
    })?;
    Ok(sizes.into_inner().expect(UNPOISONED))
}

const UNPOISONED: &str = "no thread panics while it holds the lock";

fn write_one(
    out: &Path,
    name: &str,
    content: &[u8],
    earlier: &Path,
    effort: Effort,
) -> Result<Option<Size>> {
    let file = out.join(name);
    fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
    fs::write(&file, content)?;
    if !gains(name) {
        return Ok(None);
    }
    let unchanged = fs::read(earlier.join(name)).is_ok_and(|old| old == content);
    let kept = |ending: &str| {
        let old = earlier.join(format!("{name}.{ending}"));
        unchanged.then(|| fs::read(old).ok()).flatten()
    };
    let brotli = match kept("br") {
        Some(bytes) => bytes,
        None => brotli(content, effort)?,
    };
    let gzip = match kept("gz") {
        Some(bytes) => bytes,
        None => gzip(content, effort)?,
    };
    fs::write(out.join(format!("{name}.br")), &brotli)?;
    fs::write(out.join(format!("{name}.gz")), gzip)?;
    Ok(Some(Size {
        plain: content.len(),
        brotli: brotli.len(),
    }))
}

/// Pictures and fonts are compressed already.
fn gains(name: &str) -> bool {
    const TEXT: [&str; 9] = [
        "css",
        "ftl",
        "html",
        "js",
        "json",
        "svg",
        "txt",
        "wasm",
        "webmanifest",
    ];
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| TEXT.contains(&ending))
}

fn brotli(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    const BUFFER_BYTES: usize = 64 * 1024;
    const WINDOW_BITS: u32 = 22;
    let mut writer =
        brotli::CompressorWriter::new(Vec::new(), BUFFER_BYTES, effort.brotli(), WINDOW_BITS);
    writer.write_all(content)?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), effort.gzip());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn compressed_forms_open_to_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let text = "the tally fits ".repeat(500).into_bytes();
        let files = Files::from([
            ("a/app.js".into(), text.clone()),
            ("icon.png".into(), vec![1, 2, 3]),
        ]);
        let sizes = write(folder.path(), &files, Path::new("nowhere"), Effort::Best).unwrap();

        assert_eq!(sizes.keys().collect::<Vec<_>>(), ["a/app.js"]);
        assert!(sizes["a/app.js"].brotli < text.len() / 10);
        let mut opened = Vec::new();
        let packed = fs::read(folder.path().join("a/app.js.br")).unwrap();
        brotli::Decompressor::new(packed.as_slice(), 4096)
            .read_to_end(&mut opened)
            .unwrap();
        assert_eq!(opened, text);
        opened.clear();
        let packed = fs::read(folder.path().join("a/app.js.gz")).unwrap();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut opened)
            .unwrap();
        assert_eq!(opened, text);
        assert!(!folder.path().join("icon.png.br").exists());
    }

    #[test]
    fn compressed_form_of_an_unchanged_file_is_taken_over_and_of_a_changed_one_is_not() {
        let earlier = tempfile::tempdir().unwrap();
        for name in ["same.js", "changed.js"] {
            fs::write(earlier.path().join(name), "old").unwrap();
            fs::write(earlier.path().join(format!("{name}.br")), "kept").unwrap();
        }
        let out = tempfile::tempdir().unwrap();
        let files = Files::from([
            ("same.js".into(), b"old".into()),
            ("changed.js".into(), b"new".into()),
        ]);
        write(out.path(), &files, earlier.path(), Effort::Quick).unwrap();
        assert_eq!(fs::read(out.path().join("same.js.br")).unwrap(), b"kept");
        assert_ne!(fs::read(out.path().join("changed.js.br")).unwrap(), b"kept");
    }
}
