//! What a cluster takes for its work, to the unit.

use super::fixture::{COUNT, FETCH, Fixture, SPIN, Sent, TRAP, request, response};
use crate::{BlockOutput, OpenError};
use parity_scale_codec::Encode;
use tallow_crypto::Keypair;
use tallow_types::{
    AccountId, Action, Answer, CallError, ClusterPolicy, Command, Entry, Outcome, PRICED_GAS, limits::ACT_GAS_MAX,
};

const PRICED: ClusterPolicy = ClusterPolicy { gas_price: 1_000, byte_price: 3, funded_min: 500 };
/// What Alice has at genesis.
const ENDOWED: u128 = 1_000_000;

fn olga() -> Keypair {
    Keypair::from_uri("//Olga").unwrap()
}

impl Fixture {
    fn act_of(&mut self, key: &Keypair, action: Action) -> Sent {
        let command = Command { caller: key.public(), gas_limit: ACT_GAS_MAX, ..self.draft(action) };
        self.seal_as(key, command)
    }

    fn set_policy(&mut self, policy: ClusterPolicy) {
        let set = self.act_of(&olga(), Action::SetPolicy { policy });
        let output = self.block(vec![set.entry()]);
        assert!(self.outcome(&output, &set).result.is_ok());
        assert_eq!(self.state.policy(), policy);
    }

    fn priced() -> (Self, AccountId) {
        let (mut fixture, contract) = Self::deployed();
        fixture.set_policy(PRICED);
        (fixture, contract)
    }

    /// What Alice has and what the owner got.
    fn purses(&self) -> (u128, u128) {
        (self.state.balance(&self.alice.account()), self.state.balance(&olga().account()))
    }

    fn signed_bytes(&self, sent: &Sent) -> usize {
        self.alice.sign_command(sent.command.clone()).encoded_size()
    }

    fn refusal(&self, sent: &Sent) -> Option<OpenError> {
        let opened = self.cluster.open(&sent.sealed).unwrap();
        opened.admit(&self.state, self.state.position().time_ms).err()
    }

    fn ended(&mut self, sent: &Sent) -> (Outcome, BlockOutput) {
        let output = self.block(vec![sent.entry()]);
        (self.outcome(&output, sent), output)
    }
}

/// The price of gas by the plain formula.
fn price(gas: u64) -> u128 {
    (u128::from(gas) * PRICED.gas_price).div_ceil(u128::from(PRICED_GAS))
}

#[test]
fn where_nothing_costs_nothing_is_taken() {
    let (mut fixture, contract) = Fixture::deployed();
    assert_eq!(fixture.state.policy(), ClusterPolicy::default());
    let sent = fixture.call(contract, COUNT, &[]);
    let (outcome, _) = fixture.ended(&sent);
    assert!(outcome.gas_used > 0);
    assert_eq!(fixture.purses(), (ENDOWED, 0));
}

#[test]
fn a_command_costs_its_gas_and_its_bytes_and_no_more() {
    for what in [COUNT, TRAP, SPIN] {
        let (mut fixture, contract) = Fixture::priced();
        let sent = fixture.call(contract, what, &[]);
        let cost = 3 * fixture.signed_bytes(&sent) as u128;
        let (outcome, _) = fixture.ended(&sent);
        let cost = cost + price(outcome.gas_used);
        assert!(cost > 0 && outcome.gas_used > 0);
        assert_eq!(fixture.purses(), (ENDOWED - cost, cost), "also of what failed");
    }
}

#[test]
fn value_moves_beside_the_price() {
    let (mut fixture, _) = Fixture::priced();
    let to = AccountId([3; 32]);
    let draft = fixture.draft(Action::Transfer { to });
    let sent = fixture.seal(Command { value: 700, gas_limit: ACT_GAS_MAX, ..draft });
    let (outcome, _) = fixture.ended(&sent);
    let cost = price(outcome.gas_used) + 3 * fixture.signed_bytes(&sent) as u128;
    assert_eq!(fixture.purses(), (ENDOWED - 700 - cost, cost));
    assert_eq!(fixture.state.balance(&to), 700);
    // What is kept back for the gas cannot be moved away meanwhile.
    let (all, _) = fixture.purses();
    let draft = fixture.draft(Action::Transfer { to });
    let sent = fixture.seal(Command { value: all, gas_limit: ACT_GAS_MAX, ..draft });
    assert_eq!(fixture.ended(&sent).0.result, Err(CallError::TransferFailed));
}

#[test]
fn who_has_too_little_for_the_gas_limit_is_not_ordered() {
    let (mut fixture, contract) = Fixture::priced();
    let poor = Keypair::from_uri("//Poor").unwrap();
    let input = vec![COUNT];
    let draft = fixture.draft(Action::Call { contract, input });
    let command = Command { caller: poor.public(), ..draft };
    let sent = fixture.seal_as(&poor, command.clone());
    let bytes = poor.sign_command(command.clone()).encoded_size();
    let needed = price(command.gas_limit) + 3 * bytes as u128;
    assert_eq!(fixture.refusal(&sent), Some(OpenError::CannotPay { balance: 0, needed }));
    let output = fixture.block(vec![sent.entry()]);
    assert!(output.ordered.is_empty() && fixture.counter(&contract) == 0);
    for (amount, refused) in [(needed - 1, true), (1, false)] {
        let gift = fixture.draft(Action::Transfer { to: poor.account() });
        let gift = fixture.seal(Command { value: amount, gas_limit: ACT_GAS_MAX, ..gift });
        assert!(fixture.ended(&gift).0.result.is_ok());
        assert_eq!(fixture.refusal(&sent).is_some(), refused, "to the unit");
    }
    let (outcome, _) = fixture.ended(&sent);
    assert!(outcome.result.is_ok());
    let left = needed - price(outcome.gas_used) - 3 * bytes as u128;
    assert_eq!(fixture.state.balance(&poor.account()), left);
}

#[test]
fn a_block_does_not_sell_one_balance_twice() {
    let (mut fixture, contract) = Fixture::priced();
    fixture.set_policy(ClusterPolicy { gas_price: ENDOWED, ..PRICED });
    let gas_limit = PRICED_GAS / 10 * 4; // two fifths of what Alice has
    let input = vec![COUNT];
    let all: Vec<_> = (0..3)
        .map(|_| {
            let draft = fixture.draft(Action::Call { contract, input: input.clone() });
            fixture.seal(Command { gas_limit, ..draft })
        })
        .collect();
    let output = fixture.block(all.iter().map(Sent::entry).collect());
    assert_eq!(output.ordered.len(), 3, "what was kept back is given back before the next");
    let spin = vec![SPIN];
    let all: Vec<_> = (0..3)
        .map(|_| {
            let draft = fixture.draft(Action::Call { contract, input: spin.clone() });
            fixture.seal(Command { gas_limit, ..draft })
        })
        .collect();
    let output = fixture.block(all.iter().map(Sent::entry).collect());
    assert_eq!(output.ordered.len(), 2, "the third has nothing left to pay with");
}

#[test]
fn each_run_of_a_command_that_waits_is_paid_with_the_bytes_of_its_answer() {
    let (mut fixture, contract) = Fixture::priced();
    let sent = fixture.call(contract, FETCH, &request("GET"));
    let bytes = fixture.signed_bytes(&sent) as u128;
    let output = fixture.block(vec![sent.entry()]);
    let first = price(output.gas_used) + 3 * bytes;
    assert!(output.gas_used > 0);
    assert_eq!(fixture.purses(), (ENDOWED - first, first));
    let answer = Answer::Http(vec![Ok(response(b"twelve bytes"))]);
    let entry = Entry::Answer(fixture.answer(&output.calls[0], &answer)).encode();
    let output = fixture.block(vec![entry]);
    let outcome = fixture.outcome(&output, &sent);
    let cost = first + price(outcome.gas_used) + 3 * answer.encoded_size() as u128;
    assert_eq!(fixture.purses(), (ENDOWED - cost, cost));
}

#[test]
fn a_command_whose_caller_has_spent_his_balance_meanwhile_ends() {
    let (mut fixture, contract) = Fixture::priced();
    let sent = fixture.call(contract, FETCH, &request("GET"));
    let call = fixture.block(vec![sent.entry()]).calls.remove(0);
    let (all, _) = fixture.purses();
    let gift = fixture.draft(Action::Transfer { to: AccountId([3; 32]) });
    let gift = fixture.seal(Command { value: all - 10_000, gas_limit: ACT_GAS_MAX, ..gift });
    assert!(fixture.ended(&gift).0.result.is_ok());
    let answer = Answer::Http(vec![Ok(response(b""))]);
    let output = fixture.block(vec![Entry::Answer(fixture.answer(&call, &answer)).encode()]);
    let outcome = fixture.outcome(&output, &sent);
    assert_eq!((outcome.result, outcome.gas_used, outcome.calls), (Err(CallError::CannotPay), 0, 1));
    assert_eq!(fixture.state.waiting_len(), 0);
}

#[test]
fn the_policy_is_the_owners_and_never_shuts_him_out() {
    let (mut fixture, contract) = Fixture::deployed();
    let alice = Keypair::from_uri("//Alice").unwrap();
    let set = fixture.act_of(&alice, Action::SetPolicy { policy: PRICED });
    assert_eq!(fixture.ended(&set).0.result, Err(CallError::NotPermitted));
    let beyond = ClusterPolicy { gas_price: u128::MAX, byte_price: u128::MAX, funded_min: u128::MAX };
    fixture.set_policy(beyond);
    let sent = fixture.call(contract, COUNT, &[]);
    let refused = OpenError::CannotPay { balance: ENDOWED, needed: u128::MAX };
    assert_eq!(fixture.refusal(&sent), Some(refused));
    assert!(!fixture.state.is_funded(&alice.account()));
    let restored = fixture.cluster.restore(fixture.state.snapshot()).unwrap();
    assert_eq!(restored.policy(), beyond);
    fixture.set_policy(ClusterPolicy::default());
    assert_eq!(fixture.refusal(&sent), None);
    let funded = |fixture: &Fixture, account: AccountId| fixture.state.is_funded(&account);
    assert!(funded(&fixture, alice.account()) && !funded(&fixture, AccountId([3; 32])));
}

#[test]
fn prices_round_up_and_stop_at_the_greatest_number() {
    let policy = |gas_price| ClusterPolicy { gas_price, ..ClusterPolicy::default() };
    let costs = [0, 1, PRICED_GAS - 1, PRICED_GAS, PRICED_GAS + 1, 5 * PRICED_GAS].map(|gas| policy(7).gas_cost(gas));
    assert_eq!(costs, [0, 1, 7, 7, 8, 35]);
    assert_eq!(policy(0).gas_cost(u64::MAX), 0);
    assert_eq!(policy(u128::MAX).gas_cost(1), u128::MAX / u128::from(PRICED_GAS) + 1);
    assert_eq!(policy(u128::MAX).gas_cost(u64::MAX), u128::MAX);
    assert_eq!(ClusterPolicy { byte_price: u128::MAX, ..policy(0) }.bytes_cost(2), u128::MAX);
}
