//! Published documents of real hardware. They are not of this project, and lie beside it, in `shared/evidence`. Where
//! there is no `shared`, tests say that they were left out; where there is one without them, they fail.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tallow_evidence::{Collateral, Examined, Input, Kind, Unreadable, examine, parse_time};

/// A document with what judges it, and a time at which all of it is valid.
pub(crate) struct Sample {
    pub(crate) kind: Kind,
    pub(crate) content: Vec<u8>,
    pub(crate) collateral: Collateral,
    pub(crate) at_s: u64,
}

impl Sample {
    pub(crate) fn examine(&self) -> Result<Examined, Unreadable> {
        self.examine_as(&Input::read(&self.content, None)?.document)
    }

    /// Another document in the place of this one.
    pub(crate) fn examine_as(&self, document: &[u8]) -> Result<Examined, Unreadable> {
        examine(self.kind, document, &self.collateral, self.at_s)
    }

    pub(crate) fn document(&self) -> Vec<u8> {
        Input::read(&self.content, None).unwrap().document
    }
}

static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/evidence");
    let folder = std::env::var_os("TALLOW_SAMPLES_DIR").map_or(folder, PathBuf::from);
    let beside = folder.parent().is_some_and(Path::is_dir);
    assert!(folder.is_dir() || !beside, "{} is missing", folder.display());
    beside.then_some(folder)
});

/// The samples' folder, where there is one.
#[allow(clippy::print_stdout, reason = "what is left out is said")]
pub(crate) fn folder() -> Option<&'static Path> {
    if FOLDER.is_none() {
        println!("left out: the sample documents are not on this machine");
    }
    FOLDER.as_deref()
}

fn file(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(folder()?.join(name)).unwrap())
}

fn at(time: &str) -> u64 {
    parse_time(time).unwrap()
}

pub(crate) fn sgx() -> Option<Sample> {
    dcap(Kind::Sgx, "sgx/quote_v3.bin", "sgx/quote_v3_collateral.json", "2025-07-01T00:00:00Z")
}

pub(crate) fn tdx() -> Option<Sample> {
    dcap(Kind::Tdx, "tdx/quote_v4.bin", "tdx/quote_v4_collateral.json", "2025-07-01T00:00:00Z")
}

fn dcap(kind: Kind, document: &str, collateral: &str, time: &str) -> Option<Sample> {
    let collateral = Collateral { files: vec![file(collateral)?], certificates: Vec::new() };
    Some(Sample { kind, content: file(document)?, collateral, at_s: at(time) })
}

/// Without collateral: nobody published any.
pub(crate) fn tdx_v5() -> Option<Sample> {
    let content = file("tdx/quote_v5.bin")?;
    Some(Sample { kind: Kind::Tdx, content, collateral: Collateral::default(), at_s: at("2025-07-01T00:00:00Z") })
}

pub(crate) fn snp() -> Option<Sample> {
    let collateral = Collateral { files: Vec::new(), certificates: vec![file("snp/vcek_milan.der")?] };
    Some(Sample {
        kind: Kind::Snp,
        content: file("snp/report_milan.hex")?,
        collateral,
        at_s: at("2026-01-01T00:00:00Z"),
    })
}

/// As of the document's own time, since its certificates live for hours.
pub(crate) fn nitro() -> Option<Sample> {
    let content = file("nitro/document.bin")?;
    let collateral = Collateral::default();
    let sample = Sample { kind: Kind::Nitro, content, collateral, at_s: 0 };
    let examined = sample.examine().unwrap();
    let issued = examined.fields.iter().find(|field| field.name == "issued").unwrap();
    Some(Sample { at_s: at(&issued.value) + 1, ..sample })
}

pub(crate) fn all() -> impl Iterator<Item = Sample> {
    [sgx(), tdx(), snp(), nitro()].into_iter().flatten()
}
