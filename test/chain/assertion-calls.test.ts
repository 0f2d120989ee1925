import { strict as assert } from 'node:assert';
import {
  type AssertionAction,
  type AssertionSubmission,
  assertionsInterface,
  type BatchSubmission,
  decodeAssertionSubmission,
  encodeAssertion,
  encodeSubmission,
  rejectionOf,
  rollupInterface,
  toAssertionCall,
} from '@quittance/chain';
import { genesisHeader, type StepWitness, TREE_DEPTH } from '@quittance/protocol';
import { type AbiCoder, AbiCoder as Coder, keccak256, toUtf8Bytes } from 'ethers';

const coder: AbiCoder = Coder.defaultAbiCoder();
const BATCH = {
  parent: genesisHeader(7n, 1_800_000_000),
  number: 1,
  time: 1_800_000_001,
  roots: [7n, 8n, 9n],
  commitments: [1n, 2n],
  feeTokens: [3n, 4n],
  form: 'calldata' as const,
  chunks: [Uint8Array.from([1, 2, 3]), new Uint8Array()],
  visible: [Uint8Array.from([4]), new Uint8Array()],
  blobHashes: [],
};
const ASSERTION: AssertionSubmission = { ...BATCH, authorizations: [Uint8Array.from([9]), new Uint8Array(69)] };
const PROVEN: BatchSubmission = {
  ...BATCH,
  evaluations: [],
  opening: new Uint8Array(),
  proofs: [
    {
      a: [1n, 2n],
      b: [
        [3n, 4n],
        [5n, 6n],
      ],
      c: [7n, 8n],
    },
  ],
};
const CONSTANTS = { address: `0x${'a5'.repeat(20)}`, assertionBond: 500n, disputeBond: 70n };
const HASH = `0x${'12'.repeat(32)}`;
const CONTENT = {
  form: 'evaluations' as const,
  inputs: [[1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]],
  dataHashes: [HASH],
  authorizationHashes: [],
  visibleHashes: [HASH],
};
/** A transaction without blobs. */
const call = (data: string) => ({ data, blobHashes: [] });
const LEAF = {
  account: { keyY: 1n, owner: 2n, tokenId: 3, nonce: 4, balance: 5n },
  siblings: Array.from({ length: TREE_DEPTH }, (_, level) => [BigInt(level), 1n, 2n]),
};
const WITNESS: StepWitness = { from: LEAF, to: { ...LEAF, account: undefined }, keyX: 6n, r8X: 7n };
const STEP_PROOF: Extract<AssertionAction, { type: 'proveStep' }> = {
  type: 'proveStep',
  proof: {
    assertionId: 3n,
    chunk: 1,
    slot: 15,
    salt: HASH,
    content: CONTENT,
    data: Uint8Array.from([1]),
    authorizations: Uint8Array.from([2]),
    openings: Uint8Array.from([3]),
    entryHashes: [HASH, HASH],
    entry: Uint8Array.from([4]),
    commitments: [HASH],
    before: { stateRoot: 11n, fees: [1n, 2n, 3n, 4n], visibleCount: 5 },
    witness: WITNESS,
  },
};

describe('Chain: calls of the Assertions contract', () => {
  it('decodes the calldata of an assertion and of a proven batch to what was encoded', () => {
    assert.deepEqual(decodeAssertionSubmission(call(encodeAssertion(ASSERTION))), ASSERTION);
    assert.deepEqual(decodeAssertionSubmission(call(encodeSubmission(PROVEN))), PROVEN);
  });

  it('knows by the call in which form blobs have the records', () => {
    const inBlobs = { ...BATCH, chunks: [], blobHashes: [HASH] };
    const asserted: AssertionSubmission = { ...inBlobs, form: 'evaluations', authorizations: [] };
    const proven: BatchSubmission = {
      ...inBlobs,
      form: 'coefficients',
      evaluations: [5n, 6n],
      opening: new Uint8Array(96).fill(7),
      proofs: PROVEN.proofs,
    };
    const decode = (data: string) => decodeAssertionSubmission({ data, blobHashes: [HASH] });
    assert.deepEqual(decode(encodeAssertion(asserted)), asserted);
    assert.deepEqual(decode(encodeSubmission(proven)), proven);
  });

  it('takes blobs beside records in calldata, and neither, for the fault of the node', () => {
    for (const [chunks, blobHashes] of [
      [BATCH.chunks, [HASH]],
      [[], []],
    ] as const) {
      const data = encodeAssertion({ ...ASSERTION, chunks });
      assert.throws(() => decodeAssertionSubmission({ data, blobHashes }), { code: 'L1_INCONSISTENT' });
    }
  });

  it('has one selector for submitBatch of both contracts', () => {
    const selector = (abi: typeof rollupInterface) => abi.getFunction('submitBatch')!.selector;
    assert.equal(selector(assertionsInterface), selector(rollupInterface));
  });

  for (const [what, calldata] of [
    ['another function', assertionsInterface.encodeFunctionData('commitStep', [HASH])],
    ['truncated arguments', encodeAssertion(ASSERTION).slice(0, -64)],
    ['an unknown selector', '0x12345678'],
    ['nothing', '0x'],
  ] as const) {
    it(`refuses calldata of ${what} with CALLDATA_UNREADABLE`, () => {
      assert.throws(() => decodeAssertionSubmission(call(calldata)), { code: 'CALLDATA_UNREADABLE' });
    });
  }

  it('sends the bond of an assertion and of a dispute, and nothing with the others', () => {
    const actions: AssertionAction[] = [
      { type: 'assertBatch', submission: ASSERTION },
      { type: 'openDispute', assertionId: 3n, headerHash: HASH, chunk: 1 },
      { type: 'submitBatch', submission: PROVEN },
      { type: 'submitProofs', assertionId: 3n, content: CONTENT, firstChunk: 1, proofs: PROVEN.proofs },
      { type: 'finalizeBatches', headers: [BATCH.parent] },
      { type: 'answerDispute', assertionId: 3n, headerHash: HASH, chunk: 1, commitments: [HASH] },
      { type: 'commitStep', commitment: HASH },
      STEP_PROOF,
      { type: 'rejectUnanswered', assertionId: 3n, chunk: 1 },
      { type: 'settleDispute', disputeId: 4n },
      { type: 'releaseBond', assertionId: 3n },
      { type: 'collectCredit', receiver: CONSTANTS.address },
    ];
    const calls = actions.map((action) => toAssertionCall(CONSTANTS, action));
    assert.deepEqual(
      calls.map(({ value }) => value),
      [500n, 70n, ...Array.from({ length: 10 }, () => 0n)],
    );
    assert.deepEqual(
      calls.map(({ data }) => assertionsInterface.parseTransaction({ data })?.name),
      actions.map(({ type }) => type),
    );
    assert.ok(calls.every(({ to }) => to === CONSTANTS.address));
  });

  it('encodes a step proof as Solidity’s struct, an empty leaf as zeros with a flag', () => {
    const { data } = toAssertionCall(CONSTANTS, STEP_PROOF);
    const { siblings } = LEAF;
    const leaf = '(bool,(uint256,address,uint32,uint32,uint128),uint256[3][12])';
    const type = `(uint64,uint8,uint16,bytes32,(uint8,uint256[9][],bytes32[],bytes32[],bytes32[]),bytes,bytes,bytes,bytes32[],bytes,bytes32[],(uint256,uint256[4],uint256),(${leaf},${leaf},uint256,uint256))`;
    const owner = '0x0000000000000000000000000000000000000002';
    const expected = coder.encode(
      [`tuple${type}`],
      [
        [
          3n,
          1,
          15,
          HASH,
          [2, CONTENT.inputs, [HASH], [], [HASH]],
          '0x01',
          '0x02',
          '0x03',
          [HASH, HASH],
          '0x04',
          [HASH],
          [11n, [1n, 2n, 3n, 4n], 5n],
          [[true, [1n, owner, 3, 4, 5n], siblings], [false, [0n, `0x${'00'.repeat(20)}`, 0, 0, 0n], siblings], 6n, 7n],
        ],
      ],
    );
    const selector = keccak256(toUtf8Bytes(`proveStep(${type})`)).slice(0, 10);
    assert.equal(data, `${selector}${expected.slice(2)}`);
  });

  it('names the errors of disputes and of the step verifier with their values', () => {
    for (const [name, values, expected] of [
      ['TooLate', [5, 6], { deadline: '5', time: '6' }],
      ['NoFraud', [1, 2, 3], { assertionId: '1', chunk: '2', slot: '3' }],
      ['WrongStateProof', [7, 8], { expectedRoot: '7', actualRoot: '8' }],
    ] as const) {
      const rejection = rejectionOf({ data: assertionsInterface.encodeErrorResult(name, [...values]) });
      assert.equal(rejection?.code, 'L1_REJECTED');
      assert.deepEqual(rejection?.data, { error: name, ...expected });
    }
  });
});
