//! One stranger stops the cluster: work that takes longer than it says, and work that is done again and again.

use crate::bystander::Bystander;
use crate::scene::{NO_OP_ENTRIES, Scene, deploy, module, stranger};
use std::time::Duration;

/// The harness itself: somebody who deploys a contract that does nothing disturbs nobody.
#[test]
fn who_does_nothing_disturbs_nobody() {
    let scene = Scene::start(&[]);
    let bystander = Bystander::start(&scene);
    let seen = scene.runtime.block_on(async {
        let client = scene.client().await;
        let deployed = deploy(&client, &stranger(), module(NO_OP_ENTRIES)).await;
        assert!(deployed.contract.is_some(), "{:?}", deployed.receipt.outcome);
        tokio::time::sleep(Duration::from_secs(1)).await;
        bystander.ask().await
    });
    seen.unharmed(Duration::from_millis(500), Duration::from_millis(200));
    assert!(scene.runtime.block_on(scene.height()) > 0);
    assert!(scene.resident_mib() < 500);
}
