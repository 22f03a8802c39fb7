//! Lent storage: a library that a contract delegates to wants what the contract did not lend.

use crate::scene::{Scene, call, deploy, module, stranger};
use tallow_client::{Client, CommandDraft, Keypair};
use tallow_types::{AccountId, Action, CallError, CodeHash, Query, QueryResult, SecretValue};

const SECRET: &[u8] = b"the password of the house";

/// Delegates to the code that its input names, with the rest of the input, and passes on what that returns.
fn lender() -> Vec<u8> {
    module(
        r#"(import "seal0" "delegate_call" (func $delegate (param i32 i32 i32 i32 i32 i32) (result i32)))
           (import "seal0" "input" (func $input (param i32 i32)))
           (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
           (func (export "deploy"))
           (func (export "call")
             (i32.store (i32.const 0) (i32.const 4000))
             (call $input (i32.const 1000) (i32.const 0))
             (i32.store (i32.const 8) (i32.const 4000))
             (i32.store (i32.const 16384) (call $delegate (i32.const 0) (i32.const 1000) (i32.const 1032)
               (i32.sub (i32.load (i32.const 0)) (i32.const 32)) (i32.const 16388) (i32.const 8)))
             (call $return (i32.const 0) (i32.const 16384)
               (select (i32.const 4) (i32.add (i32.const 4) (i32.load (i32.const 8))) (i32.load (i32.const 16384)))))"#,
    )
}

/// As the delegate: sets the lender's code to the one that its input names, and calls the lender. As the lender's code:
/// reads the secret.
fn thief() -> Vec<u8> {
    module(
        r#"(import "seal0" "set_code_hash" (func $set (param i32) (result i32)))
           (import "seal1" "call" (func $call (param i32 i32 i64 i32 i32 i32 i32 i32) (result i32)))
           (import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
           (import "seal0" "address" (func $address (param i32 i32)))
           (import "seal0" "input" (func $input (param i32 i32)))
           (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
           (data (i32.const 300) "\14HOUSE")
           (func (export "deploy"))
           (func (export "call")
             (i32.store (i32.const 0) (i32.const 4000))
             (call $input (i32.const 1000) (i32.const 0))
             (i32.store (i32.const 8) (i32.const 4000))
             (if (i32.eqz (i32.load (i32.const 0))) (then
               (drop (call $extension (i32.const 0x10010) (i32.const 300) (i32.const 6) (i32.const 16384) (i32.const 8)))
               (call $return (i32.const 0) (i32.const 16384) (i32.load (i32.const 8)))))
             (if (i32.eq (i32.load (i32.const 0)) (i32.const 1)) (then
               (drop (call $extension (i32.const 4) (i32.const 400) (i32.const 1) (i32.const 16384) (i32.const 8)))
               (call $return (i32.const 0) (i32.const 16384) (i32.load (i32.const 8)))))
             (i32.store (i32.const 4) (i32.const 32))
             (call $address (i32.const 500) (i32.const 4))
             (drop (call $set (i32.const 1000)))
             (drop (call $call (i32.const 8) (i32.const 500) (i64.const 0) (i32.const 600) (i32.const 0) (i32.const 0)
               (i32.const 16384) (i32.const 8)))
             (call $return (i32.const 0) (i32.const 16384) (i32.load (i32.const 8))))"#,
    )
}

/// Reads its secret, in a message of its own.
fn keeper() -> Vec<u8> {
    module(
        r#"(import "seal0" "call_chain_extension" (func $extension (param i32 i32 i32 i32 i32) (result i32)))
           (import "seal0" "seal_return" (func $return (param i32 i32 i32)))
           (data (i32.const 300) "\14HOUSE")
           (func (export "deploy"))
           (func (export "call")
             (i32.store (i32.const 8) (i32.const 4000))
             (drop (call $extension (i32.const 0x10010) (i32.const 300) (i32.const 6) (i32.const 16384) (i32.const 8)))
             (call $return (i32.const 0) (i32.const 16384) (i32.load (i32.const 8))))"#,
    )
}

async fn ask(client: &Client, caller: &Keypair, contract: AccountId, input: Vec<u8>) -> Result<Vec<u8>, CallError> {
    let query = Query::Call { contract, input, value: 0, gas_limit: 0, estimate: false };
    match client.query(caller, query).await.unwrap().result {
        QueryResult::Called { result, .. } => result.map(|output| output.data),
        other => panic!("{other:?}"),
    }
}

async fn with_secret(client: &Client, owner: &Keypair, wasm: Vec<u8>) -> AccountId {
    let contract = deploy(client, owner, wasm).await.contract.unwrap();
    let value = SecretValue(SECRET.to_vec());
    let set = Action::SetSecret { contract, name: "HOUSE".to_owned(), value };
    client.command(owner, CommandDraft::new(set)).await.unwrap().outcome.result.unwrap();
    contract
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn lent_storage_lends_no_secret_and_no_key() {
    let scene = Scene::start(&[]);
    scene.runtime.block_on(async {
        let (client, owner, thief_key) = (scene.client().await, Keypair::from_uri("//Alice").unwrap(), stranger());
        let lender = with_secret(&client, &owner, lender()).await;
        let code: CodeHash = client.upload_code(&thief_key, thief()).await.unwrap();

        let attacks = [
            ("the library reads", code.0.to_vec()),
            ("the library derives the key", [&code.0[..], &[0]].concat()),
            ("the library becomes the contract", [&code.0[..], &code.0].concat()),
        ];
        for (what, input) in attacks {
            let got = ask(&client, &thief_key, lender, input.clone()).await;
            let stolen = got.as_ref().is_ok_and(|data| contains(data, SECRET) || data.len() > 64);
            assert!(!stolen, "{what}: {got:?}");
            let receipt = call(&client, &thief_key, lender, input).await.unwrap();
            let left = receipt.outcome.result.as_ref().is_ok_and(|output| contains(&output.data, SECRET));
            assert!(!left, "{what}, as a command");
        }
        let record = client.query(&owner, Query::Contract(lender)).await.unwrap();
        assert!(!format!("{record:?}").contains(&code.to_string()), "the contract still has its code");

        // Its owner's contract reads its own, as before.
        let keeper = with_secret(&client, &owner, keeper()).await;
        assert!(contains(&ask(&client, &thief_key, keeper, vec![]).await.unwrap(), SECRET));
    });
}
