// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @notice What a producer says about a batch (docs/protocol.md, Batch and header). Untrusted until checked.
/// @param number Number of the batch: the parent's plus one.
/// @param time Batch time in Unix seconds.
/// @param roots State roots, one before the first chunk and one after each chunk (K + 1), each < r.
/// @param commitments Commitment c of each chunk's records and words (K), each < r.
/// @param feeTokens Fee tokens of each chunk (K): four times 33 bits, the first in the lowest bits.
struct Batch {
    uint64 number;
    uint40 time;
    uint256[] roots;
    uint256[] commitments;
    uint256[] feeTokens;
}

/// @notice Data of a batch (docs/protocol.md, Data). Untrusted until checked.
/// @param chunks Form 0: M/2 blocks of 31 bytes a chunk; otherwise none.
/// @param visible Visible list of each chunk: 112 bytes an entry.
/// @param evaluations Form 1: y of each chunk, < q; otherwise none.
/// @param opening Form 1: commitment ‖ proof of the blob, 48 bytes each; otherwise empty.
struct BatchData {
    bytes[] chunks;
    bytes[] visible;
    uint256[] evaluations;
    bytes opening;
}

/// @notice What a batch says, once it was checked.
/// @param header Of the batch, should it become final.
/// @param inputs Public inputs of each chunk (docs/protocol.md, Chunk). In form 2, z, both halves of y and sumV are 0.
/// @param dataHashes keccak of each chunk's data, or versioned hashes of the blobs.
/// @param visibleHashes Of each chunk's visible list.
struct BatchReading {
    StoredHeader header;
    uint256[9][] inputs;
    bytes32[] dataHashes;
    bytes32[] visibleHashes;
}

/// @notice Header of a final batch, of which the contract keeps only keccak(abi(StoredHeader)).
/// Twin: packages/protocol/batch/header.ts StoredHeader.
/// @param number 0 is the genesis.
/// @param time Batch time in Unix seconds; that of the deployment for the genesis.
/// @param parentHash Hash of the parent's StoredHeader; 0 for the genesis.
/// @param stateRoot State root after the batch.
/// @param chunksHash keccak(abi(form, data hashes, visible hashes, roots, commitments, fee tokens)); 0 for the genesis.
/// @param withdrawalsRoot Root of this batch's withdrawals; 0 when there is none.
/// @param withdrawalCount Number of this batch's withdrawals.
/// @param priorityCount Priority operations executed up to and including this batch.
/// @param transferToNewCount Records of kind 2 executed up to and including this batch.
struct StoredHeader {
    uint64 number;
    uint40 time;
    bytes32 parentHash;
    uint256 stateRoot;
    bytes32 chunksHash;
    bytes32 withdrawalsRoot;
    uint32 withdrawalCount;
    uint64 priorityCount;
    uint64 transferToNewCount;
}

/// @notice A Groth16 proof over BN254: eight words in the order of the EVM's pairing (imaginary part first).
/// @dev Malleable, so never an identifier. In the twin, b has its real part first.
/// Twin: packages/protocol/types.ts Groth16Proof.
struct Proof {
    uint256 aX;
    uint256 aY;
    uint256 bXImaginary;
    uint256 bXReal;
    uint256 bYImaginary;
    uint256 bYReal;
    uint256 cX;
    uint256 cY;
}

/// @notice A withdrawal with the proof that it is part of a batch.
/// @param index Position among the batch's withdrawals, < withdrawalCount.
/// @param ownerAndToken owner + 2^160·tokenId (word w1 of the record).
/// @param amount Base units (word w2 of the record).
/// @param siblings Siblings from the leaf upwards, exactly ⌈log2(withdrawalCount)⌉ of them.
struct WithdrawalProof {
    uint32 index;
    uint256 ownerAndToken;
    uint256 amount;
    bytes32[] siblings;
}

/// @notice Content of a leaf of the state tree (docs/protocol.md, State).
/// @param keyY y of the owner's BabyJubJub key, < r.
/// @param owner L1 address that withdrawals go to.
/// @param tokenId 0 is ETH.
/// @param nonce Nonce of the account's next signed record.
/// @param balance Base units.
struct Leaf {
    uint256 keyY;
    address owner;
    uint32 tokenId;
    uint32 nonce;
    uint128 balance;
}
