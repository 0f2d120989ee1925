// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title A token whose balances grow and shrink by themselves
contract RebasingToken {
    uint256 private constant UNIT = 100;

    /// @notice Percentage of the shares that a balance shows.
    uint256 public factor = UNIT;
    mapping(address account => uint256) private _shares;

    /// @notice Mints to anyone.
    function mint(address account, uint256 amount) external {
        _shares[account] += amount;
    }

    /// @notice Changes every balance.
    function rebase(uint256 percentage) external {
        factor = percentage;
    }

    /// @notice Everybody may spend.
    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    /// @notice Moves the caller's tokens.
    function transfer(address to, uint256 amount) external returns (bool) {
        return transferFrom(msg.sender, to, amount);
    }

    /// @notice Shares at the current factor.
    function balanceOf(address account) external view returns (uint256) {
        return _shares[account] * factor / UNIT;
    }

    /// @notice Moves tokens.
    function transferFrom(address from, address to, uint256 amount) public returns (bool) {
        uint256 shares = amount * UNIT / factor;
        _shares[from] -= shares;
        _shares[to] += shares;
        return true;
    }
}
