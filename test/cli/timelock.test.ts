import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { Interface } from 'ethers';
import { safeChecksum, safeFile } from '../../cli/owner/safe.ts';
import { type Change, inWords, requireEffect } from '../../cli/owner/timelock.ts';
import { assertCode } from '../support/assertions.ts';

const change = (state: Change['state']): Change => ({ timelock: '0x00', id: '0x01', state, readyAt: undefined });

describe('CLI: changes by the owner', () => {
  it('are refused when they were executed and the contract says otherwise', () => {
    assertCode(() => requireEffect(change('executed'), false), 'DEPLOYMENT_MISMATCH');
    requireEffect(change('executed'), true);
    requireEffect(change('scheduled'), false);
  });

  it('are refused when they were executed before and another one is in force since, with the way to make them again', () => {
    assert.throws(() => requireEffect(change('done before'), false), /another one is in force since.*--change/);
    requireEffect(change('done before'), true);
    requireEffect(change('waiting'), false);
  });

  it('tell whoever may not propose so, and the other errors of a timelock by name', () => {
    const errors = new Interface([
      'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
      'error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)',
    ]);
    const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    const refused = (name: string, args: readonly unknown[]) =>
      new RollupError('L1_REJECTED', 'x', { error: 'unknown', data: errors.encodeErrorResult(name, args) });
    const role = `0x${'11'.repeat(32)}`;
    const stranger = inWords(refused('AccessControlUnauthorizedAccount', [account, role]), '0xabc') as Error;
    assert.match(stranger.message, new RegExp(`^${account} may not change this rollup: it is no proposer`));
    const early = inWords(refused('TimelockInsufficientDelay', [1, 2]), '0xabc') as Error;
    assert.match(early.message, /TimelockInsufficientDelay\(1, 2\)/);
    const other = new Error('another');
    assert.equal(inWords(other, '0xabc'), other);
  });
});

describe('CLI: a file for the Transaction Builder of Safe', () => {
  /** A file that the builder itself wrote, with its checksum. Source: 5afe/safe-cli-nodejs, TRANSACTION_BUILDER_FORMAT_ANALYSIS.md. */
  const written = {
    version: '1.0',
    chainId: '1',
    createdAt: 1761326849944,
    meta: {
      name: 'Transactions Batch',
      description: '',
      txBuilderVersion: '1.18.2',
      createdFromSafeAddress: '0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6',
      createdFromOwnerAddress: '',
      checksum: '0x8b5032f716845c8b08bab3d63dbd9ba92e056f3557793cd041e59b84e16aa989',
    },
    transactions: [
      {
        to: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
        value: '0',
        data: null,
        contractMethod: {
          inputs: [
            { internalType: 'address', name: 'spender', type: 'address' },
            { internalType: 'uint256', name: 'value', type: 'uint256' },
          ],
          name: 'approve',
          payable: false,
        },
        contractInputsValues: { spender: '0x474e5Ded6b5D078163BFB8F6dBa355C3aA5478C8', value: '100000000000' },
      },
    ],
  };

  it('has the checksum that the builder computes, which a changed byte changes', () => {
    assert.equal(safeChecksum(written), written.meta.checksum);
    assert.notEqual(safeChecksum({ ...written, chainId: '2' } as typeof written), written.meta.checksum);
    const call = { to: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', data: '0x12' };
    const file = safeFile(call, { chainId: 5n, description: 'x', nowMs: 1 });
    assert.equal(safeChecksum(file), file.meta.checksum);
    assert.deepEqual(
      file.transactions.map(({ to, value, data }) => [to, value, data]),
      [[call.to, '0', '0x12']],
    );
    assert.equal(file.chainId, '5');
  });
});
