import { strict as assert } from 'node:assert';
import { channelAddress } from '@quittance/protocol';
import { decodeChannelExport, EXPORT_LIMITS, type ExportedChannel, encodeChannelExport } from '@quittance/sdk/channels';
import { decodeStates } from '../../../channels/tower/exported.ts';
import { assertCode } from '../../support/assertions.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { htlcOf, stateOf } from '../../support/channels/world.ts';

const WORD = `0x${'12'.repeat(32)}`;
const [A, B] = [0xa1, 0xb2].map((byte) => channelAddress(Buffer.alloc(32, byte)));
const ONE: ExportedChannel = {
  ...{
    terms: { tokenId: 3, a: A!, b: B!, period: 60, nonce: 2n ** 64n - 1n },
    vault: `0x${'aa'.repeat(20)}`,
    party: 'b',
  },
  state: stateOf({ version: 7, claim: 2n ** 128n - 1n, htlcs: [htlcOf()] }),
  signatures: [
    { v: 27, r: WORD, s: WORD },
    { v: 28, r: WORD, s: WORD },
  ],
  secrets: [secretOf('one').secret],
  contract: { chainId: 31_337n, channels: B! },
};
const change = (some: object): string => JSON.stringify({ ...JSON.parse(encodeChannelExport([ONE])), ...some });

describe('files of channels', () => {
  it('are read as they were written: one, several, none, and one that is of nobody', () => {
    const bare: ExportedChannel = { ...ONE, secrets: [] };
    for (const channels of [[ONE], [ONE, bare], []]) {
      assert.deepEqual(decodeChannelExport(encodeChannelExport(channels)), channels);
    }
    const { party: _, contract: __, ...nobody } = ONE;
    assert.deepEqual(decodeChannelExport(encodeChannelExport([nobody])), [nobody]);
    assert.deepEqual(decodeChannelExport(change({ secrets: undefined })), [bare]);
  });

  it('are what a tower reads, if they are of its contract', () => {
    const { contract, ...state } = ONE;
    assert.deepEqual(decodeStates('states.json', encodeChannelExport([ONE]), contract!), [state]);
    const other = { ...contract!, chainId: 1n };
    assertCode(() => decodeStates('states.json', encodeChannelExport([ONE]), other), 'DATABASE_FOREIGN');
  });

  for (const [title, text] of [
    ['no JSON', '{'],
    ['no object', '7'],
    ['of another format', change({ format: 'quittance-channel-state-2' })],
    ['with a party that is none', change({ party: 'c' })],
    ['without a state', change({ state: undefined })],
    ['with one signature', change({ signatures: [ONE.signatures[0]] })],
    ['with a secret in capitals', change({ secrets: [secretOf('one').secret.toUpperCase()] })],
    ['with more secrets than are kept', change({ secrets: Array(EXPORT_LIMITS.secrets + 1).fill(WORD) })],
    ['with a chain and no contract', change({ channels: undefined })],
    ['with a chain of 2^64', change({ chainId: String(2n ** 64n) })],
    ['with more channels than are read', JSON.stringify(Array(EXPORT_LIMITS.channels + 1).fill(0))],
  ] as const) {
    it(`are refused ${title}`, () => {
      assertCode(() => decodeChannelExport(text), 'CONFIG_INVALID');
    });
  }

  it('are read up to their limit of secrets', () => {
    const secrets = Array<string>(EXPORT_LIMITS.secrets).fill(WORD);
    assert.equal(decodeChannelExport(change({ secrets }))[0]!.secrets.length, EXPORT_LIMITS.secrets);
  });
});
