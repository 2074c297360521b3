//! Lists the case files and the catalogue, so that the binary carries them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=.");
    let mut cases = Vec::new();
    for entry in sorted(&root) {
        let name = entry
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_topic = !matches!(name.as_str(), "src" | "tests" | "requirements" | "target");
        if entry.is_dir() && is_topic && !name.starts_with('.') {
            json_files(&entry, &mut cases);
        }
    }
    let mut requirements = Vec::new();
    json_files(&root.join("requirements"), &mut requirements);

    let mut code = String::new();
    for (name, files) in [("CASE_FILES", cases), ("REQUIREMENT_FILES", requirements)] {
        let _ = writeln!(code, "pub(crate) const {name}: &[(&str, &str)] = &[");
        for file in files {
            let relative = file.strip_prefix(&root).unwrap_or(&file);
            let _ = writeln!(code, "    ({relative:?}, include_str!({file:?})),");
        }
        let _ = writeln!(code, "];");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default());
    if let Err(error) = std::fs::write(out.join("files.rs"), code) {
        println!("cargo::error=cannot write the list of case files: {error}");
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    entries
}

fn json_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in sorted(folder) {
        if entry.is_dir() {
            json_files(&entry, files);
        } else if entry.extension().is_some_and(|end| end == "json") {
            files.push(entry);
        }
    }
}
