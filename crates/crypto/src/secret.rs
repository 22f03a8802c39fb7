//! Secrets: wiped when dropped, neither printed nor copied.

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A secret. It has no `Debug`, `Clone`, `PartialEq` or encoding, on purpose: what leaves it, leaves it by
/// [`Secret::expose`], which can be searched for.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes charge of a secret.
    pub const fn new(secret: T) -> Self {
        Self(secret)
    }

    /// The secret itself.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<const N: usize> Secret<[u8; N]> {
    /// A fresh random secret.
    pub fn random() -> Self {
        Self(crate::random_bytes())
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> zeroize::ZeroizeOnDrop for Secret<T> {}

/// Whether two byte strings are equal, in time that depends only on their lengths.
pub fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
