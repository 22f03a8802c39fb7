//! PEM as quotes have it: no signature covers line breaks, so only one way to write them counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----\n";
const END: &str = "-----END CERTIFICATE-----\n";
/// Characters of a line (RFC 7468, section 3).
const LINE: usize = 64;

/// The certificates in DER; `None` unless the text is what encoding them anew gives, with or without a last line break
/// and a zero byte after it.
pub(super) fn read(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text = std::str::from_utf8(text).ok()?;
    let blocks: Option<Vec<Vec<u8>>> = text.split(BEGIN).skip(1).map(block).collect();
    let blocks = blocks?;
    let spelled: String = blocks.iter().map(|der| write(der)).collect();
    let plain = [spelled.trim_end(), &spelled].iter().any(|spelled| text == *spelled || text == format!("{spelled}\0"));
    plain.then_some(blocks)
}

fn block(text: &str) -> Option<Vec<u8>> {
    let (body, _) = text.split_once(END.trim_end())?;
    STANDARD.decode(body.replace('\n', "")).ok()
}

fn write(der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let lines = digits.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    [BEGIN.to_owned(), lines.collect(), END.to_owned()].concat()
}
