import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import {
  ASSERTIONS_ABI,
  assertionsAbi,
  channelsAbi,
  decodeSubmission,
  encodeSubmission,
  preimagesAbi,
  ROLLUP_ABI,
  rejectionOf,
  rollupAbi,
  rollupInterface,
} from '@quittance/chain';
import { genesisHeader } from '@quittance/protocol';
import { Interface, type InterfaceAbi } from 'ethers';
import { encodeFunctionData, parseAbi } from 'viem';
import { abiFiles } from '../../scripts/generate/abi.ts';

const ARTIFACT = new URL('../../build/contracts/artifacts/contracts/Rollup.sol/Rollup.json', import.meta.url);

describe('Chain: interface of the contract', () => {
  it('has only functions, events and errors that the compiled contract has, with the same names of values', () => {
    const { abi } = JSON.parse(readFileSync(ARTIFACT, 'utf8')) as { abi: InterfaceAbi };
    const compiled = new Set(
      new Interface(abi).fragments.map((fragment) => fragment.format('minimal').replace(/ returns.*/, '')),
    );
    const ours = new Interface(ROLLUP_ABI).fragments.map((fragment) =>
      fragment.format('minimal').replace(/ returns.*/, ''),
    );
    assert.deepEqual(
      ours.filter((fragment) => !compiled.has(fragment)),
      [],
    );
  });

  it('is there as the compiled one, typed, made by its generator', () => {
    for (const [file, text] of abiFiles()) {
      const written = readFileSync(new URL(`../../packages/chain/typed-abi/${file}`, import.meta.url), 'utf8');
      assert.equal(written, text, 'run node scripts/generate/abi.ts');
    }
    const compiled = (name: string) => {
      const path = `../../build/contracts/artifacts/contracts/${name}.sol/${name.split('/').at(-1)}.json`;
      const { abi } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { abi: InterfaceAbi };
      return new Interface(abi).fragments
        .filter(({ type }) => type !== 'constructor')
        .map((item) => item.format('full'));
    };
    for (const [name, abi] of [
      ['Rollup', rollupAbi],
      ['Assertions', assertionsAbi],
      ['channels/Channels', channelsAbi],
      ['channels/Preimages', preimagesAbi],
    ] as const) {
      assert.deepEqual(new Interface(abi).fragments.map((item) => item.format('full')).sort(), compiled(name).sort());
    }
    // The compiler knows the argument and its type.
    const calldata = encodeFunctionData({ abi: rollupAbi, functionName: 'requestExit', args: [7, 3] });
    assert.equal(calldata, rollupInterface.encodeFunctionData('requestExit', [7, 3]));
    // @ts-expect-error: there is no such function, and viem says so before it runs
    assert.throws(() => encodeFunctionData({ abi: rollupAbi, functionName: 'requestExits', args: [7, 3] }));
  });

  it('is understood by viem too', () => {
    const abi = parseAbi(ROLLUP_ABI);
    assert.equal(abi.length, ROLLUP_ABI.length);
    const args = [7, 3];
    assert.equal(
      encodeFunctionData({ abi, functionName: 'requestExit', args }),
      rollupInterface.encodeFunctionData('requestExit', args),
    );
    assert.equal(parseAbi(ASSERTIONS_ABI).length, ASSERTIONS_ABI.length);
  });

  it('knows every error that the compiled contract can raise for a producer', () => {
    const { abi } = JSON.parse(readFileSync(ARTIFACT, 'utf8')) as { abi: InterfaceAbi };
    const names = new Interface(abi).fragments.flatMap((fragment) =>
      fragment.type === 'error' ? [(fragment as unknown as { name: string }).name] : [],
    );
    const unknown = names.filter((name) => rollupInterface.getError(name) === null);
    assert.deepEqual(unknown, ['OwnableInvalidOwner']);
  });

  it('decodes the calldata of a submission to what was encoded', () => {
    const submission = {
      parent: genesisHeader(7n, 1_800_000_000),
      number: 1,
      time: 1_800_000_001,
      roots: [7n, 8n, 9n],
      commitments: [1n, 2n],
      feeTokens: [3n, 4n],
      form: 'calldata' as const,
      chunks: [Uint8Array.from([1, 2, 3]), Uint8Array.from([4])],
      visible: [Uint8Array.from([5]), new Uint8Array()],
      blobHashes: [],
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
        {
          a: [11n, 12n],
          b: [
            [13n, 14n],
            [15n, 16n],
          ],
          c: [17n, 18n],
        },
      ] as const,
    };
    assert.deepEqual(decodeSubmission({ data: encodeSubmission(submission), blobHashes: [] }), submission);
  });

  for (const [what, calldata] of [
    ['another function', rollupInterface.encodeFunctionData('collectFees')],
    ['truncated arguments', `${rollupInterface.getFunction('submitBatch')!.selector}00`],
    ['an unknown selector', '0x12345678'],
    ['nothing', '0x'],
  ] as const) {
    it(`refuses calldata of ${what} with CALLDATA_UNREADABLE`, () => {
      assert.throws(() => decodeSubmission({ data: calldata, blobHashes: [] }), { code: 'CALLDATA_UNREADABLE' });
    });
  }

  it('names the error and values of a revert wherever a provider put its data', () => {
    const data = rollupInterface.encodeErrorResult('WrongBatchNumber', [3, 4]);
    for (const error of [{ data }, { info: { error: { data } } }, { error: { data: { data } } }, { cause: { data } }]) {
      const rejection = rejectionOf(error);
      assert.equal(rejection?.code, 'L1_REJECTED');
      assert.deepEqual(rejection?.data, { error: 'WrongBatchNumber', expected: '3', actual: '4' });
    }
    assert.equal(rejectionOf(new Error('no revert')), undefined);
  });
});
