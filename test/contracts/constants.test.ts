import { readFileSync } from 'node:fs';
import {
  BALANCE_BITS,
  BLOB_ELEMENTS,
  BLOB_FIELD_MODULUS,
  BLOCK_BYTES,
  CHALLENGE_BITS,
  CHALLENGE_TAG,
  CHALLENGE_TAG_TEXT,
  DEPOSIT_RESERVE_LEAVES,
  domainOf,
  emptyNodes,
  FEE_TOKEN_BITS,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  formNumber,
  genesisHeader,
  headerHash,
  INDEX_BITS,
  MAX_BATCH_DATA_BYTES,
  MAX_BLOBS,
  MAX_CHUNK_DATA_BYTES,
  MAX_IMPORT,
  MIN_WINDOWS,
  portableHasher,
  RECORD_BITS,
  RECORDS_PER_BLOB,
  RECORDS_PER_BLOCK,
  RecordKind,
  TREE_CAPACITY,
  TREE_DEPTH,
  VISIBLE_ENTRY_BYTES,
  WORD_BYTES,
  WORDS_PER_RECORD,
} from '@quittance/protocol';
import { expect } from 'chai';
import hre from 'hardhat';
import { createL1, deployRollup } from '../support/contracts/deployment.ts';

const DAY = 86_400n;

/** The constants of contracts/libraries/Constants.sol, evaluated. */
function solidityConstants(): Map<string, bigint> {
  const source = readFileSync(new URL('../../contracts/libraries/Constants.sol', import.meta.url), 'utf8');
  const constants = new Map<string, bigint>();
  for (const [, name, expression] of source.matchAll(/^uint256 constant (\w+) = ([^;]+);/gm)) {
    const [, left, operator, right = '0'] = /^(\d+|0x[0-9a-f]+)(?: (<<|days) ?(\d+)?)?$/.exec(expression!)!;
    const value = BigInt(left!);
    constants.set(name!, operator === 'days' ? value * DAY : value << BigInt(right));
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
      BLOB_FIELD_MODULUS,
      CHALLENGE_BITS: BigInt(CHALLENGE_BITS),
      BLOB_ELEMENTS: BigInt(BLOB_ELEMENTS),
      MAX_BATCH_BLOBS: BigInt(MAX_BLOBS),
      RECORDS_PER_BLOB: BigInt(RECORDS_PER_BLOB),
      FORM_CALLDATA: BigInt(formNumber('calldata')),
      FORM_COEFFICIENTS: BigInt(formNumber('coefficients')),
      FORM_EVALUATIONS: BigInt(formNumber('evaluations')),
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
      KIND_MOVE: BigInt(RecordKind.move),
      KIND_SHIFT: 120n,
      FROM_SHIFT: 88n,
      TO_SHIFT: 56n,
      INDEX_BITS: BigInt(INDEX_BITS),
      VISIBLE_ENTRY_BYTES: BigInt(VISIBLE_ENTRY_BYTES),
      RECORD_BITS: BigInt(RECORD_BITS),
      RECORDS_PER_BLOCK: BigInt(RECORDS_PER_BLOCK),
      BLOCK_BYTES: BigInt(BLOCK_BYTES),
      WORDS_BYTES: BigInt(WORD_BYTES * WORDS_PER_RECORD),
      MAX_CHUNK_DATA_BYTES: BigInt(MAX_CHUNK_DATA_BYTES),
      MAX_BATCH_DATA_BYTES: BigInt(MAX_BATCH_DATA_BYTES),
      MIN_CHALLENGE_PERIOD: BigInt(MIN_WINDOWS.challengePeriodSeconds),
      MIN_ANSWER_WINDOW: BigInt(MIN_WINDOWS.answerWindowSeconds),
      MIN_STEP_WINDOW: BigInt(MIN_WINDOWS.stepWindowSeconds),
      // What stands in docs/protocol.md only: TypeScript has no rule that reads them.
      MAX_WAIT_WITH_BLOBS: 14n * DAY,
      MAX_IMPORT: BigInt(MAX_IMPORT),
      MOVE_CLAIM_DELAY: 7n * DAY,
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
    await createL1();
    const names = [...(await hre.artifacts.getAllFullyQualifiedNames())].filter(
      (name) => name.startsWith('contracts/') && !name.startsWith('contracts/mocks/'),
    );
    for (const name of names) {
      const { deployedBytecode } = await hre.artifacts.readArtifact(name);
      expect((deployedBytecode.length - 2) / 2, name).to.be.at.most(24_576);
    }
    expect(names).to.include.members([
      'contracts/Rollup.sol:Rollup',
      'contracts/libraries/BatchReader.sol:BatchReader',
    ]);
  });
});
