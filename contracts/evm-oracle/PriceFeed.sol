// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// The price of bitcoin in US cents, as one account posts it.
contract PriceFeed {
    /// Who may post: the account of the contract evm-oracle.
    address public immutable oracle;
    /// The newest price.
    uint256 public cents;
    /// How many were posted.
    uint256 public rounds;

    event Posted(uint256 indexed round, uint256 cents);

    constructor(address oracle_) {
        oracle = oracle_;
    }

    function post(uint256 cents_) external {
        require(msg.sender == oracle, "not the oracle");
        cents = cents_;
        rounds += 1;
        emit Posted(rounds, cents_);
    }
}
