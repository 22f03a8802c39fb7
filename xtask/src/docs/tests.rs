use super::{errors, limits};

#[test]
fn limits_are_calculated_and_shown_in_their_units() {
    let source = "\
/// Bytes of a thing.
/// More of it.
pub const A_BYTES_MAX: usize = 2 * B_BYTES + 4 * 1024;
/// Other bytes.
pub const B_BYTES: usize = 1024 * 1024;

/// Time.
pub const C_MS: u64 = 60 * 1_000;
/// A count.
pub const D: u64 = 1_234_567 + B_BYTES as u64 / 1024;
";
    let strangers = "own = ['A_BYTES_MAX', 'C_MS']\ninner = ['D']\n[shared]\nB_BYTES = 'half'";
    let page = limits::page(source, strangers).unwrap();
    assert!(page.contains("| `A_BYTES_MAX` | 2 052 KiB | Bytes of a thing. More of it. | its own |\n"), "{page}");
    assert!(page.contains("| `B_BYTES` | 1 MiB | Other bytes. | half |\n\n| limit |"), "{page}");
    assert!(page.contains("| `C_MS` | 1 min | Time. | its own |\n"), "{page}");
    assert!(page.contains("| `D` | 1 235 591 | A count. | nothing |\n"), "{page}");
    let none = "own = []\ninner = []\n[shared]";
    assert!(limits::page("pub const A: u64 = f(2);", none).is_err(), "what cannot be calculated is an error");
}

#[test]
fn each_limit_says_once_what_a_stranger_can_take_of_it() {
    let page = |strangers: &str| limits::page("/// A.\npub const A: u64 = 2;\n", strangers);
    page("own = ['A']\ninner = []\n[shared]").unwrap();
    for wrong in [
        "own = []\ninner = []\n[shared]",
        "own = ['A']\ninner = ['A']\n[shared]",
        "own = ['A', 'B']\ninner = []\n[shared]",
    ] {
        assert!(page(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn variants_are_read_with_their_comments_and_messages() {
    let source = "\
pub enum Other {
    /// No.
    No,
}
pub enum Wanted {
    /// First,
    /// in two lines.
    #[error(\"it failed: {0}\")]
    Failed(String),
    /// Second.
    #[error(\"behind {height}\")]
    Behind {
        /// Not a variant.
        height: u64,
    },
}
";
    let variants = errors::variants(source, "Wanted").unwrap();
    let found: Vec<_> = variants.iter().map(|v| (v.name, v.message, v.comment.as_str())).collect();
    assert_eq!(found, [("Failed", "it failed: {0}", "First, in two lines."), ("Behind", "behind {height}", "Second.")]);
    assert!(errors::variants(source, "Absent").is_err());
}

#[test]
fn the_pages_can_be_made() {
    for page in super::PAGES {
        assert!((page.make)().unwrap().len() > 1_000, "{}", page.path);
    }
}
