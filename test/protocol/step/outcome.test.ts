import assert from 'node:assert/strict';
import {
  RECORD_ERROR_CODES,
  type StepClaim,
  type StepOutcome,
  stepCodeOf,
  stepOutcomeHash,
  stepProofCommitment,
  stepResultOf,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';

const coder = AbiCoder.defaultAbiCoder();
const VALID: StepOutcome = { valid: true, state: { stateRoot: 1n, fees: [2n, 3n, 4n, 5n], visibleCount: 6 } };

describe('outcome of a step', () => {
  it('is numbered as StepResult on L1: 0 is valid, the rules follow in their order', () => {
    assert.equal(stepResultOf(VALID), 0);
    assert.equal(stepCodeOf(0), 'valid');
    for (const [position, code] of RECORD_ERROR_CODES.entries()) {
      assert.equal(stepResultOf({ valid: false, code }), position + 1);
      assert.equal(stepCodeOf(position + 1), code);
    }
    assert.equal(stepResultOf({ valid: false, code: 'BALANCE_OVERFLOW' }), 19);
    assert.equal(stepCodeOf(20), undefined);
  });

  it('hashes as keccak of abi.encode of result, root, fees and visible records, zeros for an invalid record', () => {
    const encode = (result: number, root: bigint, fees: readonly bigint[], visibleCount: number) =>
      keccak256(coder.encode(['uint8', 'uint256', 'uint256[4]', 'uint256'], [result, root, fees, visibleCount]));
    assert.equal(stepOutcomeHash(VALID), encode(0, 1n, [2n, 3n, 4n, 5n], 6));
    assert.equal(stepOutcomeHash({ valid: false, code: 'BAD_SIGNATURE' }), encode(14, 0n, [0n, 0n, 0n, 0n], 0));
  });
});

describe('commitment to a step proof', () => {
  const claim: StepClaim = {
    prover: `0x${'ab'.repeat(20)}`,
    salt: keccak256('0x01'),
    assertionId: 3n,
    chunk: 2,
    slot: 1,
    outcome: VALID,
  };

  it('is keccak of abi.encode of its six parts', () => {
    const encoded = coder.encode(
      ['address', 'bytes32', 'uint64', 'uint256', 'uint256', 'bytes32'],
      [claim.prover, claim.salt, 3, 2, 1, stepOutcomeHash(VALID)],
    );
    assert.equal(stepProofCommitment(claim), keccak256(encoded));
  });

  it('changes with every part', () => {
    const commitments = [
      claim,
      { ...claim, prover: `0x${'ac'.repeat(20)}` },
      { ...claim, salt: keccak256('0x02') },
      { ...claim, assertionId: 4n },
      { ...claim, chunk: 1, slot: 2 },
      { ...claim, slot: 2 },
      { ...claim, outcome: { valid: false, code: 'BAD_SIGNATURE' } as const },
    ].map(stepProofCommitment);
    assert.equal(new Set(commitments).size, commitments.length);
  });
});
