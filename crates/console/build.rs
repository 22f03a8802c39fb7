//! Embeds the built console (`console/dist`, made by `cargo xtask web --build`), each file as it is and compressed. It
//! holds code of others and is therefore not in the repository; without it a page of our own says how to build it.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files of these types are served; a file of another type is an error, so that none is forgotten.
const TYPES: [(&str, &str); 5] = [
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
];
/// Where the build puts files whose names have a hash of their content.
const HASHED: &str = "/assets/";

fn main() -> io::Result<()> {
    // Relative to the package, in which Cargo runs this, since clones that share a target directory share what is said here.
    let console = Path::new("../../console");
    let built = console.join("dist");
    let found = built.join("index.html").is_file();
    let source = if found { built.clone() } else { PathBuf::from("missing") };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", source.display());
    if !found {
        // Cargo takes a missing folder for a changed one each time: watch the one in which it would appear.
        println!("cargo::rerun-if-changed={}", if built.is_dir() { built.display() } else { console.display() });
    }
    let mut files = Vec::new();
    list(&source, &mut files)?;
    files.sort();
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut code = File::create(out.join("files.rs"))?;
    writeln!(code, "pub(crate) const BUILT: bool = {found};\npub(crate) static FILES: &[File] = &[")?;
    for (number, file) in files.iter().enumerate() {
        writeln!(code, "    {},", embed(&source, file, &out.join(number.to_string()))?)?;
    }
    writeln!(code, "];")
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The expression of one file, whose two forms are put at `out`.
fn embed(source: &Path, file: &Path, out: &Path) -> io::Result<String> {
    let (plain, compressed) = (out.with_extension("plain"), out.with_extension("gz"));
    let content = fs::read(file)?;
    fs::write(&plain, &content)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&content)?;
    fs::write(&compressed, gzip.finish()?)?;
    let name = file.strip_prefix(source).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
    let path = if name == "index.html" { "/".to_owned() } else { format!("/{name}") };
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    let media = TYPES.iter().find(|(known, _)| *known == extension);
    let (_, media) = media.ok_or_else(|| io::Error::other(format!("{name}: a file of unknown type")))?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    Ok(format!(
        "File {{ path: {path:?}, media: {media:?}, tag: \"\\\"{:016x}\\\"\", immutable: {}, \
         plain: include_bytes!({:?}), gzip: include_bytes!({:?}) }}",
        hasher.finish(),
        path.starts_with(HASHED),
        plain,
        compressed,
    ))
}
