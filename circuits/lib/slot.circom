pragma circom 2.1.0;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/comparators.circom";
include "access.circom";
include "binding.circom";
include "expiry.circom";
include "fees.circom";
include "leaf.circom";
include "record.circom";
include "signature.circom";

// One slot: executes one record of any kind (docs/protocol.md, Records, Slot interface and tiling).
// Twin: packages/protocol/state/apply.ts applyOperation
//   assumes:    batchTime < 2^40 and feeTokens[] < 2^33 (context tile); fee tokens below 2^32 are distinct (L1);
//               in every leaf of the state, owner < 2^160 and balance < 2^128 (holds for all leaves that this circuit
//               writes); fee sums are sums of less than 2^13 fees of this circuit, starting at 0; weight[] as Weights
//               gives it; accumulatorIn[] as this circuit makes it in less than 16 slots, starting at 0.
//   guarantees: the record is valid under all rules, shardsOut and feesOut are the state after it, and it is bound to
//               commitmentOut, sumVOut and accumulatorOut, the sum of its group's even or odd slots.
//   Widths: kind 4 bits; from, to 24 bits; mantissas 35 and 11, exponents 5; words[] < r (owners and amounts narrower,
//   see Record); validUntil 40; empty bits 1; tokenId, nonce 32; owner 160; balance 128; the others: field elements.
//   Constraints: 16,580.
//
// An unused index (– in the record table) is 0: the access reads leaf 0 as it is and writes it back. The sender's
// access comes first, the receiver's access sees the state after it.
template Slot() {
    // Interface, in the order of circuits.json.
    signal input shardsIn[64];
    signal input commitmentIn;
    signal input sumVIn;
    signal input accumulatorIn[3];
    signal input feesIn[4];
    signal input challenge;
    signal input weight[3];
    signal input domain;
    signal input batchTime;
    signal input feeTokens[4];
    signal output shardsOut[64];
    signal output commitmentOut;
    signal output sumVOut;
    signal output accumulatorOut[3];
    signal output feesOut[4];

    // The record.
    signal input kind;
    signal input from;
    signal input to;
    signal input amountMantissa;
    signal input amountExponent;
    signal input feeMantissa;
    signal input feeExponent;
    signal input words[3];
    // Authorization.
    signal input validUntil;
    signal input keyX;
    signal input r8x;
    signal input r8y;
    signal input s;
    // The leaf at `from`; children of the nodes on its path, from the shard's root down.
    signal input fromEmpty;
    signal input fromKeyY;
    signal input fromOwner;
    signal input fromTokenId;
    signal input fromNonce;
    signal input fromBalance;
    signal input fromChildren[9][4];
    // The leaf at `to`, after the sender's change.
    signal input toEmpty;
    signal input toKeyY;
    signal input toOwner;
    signal input toTokenId;
    signal input toNonce;
    signal input toBalance;
    signal input toChildren[9][4];

    // RESERVED_KIND, NONZERO_FIELD, WORD_COUNT, INDEX_RANGE, WORD_RANGE (kind 4's w2: below, with the balances).
    component fields = Record();
    fields.kind <== kind;
    fields.from <== from;
    fields.to <== to;
    fields.amountMantissa <== amountMantissa;
    fields.amountExponent <== amountExponent;
    fields.feeMantissa <== feeMantissa;
    fields.feeExponent <== feeExponent;
    fields.words <== words;
    signal isTransfer <== fields.is[1];
    signal isTransferToNew <== fields.is[2];
    signal isWithdraw <== fields.is[3];
    signal isDeposit <== fields.is[4];
    signal isForcedExit <== fields.is[5];
    signal isCollectFee <== fields.is[6];
    signal isMove <== fields.is[7];
    signal isSigned <== isTransfer + isTransferToNew + isWithdraw + isMove;

    component fromPacking = LeafPacking();
    fromPacking.tokenId <== fromTokenId;
    fromPacking.nonce <== fromNonce;
    component toPacking = LeafPacking();
    toPacking.tokenId <== toTokenId;
    toPacking.nonce <== toNonce;
    signal fromOwnerToken <== fromOwner + fromTokenId * 2 ** 160;
    signal toOwnerToken <== toOwner + toTokenId * 2 ** 160;

    // Emptiness. An empty leaf counts as balance 0 for the receiver; nothing of an empty sender is used.
    fromEmpty * (fromEmpty - 1) === 0;
    toEmpty * (toEmpty - 1) === 0;
    toEmpty * toBalance === 0;

    // SENDER_EMPTY, SELF_TRANSFER, RECEIVER_EMPTY, RECEIVER_EXISTS, TOKEN_MISMATCH.
    isSigned * fromEmpty === 0;
    signal distinct;
    distinct <-- (isTransfer + isTransferToNew) / (from - to);
    distinct * (from - to) === isTransfer + isTransferToNew;
    (isTransfer + isCollectFee) * toEmpty === 0;
    isTransferToNew * (1 - toEmpty) === 0;
    isTransfer * (fromTokenId - toTokenId) === 0;

    // NOT_FEE_TOKEN.
    component fees = FeeSums();
    fees.collect <== isCollectFee;
    fees.token <== fromTokenId + isCollectFee * (toTokenId - fromTokenId);
    fees.fee <== fields.fee;
    fees.feeTokens <== feeTokens;
    fees.feesIn <== feesIn;
    feesOut <== fees.feesOut;

    // EXPIRED.
    component expiry = Expiry();
    expiry.validUntil <== validUntil;
    expiry.batchTime <== batchTime;

    // NONCE_EXHAUSTED: for signed records the difference has an inverse.
    signal nonceLeft;
    nonceLeft <-- isSigned / (fromNonce - (2 ** 32 - 1));
    nonceLeft * (fromNonce - (2 ** 32 - 1)) === isSigned;

    // BAD_SIGNATURE. The receiver of the message is (T.keyY, T.owner) in kind 1, (w0, w1) in kind 2, (w0, 0) in
    // kinds 3 and 7; in kind 3, w0 is 0.
    component message = PoseidonHash(4);
    signal receiverOwner <== isTransfer * toOwner;
    message.in[0] <== domain;
    message.in[1] <== fields.signedRecord + fromNonce * 2 ** 124 + validUntil * 2 ** 156;
    message.in[2] <== words[0] + isTransfer * toKeyY;
    message.in[3] <== receiverOwner + isTransferToNew * words[1];
    component signature = Signature();
    signature.enabled <== isSigned;
    signature.xA <== keyX;
    signature.yA <== fromKeyY;
    signature.xR8 <== r8x;
    signature.yR8 <== r8y;
    signature.s <== s;
    signature.message <== message.out;

    // WITHDRAWAL_MISMATCH.
    signal wordDifference <== words[1] - fromOwnerToken;
    (isWithdraw + isMove) * wordDifference === 0;
    (isWithdraw + isMove) * (words[2] - fields.amount) === 0;

    // DEPOSIT_MISMATCH.
    signal isTopUp <== isDeposit * (1 - toEmpty);
    isTopUp * (toKeyY - words[0]) === 0;
    isTopUp * (toOwnerToken - words[1]) === 0;

    // EXIT_MISMATCH: an exit pays the whole balance if the leaf is the one that was asked for.
    component exitMatches = IsZero();
    exitMatches.in <== wordDifference;
    signal exitFound <== exitMatches.out * (1 - fromEmpty);
    signal exitPays <== isForcedExit * exitFound;
    signal exitAmount <== exitPays * fromBalance;
    isForcedExit * words[2] === exitAmount;

    // Balances. amount and fee are 0 unless the record is signed. INSUFFICIENT_BALANCE, BALANCE_OVERFLOW: 128 bits.
    // amount + fee < 2^139, so no difference and no sum of 128-bit values wraps around r.
    signal transferred <== (isTransfer + isTransferToNew) * fields.amount;
    signal deposited <== isDeposit * words[2];
    signal newFromBalance <== fromBalance - fields.amount - fields.fee - exitAmount;
    signal newToBalance <== toBalance + transferred + deposited + fees.collected;
    component toBalanceBits = Num2Bits(128);
    toBalanceBits.in <== newToBalance;
    // WORD_RANGE of kind 4: w2 takes the place of the sender's balance, which a deposit does not change.
    signal checkedFromBalance <== (1 - isDeposit) * newFromBalance;
    component fromBalanceBits = Num2Bits(128);
    fromBalanceBits.in <== checkedFromBalance + deposited;

    component sender = Access();
    sender.indexBits <== fields.fromBits;
    sender.shardsIn <== shardsIn;
    sender.children <== fromChildren;
    sender.oldEmpty <== fromEmpty;
    sender.oldKeyY <== fromKeyY;
    sender.oldOwner <== fromOwner;
    sender.oldPacked <== fromPacking.packed;
    sender.oldBalance <== fromBalance;
    sender.newEmpty <== fromEmpty;
    sender.newKeyY <== fromKeyY;
    sender.newOwner <== fromOwner;
    sender.newPacked <== fromPacking.packed + isSigned * 2 ** 32;
    sender.newBalance <== newFromBalance;

    // Kind 2 and a kind 4 to an empty leaf create it. wordToken is 0 in kind 2: the token is the sender's.
    signal creates <== isTransferToNew + isDeposit - isTopUp;
    signal newToken <== fields.wordToken + isTransferToNew * fromTokenId;
    component receiver = Access();
    receiver.indexBits <== fields.toBits;
    receiver.shardsIn <== sender.shardsOut;
    receiver.children <== toChildren;
    receiver.oldEmpty <== toEmpty;
    receiver.oldKeyY <== toKeyY;
    receiver.oldOwner <== toOwner;
    receiver.oldPacked <== toPacking.packed;
    receiver.oldBalance <== toBalance;
    receiver.newEmpty <== toEmpty - creates;
    receiver.newKeyY <== toKeyY + creates * (words[0] - toKeyY);
    receiver.newOwner <== toOwner + creates * (fields.wordOwner - toOwner);
    receiver.newPacked <== toPacking.packed + creates * (newToken - toPacking.packed);
    receiver.newBalance <== newToBalance;
    shardsOut <== receiver.shardsOut;

    component binding = Binding();
    binding.hasWords <== isTransferToNew + isWithdraw + isDeposit + isForcedExit + isMove;
    binding.record <== fields.record;
    binding.words <== words;
    binding.challenge <== challenge;
    binding.weight <== weight;
    binding.commitmentIn <== commitmentIn;
    binding.sumVIn <== sumVIn;
    binding.accumulatorIn <== accumulatorIn;
    commitmentOut <== binding.commitmentOut;
    sumVOut <== binding.sumVOut;
    accumulatorOut <== binding.accumulatorOut;
}
