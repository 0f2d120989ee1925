import { readFileSync } from 'node:fs';
import {
  BALANCE_BITS,
  BLOCK_BYTES,
  CHALLENGE_TAG,
  CHALLENGE_TAG_TEXT,
  DEPOSIT_RESERVE_LEAVES,
  domainOf,
  emptyNodes,
  FEE_TOKEN_BITS,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  genesisHeader,
  headerHash,
  MAX_BATCH_DATA_BYTES,
  MAX_CHUNK_DATA_BYTES,
  MIN_WINDOWS,
  portableHasher,
  RECORD_BITS,
  RECORDS_PER_BLOCK,
  RecordKind,
  TREE_CAPACITY,
  TREE_DEPTH,
  WORD_BYTES,
  WORDS_PER_RECORD,
} from '@quittance/protocol';
import { expect } from 'chai';
import { deployRollup } from '../support/contracts/deployment.ts';

/** The constants of contracts/libraries/Constants.sol, evaluated. */
function solidityConstants(): Map<string, bigint> {
  const source = readFileSync(new URL('../../contracts/libraries/Constants.sol', import.meta.url), 'utf8');
  const constants = new Map<string, bigint>();
  for (const [, name, expression] of source.matchAll(/^uint256 constant (\w+) = ([^;]+);/gm)) {
    const shift = /^(\d+) << (\d+)$/.exec(expression!);
    constants.set(name!, shift ? BigInt(shift[1]!) << BigInt(shift[2]!) : BigInt(expression!));
  }
  return constants;
}

describe('constants of the contracts', () => {
  it('are those of packages/protocol/params.ts', () => {
    const expected: Record<string, bigint> = {
      FIELD_MODULUS,
      BASE_FIELD_MODULUS: 21888242871839275222246405745257275088696311157297823662689037894645226208583n,
      TREE_CAPACITY: BigInt(TREE_CAPACITY),
      TREE_DEPTH: BigInt(TREE_DEPTH),
      DEPOSIT_RESERVE_LEAVES: BigInt(DEPOSIT_RESERVE_LEAVES),
      EMPTY_STATE_ROOT: emptyNodes(portableHasher)[0]!,
      FEE_TOKEN_FILLER,
      FEE_TOKEN_BITS: BigInt(FEE_TOKEN_BITS),
      CONTEXT_TIME_SHIFT: BigInt(FEE_TOKEN_BITS * FEE_TOKEN_COUNT),
      TOTAL_LIMIT: 1n << BigInt(BALANCE_BITS),
      KIND_NOOP: BigInt(RecordKind.noop),
      KIND_TRANSFER: BigInt(RecordKind.transfer),
      KIND_TRANSFER_TO_NEW: BigInt(RecordKind.transferToNew),
      KIND_WITHDRAW: BigInt(RecordKind.withdraw),
      KIND_DEPOSIT: BigInt(RecordKind.deposit),
      KIND_FORCED_EXIT: BigInt(RecordKind.forcedExit),
      KIND_COLLECT_FEE: BigInt(RecordKind.collectFee),
      KIND_SHIFT: 120n,
      FROM_SHIFT: 88n,
      RECORD_BITS: BigInt(RECORD_BITS),
      RECORDS_PER_BLOCK: BigInt(RECORDS_PER_BLOCK),
      BLOCK_BYTES: BigInt(BLOCK_BYTES),
      WORDS_BYTES: BigInt(WORD_BYTES * WORDS_PER_RECORD),
      MAX_CHUNK_DATA_BYTES: BigInt(MAX_CHUNK_DATA_BYTES),
      MAX_BATCH_DATA_BYTES: BigInt(MAX_BATCH_DATA_BYTES),
      MIN_CHALLENGE_PERIOD: BigInt(MIN_WINDOWS.challengePeriodSeconds),
      MIN_ANSWER_WINDOW: BigInt(MIN_WINDOWS.answerWindowSeconds),
      MIN_STEP_WINDOW: BigInt(MIN_WINDOWS.stepWindowSeconds),
    };
    expect(Object.fromEntries(solidityConstants())).to.deep.equal(expected);
  });

  it('tag challenges with the same text', async () => {
    const { ethers } = await deployRollup();
    expect(CHALLENGE_TAG).to.equal(ethers.id(CHALLENGE_TAG_TEXT));
  });

  it('start with the genesis header and the domain that TypeScript computes', async () => {
    const { rollup, genesis, deployment } = await deployRollup();
    expect(genesis).to.deep.equal(genesisHeader(emptyNodes(portableHasher)[0]!, genesis.time));
    expect(await rollup.headerHash(0)).to.equal(headerHash(genesis));
    expect(await rollup.domain()).to.equal(domainOf(deployment));
  });
});

describe('contracts', () => {
  it('fit the limit of 24,576 bytes of code', async () => {
    const { rollup, verifier, poseidon, ethers } = await deployRollup();
    for (const contract of [rollup, verifier, poseidon]) {
      const code = await ethers.provider.getCode(await contract.getAddress());
      expect((code.length - 2) / 2).to.be.lessThan(24_577);
    }
  });
});
