//! `contracts/evm-oracle` posts prices to a Solidity contract on anvil, each exactly once, whatever is killed meanwhile.
//! `cargo xtask evm` runs these; elsewhere they are ignored, because they need anvil and what solc made of
//! `PriceFeed.sol`.

mod node;
mod oracle;

use node::Fault;
use oracle::Oracle;
use std::time::Duration;

#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn a_price_is_posted_and_read() {
    let oracle = Oracle::start();
    let dev = oracle.dev();
    assert!(oracle.cli(&dev, "posted").contains("Ok(0)"));
    let posted = oracle.cli(&dev, "post");
    assert!(posted.contains("Mined") && posted.contains("success: true"), "{posted}");
    assert!(oracle.cli(&dev, "posted").contains("Ok(6700001)"));
    assert!(oracle.cli(&dev, "post").contains("Mined"));
    assert_eq!(oracle.feed(), [6_700_001, 6_700_002]);
    assert!(oracle.cli(&dev, "confirm").contains("Ok(None)"));
}

/// An account without funds, and a feed that listens to another: refused by the node, and nothing is in the chain.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn what_the_chain_refuses_is_said() {
    let oracle = Oracle::start();
    let dev = oracle.dev();
    oracle.set_balance(1);
    let refused = oracle.cli(&dev, "post");
    assert!(refused.contains("Err(Evm(Refused") && refused.to_lowercase().contains("insufficient funds"), "{refused}");
    assert!(oracle.feed().is_empty());
    oracle.set_balance(u128::MAX >> 1);
    assert!(oracle.cli(&dev, "post").contains("Mined"));
    assert_eq!(oracle.feed().len(), 1);
}

/// Every moment at which the worker can die: before the node knows of the transaction, between the node and the log, and
/// while the receipt is asked for.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn a_post_survives_a_kill_at_every_stage() {
    let oracle = Oracle::start();
    let stages = [
        ("eth_getTransactionCount", Fault::Held),
        ("eth_estimateGas", Fault::Unheard),
        ("eth_sendRawTransaction", Fault::Held),
        ("eth_sendRawTransaction", Fault::Unheard),
        ("eth_sendRawTransaction", Fault::Heard),
        ("eth_getTransactionReceipt", Fault::Held),
        ("eth_getTransactionReceipt", Fault::Unheard),
        ("eth_getTransactionReceipt", Fault::Heard),
    ];
    for (done, (method, fault)) in stages.into_iter().enumerate() {
        let dev = oracle.dev();
        let command = oracle.prepare("post");
        oracle.proxy.next(method, fault);
        let sending = oracle.send(&command);
        oracle.reached();
        dev.kill();
        let _ = oracle.finish(sending);

        let before = oracle.feed().len();
        let on_chain = (method, fault) == ("eth_sendRawTransaction", Fault::Unheard)
            || (method, fault) == ("eth_sendRawTransaction", Fault::Heard)
            || method == "eth_getTransactionReceipt";
        assert_eq!(before, done + usize::from(on_chain), "{method} {fault:?}: the moment is the one that was meant");

        let _dev = oracle.dev();
        let sending = oracle.send(&command);
        let posted = oracle.finish(sending).unwrap();
        oracle.check_mined(&posted);
        assert_eq!(oracle.feed().len(), done + 1, "{method} {fault:?}: {posted}");
    }
    oracle.check_whole();
}

/// The worst moment again and again: the node has the transaction, and the worker dies before it knows. Some deaths come
/// a little after the answer, so that the log may just have it.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn a_post_survives_kill_after_kill() {
    let oracle = Oracle::start();
    for round in 0..3 {
        let mut command = None;
        for (kill, fault) in [Fault::Unheard, Fault::Unheard, Fault::Heard].into_iter().enumerate() {
            // Before the start: a worker that comes back hands in what waits at once.
            oracle.proxy.next("eth_sendRawTransaction", fault);
            let dev = oracle.dev();
            let command = command.get_or_insert_with(|| oracle.prepare("post"));
            let sending = oracle.send(command);
            oracle.reached();
            std::thread::sleep(Duration::from_millis(kill as u64 * round));
            dev.kill();
            let _ = oracle.finish(sending);
            assert_eq!(oracle.feed().len() as u64, round + 1, "the first attempt reached the chain");
        }
        let _dev = oracle.dev();
        let sending = oracle.send(&command.unwrap());
        let posted = oracle.finish(sending).unwrap();
        oracle.check_mined(&posted);
    }
    oracle.check_whole();
}

/// The worker lives and its connection breaks: the log has a failure for an answer, and the chain a transaction.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn a_broken_answer_is_no_reason_to_send_again() {
    let oracle = Oracle::start();
    let _dev = oracle.dev();
    let command = oracle.prepare("post");
    oracle.proxy.next("eth_sendRawTransaction", Fault::Broken);
    let sending = oracle.send(&command);
    let posted = oracle.finish(sending).unwrap();
    oracle.check_mined(&posted);
    oracle.check_whole();
}

/// Several commands read the same nonce; each ends with a transaction of its own, and so it is when they are killed.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn posts_at_the_same_time_do_not_share_a_nonce() {
    let oracle = Oracle::start();
    let dev = oracle.dev();
    let commands: Vec<_> = (0..4).map(|_| oracle.prepare("post")).collect();
    oracle.proxy.next("eth_sendRawTransaction", Fault::Unheard);
    let sending: Vec<_> = commands.iter().map(|command| oracle.send(command)).collect();
    oracle.reached();
    dev.kill();
    for sending in sending {
        let _ = oracle.finish(sending);
    }
    let dev = oracle.dev();
    let sending: Vec<_> = commands.iter().map(|command| oracle.send(command)).collect();
    for sending in sending {
        let outcome = oracle.finish(sending).unwrap();
        assert!(outcome.starts_with("Ok("), "{outcome}");
    }
    // Who lost its nonce more often than a command may try keeps its transaction, to be resumed.
    for _ in 0..8 {
        oracle.cli(&dev, "confirm");
    }
    assert_eq!(oracle.feed().len(), commands.len());
    oracle.check_whole();
}

/// Blocks come slowly, as elsewhere: the command ends, its transaction is kept, and later messages look after it, also
/// through a kill.
#[test]
#[ignore = "needs anvil and solc: cargo xtask evm"]
fn a_transaction_that_is_not_mined_yet_is_kept() {
    let oracle = Oracle::start();
    let dev = oracle.dev();
    oracle.automine(false);
    assert!(oracle.cli(&dev, "post").contains("Ok(Pending"));
    assert!(oracle.cli(&dev, "post").contains("Ok(Pending"));
    assert!(oracle.cli(&dev, "confirm").contains("Pending"));
    assert!(oracle.feed().is_empty());
    let command = oracle.prepare("confirm");
    oracle.proxy.next("eth_sendRawTransaction", Fault::Unheard);
    let sending = oracle.send(&command);
    oracle.reached();
    dev.kill();
    let _ = oracle.finish(sending);
    oracle.mine();
    let dev = oracle.dev();
    let sending = oracle.send(&command);
    let confirmed = oracle.finish(sending).unwrap();
    oracle.check_mined(&confirmed);
    assert!(oracle.cli(&dev, "confirm").contains("Mined"));
    assert!(oracle.cli(&dev, "confirm").contains("Ok(None)"));
    assert_eq!(oracle.feed().len(), 2);
    oracle.check_whole();
}
