//! What nodes are asked, word for word.

use super::host::{run, Log};
use crate::evm::{abi, Address, Block, Call, Error, Fees, Receipt, Rpc};

fn rpc() -> Rpc {
    Rpc::new("http://node/")
}

/// The body of the only request, and what the code makes of this result.
fn asked<T>(result: &str, code: impl Fn() -> T) -> (String, T) {
    let mut log = Log::new();
    let Err(external) = run(1, &mut log, &code) else { panic!("nothing was asked") };
    let [request] = &external.requests[..] else { panic!("one request") };
    assert_eq!((&request.0[..], &request.1[..]), ("http://node/", "POST"));
    assert_eq!(request.2, [("Content-Type".to_owned(), "application/json".to_owned())]);
    let body = String::from_utf8(request.3.clone()).expect("text");
    let answer = format!(r#"{{"jsonrpc":"2.0","id":1,{result}}}"#).into_bytes();
    log.push((external, vec![Ok((200, "OK".into(), vec![], answer))]));
    match run(1, &mut log, code) {
        Ok(done) => (body, done),
        Err(other) => panic!("another call: {other:?}"),
    }
}

fn question(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
}

#[test]
fn questions_and_answers() {
    let account = Address([0x11; 20]);
    let who = r#""0x1111111111111111111111111111111111111111""#;
    assert_eq!(asked(r#""result":"0x7a69""#, || rpc().chain_id()), (question("eth_chainId", "[]"), Ok(31_337)));
    assert_eq!(asked(r#""result":"0x10""#, || rpc().block_number()), (question("eth_blockNumber", "[]"), Ok(16)));
    assert_eq!(
        asked(r#""result":"0x3b9aca00""#, || rpc().gas_price()),
        (question("eth_gasPrice", "[]"), Ok(10_u128.pow(9)))
    );
    let balance = question("eth_getBalance", &format!(r#"[{who},"latest"]"#));
    assert_eq!(asked(r#""result":"0xde0b6b3a7640000""#, || rpc().balance(account)), (balance, Ok(10_u128.pow(18))));
    for (block, text) in [(Block::Pending, "pending"), (Block::Latest, "latest"), (Block::Number(20), "0x14")] {
        let count = question("eth_getTransactionCount", &format!(r#"[{who},"{text}"]"#));
        assert_eq!(asked(r#""result":"0x2""#, || rpc().transaction_count(account, block)), (count, Ok(2)));
    }
}

#[test]
fn calls_and_estimates() {
    let call = Call { to: Address([0x22; 20]), value: 3, data: abi::call("cents()", &[]) };
    let data = ::hex::encode(&call.data);
    let to = format!(r#""to":"0x2222222222222222222222222222222222222222","value":"0x3","data":"0x{data}""#);
    let body = question("eth_call", &format!(r#"[{{{to}}},"latest"]"#));
    assert_eq!(asked(r#""result":"0x002a""#, || rpc().call(&call)), (body, Ok(vec![0, 42])));
    let from = r#""from":"0x1111111111111111111111111111111111111111""#;
    let body = question("eth_estimateGas", &format!("[{{{from},{to}}}]"));
    assert_eq!(asked(r#""result":"0x5208""#, || rpc().estimate_gas(Address([0x11; 20]), &call)), (body, Ok(21_000)));
}

#[test]
fn fees_cover_the_next_blocks_and_the_highest_usual_tip() {
    let history = r#""result":{"oldestBlock":"0x1","baseFeePerGas":["0x64","0xc8","0x12c"],"gasUsedRatio":[0.1,1],
        "reward":[["0x1e8480"],["0x0"]]}"#;
    let expected = Fees { max_fee_per_gas: 2 * 300 + 2_000_000, max_priority_fee_per_gas: 2_000_000 };
    let body = question("eth_feeHistory", r#"["0x4","latest",[50]]"#);
    assert_eq!(asked(history, || rpc().fees()), (body, Ok(expected)));
    let least = Fees { max_fee_per_gas: 1_000_014, max_priority_fee_per_gas: 1_000_000 };
    assert_eq!(asked(r#""result":{"baseFeePerGas":["0x7"]}"#, || rpc().fees()).1, Ok(least), "no rewards");
    assert_eq!(asked(r#""result":{"baseFeePerGas":[]}"#, || rpc().fees()).1, Err(Error::BadAnswer));
}

#[test]
fn receipts() {
    let hash = [0xab; 32];
    let text = format!("0x{}", "ab".repeat(32));
    let of = |hash: &str, status: &str| {
        let rest = r#""blockNumber":"0x5","gasUsed":"0x5208","logs":[{"data":"0x","topics":[]}],"to":null"#;
        format!(r#""result":{{"transactionHash":"{hash}","status":"{status}",{rest}}}"#)
    };
    let receipt = Receipt { hash, block: 5, gas_used: 21_000, success: true };
    let body = question("eth_getTransactionReceipt", &format!(r#"["{text}"]"#));
    let ask = || rpc().receipt(&hash);
    assert_eq!(asked(&of(&text, "0x1"), ask), (body, Ok(Some(receipt.clone()))));
    assert_eq!(asked(&of(&text, "0x0"), ask).1, Ok(Some(Receipt { success: false, ..receipt })));
    assert_eq!(asked(r#""result":null"#, ask).1, Ok(None));
    assert_eq!(asked(&of(&text.replace("ab", "ac"), "0x1"), ask).1, Err(Error::BadAnswer), "of another transaction");
}

#[test]
fn refusals_are_typed_and_bounded() {
    let long = "é".repeat(200);
    let refusal = format!(r#""error":{{"code":-32000,"message":"{long}","data":{{"x":[1.5]}}}}"#);
    let (_, refused) = asked(&refusal, || rpc().chain_id());
    assert_eq!(refused, Err(Error::Refused { code: -32_000, message: "é".repeat(128) }));
    let refusal =
        r#""error":{"code":3,"message":"execution reverted: no \"oracle\"","data":"0x08c379a0"},"result":null"#;
    let (_, refused) = asked(refusal, || rpc().chain_id());
    assert_eq!(refused, Err(Error::Refused { code: 3, message: r#"execution reverted: no "oracle""#.into() }));
}
