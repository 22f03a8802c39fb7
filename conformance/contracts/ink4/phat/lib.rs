//! A Phat contract: everything that `pink` 0.4.1 offers to a contract.
#![cfg_attr(not(feature = "std"), no_std, no_main)]

extern crate alloc;

#[pink::contract(env = PinkEnvironment)]
#[pink(inner = ink::contract)]
mod phat {
    use alloc::{string::String, vec, vec::Vec};
    use pink::{
        chain_extension::{
            pink_extension_instance as ext, HttpRequest, JsCode, JsValue, SigType, StorageQuotaExceeded,
        },
        PinkEnvironment,
    };

    #[ink(storage)]
    pub struct Phat {
        seed: Vec<u8>,
    }

    impl Phat {
        #[ink(constructor)]
        pub fn new(seed: Vec<u8>) -> Self {
            pink::info!("made from {} bytes", seed.len());
            Self { seed }
        }

        /// Status and body.
        #[ink(message)]
        pub fn get(&self, url: String) -> (u16, String, Vec<u8>) {
            let response = pink::http_get!(url);
            (response.status_code, response.reason_phrase, response.body)
        }

        #[ink(message)]
        pub fn post(&self, url: String, body: Vec<u8>) -> (u16, Vec<(String, String)>) {
            let headers = vec![("X-Purpose".into(), "test".into())];
            let response = pink::http_post!(url, body, headers);
            (response.status_code, response.headers)
        }

        /// The status of each, 0 for one that failed.
        #[ink(message)]
        pub fn batch(&self, urls: Vec<String>) -> Result<Vec<u16>, String> {
            let requests = urls.into_iter().map(|url| HttpRequest::new(url, "GET", vec![], vec![])).collect();
            let results = ext().batch_http_request(requests, 10_000);
            match results {
                Ok(results) => Ok(results.into_iter().map(|result| result.map_or(0, |r| r.status_code)).collect()),
                Err(error) => Err(alloc::format!("{error:?}")),
            }
        }

        /// Derives a key from the seed; public keys of each type from it.
        #[ink(message)]
        pub fn keys(&self) -> (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>) {
            let secret = ext().derive_sr25519_key((&self.seed[..]).into());
            let public = |kind, key: &[u8]| ext().get_public_key(kind, key);
            let short = &secret[..32];
            let (ed, sr, ec) =
                (public(SigType::Ed25519, short), public(SigType::Sr25519, &secret), public(SigType::Ecdsa, short));
            (secret, ed, sr, ec)
        }

        /// Signs with each type and verifies; then verifies another message.
        #[ink(message)]
        pub fn signatures(&self, message: Vec<u8>) -> Vec<(bool, bool)> {
            let secret = ext().derive_sr25519_key((&self.seed[..]).into());
            let check = |kind: fn() -> SigType, key: &[u8]| {
                let public = ext().get_public_key(kind(), key);
                let signature = ext().sign(kind(), key, &message);
                (
                    ext().verify(kind(), &public, &message, &signature),
                    ext().verify(kind(), &public, b"other", &signature),
                )
            };
            vec![
                check(|| SigType::Ed25519, &secret[..32]),
                check(|| SigType::Sr25519, &secret),
                check(|| SigType::Ecdsa, &secret[..32]),
            ]
        }

        #[ink(message)]
        pub fn prehashed(&self, hash: [u8; 32]) -> bool {
            let secret = ext().derive_sr25519_key((&self.seed[..]).into());
            let public = ext().get_public_key(SigType::Ecdsa, &secret[..32]);
            let signature = ext().ecdsa_sign_prehashed(&secret[..32], hash);
            public.try_into().is_ok_and(|public| ext().ecdsa_verify_prehashed(signature, hash, public))
        }

        #[ink(message)]
        pub fn remember(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), StorageQuotaExceeded> {
            ext().cache_set(&key, &value)
        }

        #[ink(message)]
        pub fn recall(&self, key: Vec<u8>) -> Option<Vec<u8>> {
            ext().cache_get(&key)
        }

        #[ink(message)]
        pub fn forget(&mut self, key: Vec<u8>) -> Option<Vec<u8>> {
            ext().cache_set_expiration(&key, 10);
            ext().cache_remove(&key)
        }

        #[ink(message)]
        pub fn random(&self, length: u8) -> Vec<u8> {
            ext().getrandom(length)
        }

        #[ink(message)]
        pub fn vrf(&self, salt: Vec<u8>) -> Vec<u8> {
            pink::vrf(&salt)
        }

        #[ink(message)]
        pub fn log_all(&self, text: String) {
            pink::error!("{text}");
            pink::warn!("{text}");
            pink::info!("{text}");
            pink::debug!("{text}");
            pink::trace!("{text}");
        }

        #[ink(message)]
        pub fn where_am_i(&self) -> (bool, [u8; 32], u64, (u32, u32)) {
            (
                ext().is_in_transaction(),
                ext().worker_pubkey(),
                ext().untrusted_millis_since_unix_epoch(),
                ext().runtime_version(),
            )
        }

        #[ink(message)]
        pub fn balance_of(&self, account: AccountId) -> (Balance, Balance) {
            ext().balance_of(account)
        }

        #[ink(message)]
        pub fn code_exists(&self, code: [u8; 32], sidevm: bool) -> bool {
            ext().code_exists(code, sidevm)
        }

        #[ink(message)]
        pub fn system_contract(&self) -> AccountId {
            ext().system_contract_id()
        }

        /// By name, from the system contract.
        #[ink(message)]
        pub fn driver(&self, name: String) -> Option<AccountId> {
            let system = pink::system::SystemRef::instance();
            system.get_driver(name)
        }

        #[ink(message)]
        pub fn js(&self, source: String) -> Result<String, String> {
            match ext().js_eval(vec![JsCode::Source(source)], vec![]) {
                JsValue::String(text) => Ok(text),
                other => Err(alloc::format!("{other:?}")),
            }
        }

        #[ink(message)]
        pub fn quote(&self) -> bool {
            ext().worker_sgx_quote().is_some()
        }
    }
}
