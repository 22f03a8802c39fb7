//! An RSA signature: PKCS #1 version 1.5 (RFC 8017, 8.2.2) with SHA-256, a modulus of 2048 bits and exponent 65537.

use crate::mix;
use crypto_bigint::{
    Odd, U64, U2048,
    modular::{FixedMontyForm, FixedMontyParams},
};

/// What is signed.
const MESSAGE: &[u8] = b"tallow bench";
const MODULUS: &str = "\
     bc9db9535a7b821d75300f117ada1388f5f109c1963f0f354437f22879b3828efec0f7c2bcaa80826bc7061bf5c219a0\
     46e283c6a595e1112b53240df36eb754d019ab0ee42adef51e232c2bb5f1db8a648e07e5c2e1bc68bd7bede4b7d4ef1f\
     2d99bd21418b7ca661561dfa91b179118ef644cdd76c30462843f53496e74706a729e9c5aa8759a379bf6991809776b9\
     ce2be99b97c60b383369601ce66f616faa7c91cfd44ac1fb71b5fcf8259d7102764f7bd9a92d51c84427021e284867a7\
     7aa750f84215dc0de8262fd85fcea98cae0b20ce88a380712babce41fb4ccd5500480449095f0a9946e457dc85d8a5e8\
     8b1765d34c7efc2acb3199ccf18a0a95";
const SIGNATURE: &str = "\
     5129b7cc0ac6cf43bf8b0a1cdda95e61ede4c763040eada4688ba51b997912c30c8520bba2471261c7068fa872dcd775\
     b8dacde6563c787ee72e8a6982b22b8ea24e128dbe9a8b756ed4775382e7ac6b9a7da9950e60808fd0ac33ae05cac470\
     f141cecf7e393183f0cd2f89182dc0c0d7778551df8693fe64d963941df608b567096ec0e3416dc70602e4ce887d3b8c\
     66edfe5ad4fc99dad6a53bca6752b7f9aec6acec5962f9aca108046a132db510d0361db539255dfc7cce41b2f4a8207e\
     249d4d927af1418e7b9de540270414afea0cfb48caf44a5fe6bcafcca35d819190e97413743e7652eec5d334eae6403c\
     82bf812e27f2f7708996dca09d982045";
const EXPONENT: U64 = U64::from_u64(65_537);
const BYTES: usize = 256;
/// The encoding of a SHA-256 `DigestInfo` up to the digest (RFC 8017, 9.2, note 1).
const DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

fn encoded(digest: &[u8]) -> [u8; BYTES] {
    let mut block = [0xff; BYTES];
    let info = BYTES - DIGEST_INFO.len() - digest.len();
    (block[0], block[1], block[info - 1]) = (0, 1, 0);
    block[info..][..DIGEST_INFO.len()].copy_from_slice(&DIGEST_INFO);
    block[BYTES - digest.len()..].copy_from_slice(digest);
    block
}

/// Verifies a good signature and a bad one.
pub(crate) fn verify(seed: u64) -> u64 {
    let modulus = Odd::new(U2048::from_be_hex(MODULUS)).expect("the modulus is odd");
    let parameters = FixedMontyParams::new_vartime(modulus);
    let expected = U2048::from_be_slice(&encoded(&hmac_sha256::Hash::hash(MESSAGE)));
    let good = U2048::from_be_hex(SIGNATURE);
    let bad = good.wrapping_sub(&U2048::from_u64(seed | 1));
    let valid = |signature: &U2048| {
        let power = FixedMontyForm::new(signature, &parameters).pow_vartime(&EXPONENT).retrieve();
        u64::from(power == expected)
    };
    mix(valid(&good), valid(&bad))
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_of_two_signatures_is_valid() {
        assert_eq!(super::verify(1), crate::mix(1, 0));
    }
}
