/** Keys of a party: they sign alike with the addon and without it, and keep their secret. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { inspect } from 'node:util';
import { channelAddress, channelStateHash, recoverChannelSigner, signChannelState } from '@quittance/protocol';
import { createStateKeys } from '../../channels/index.ts';
import { recoverStateSigner } from '../../native/index.ts';
import { assertCode } from '../support/assertions.ts';
import { mirrored, ORDER, wordOf } from '../support/channels/malleations.ts';
import { htlcOf, stateOf } from '../support/channels/world.ts';
import { itNative } from '../support/native.ts';

const CONTRACT = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
const VAULT = `0x${'fa'.repeat(20)}`;
const secretKey = new Uint8Array(32).fill(0xa1);
const STATE = stateOf({ version: 7, claim: 9n, htlcs: [htlcOf()] });

/** Signs, finds the signer, and says which code a malleated signature gives, without the addon. */
const WITHOUT_ADDON = `
  import { createStateKeys } from './channels/index.ts';
  import { isNativeAvailable } from './native/index.ts';
  const keys = createStateKeys({
    contract: { chainId: 31_337n, channels: '${CONTRACT.channels}' },
    secretKey: new Uint8Array(32).fill(0xa1),
    now: () => 5,
  });
  const state = JSON.parse(process.argv[1], (key, value) => (key === 'claim' || key === 'amount' ? BigInt(value) : value));
  const hash = keys.hash('${VAULT}', state);
  const signature = keys.sign(hash);
  let code;
  try { keys.recover(hash, { ...signature, v: 29 }); } catch (error) { code = error.code; }
  const signer = keys.recover(hash, signature);
  console.log(JSON.stringify({ native: isNativeAvailable(), hash, signature, signer, code, now: keys.now() }));
`;

describe('keys of a party', () => {
  const keys = createStateKeys({ contract: CONTRACT, secretKey, now: () => 5 });
  const hash = channelStateHash(CONTRACT, VAULT, STATE);

  it('hash, sign and find signers as the protocol does', () => {
    assert.equal(keys.hash(VAULT, STATE), hash);
    const signature = signChannelState(hash, secretKey);
    assert.deepEqual(keys.sign(hash), signature);
    assert.equal(keys.recover(hash, signature), channelAddress(secretKey));
    assertCode(() => keys.recover(hash, mirrored(signature)), 'BAD_SIGNATURE');
    assert.equal(keys.now(), 5);
  });

  it('do so without the addon too', () => {
    const state = JSON.stringify(STATE, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', WITHOUT_ADDON, state], {
      encoding: 'utf8',
      env: { ...process.env, QUITTANCE_DISABLE_NATIVE: '1' },
    });
    const signature = signChannelState(hash, secretKey);
    assert.equal(recoverChannelSigner(hash, signature), channelAddress(secretKey));
    assert.deepEqual(JSON.parse(said), {
      ...{ native: false, hash, signature, signer: channelAddress(secretKey) },
      ...{ code: 'BAD_SIGNATURE', now: 5 },
    });
  });

  it('are not made of what is no secret key, and do not repeat it', () => {
    const bytesOf = (value: bigint) => Uint8Array.from(Buffer.from(wordOf(value).slice(2), 'hex'));
    const short = bytesOf(0xdeadbeefn).subarray(1);
    for (const odd of [bytesOf(0n), bytesOf(ORDER), bytesOf(ORDER + 0xdeadbeefn), short, 'text', undefined]) {
      const error = assertCode(
        () => createStateKeys({ contract: CONTRACT, secretKey: odd as Uint8Array, now: () => 5 }),
        'OUT_OF_RANGE',
      );
      assert.equal(error.cause, undefined);
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error.data)}`, /deadbeef|[0-9]{4}/i);
    }
  });

  it('show no secret when they are printed, and sign on when the caller wipes its copy', () => {
    const own = Uint8Array.from(secretKey);
    const of = createStateKeys({ contract: CONTRACT, secretKey: own, now: () => 5 });
    own.fill(0);
    assert.deepEqual(of.sign(hash), signChannelState(hash, secretKey));
    assert.doesNotMatch(`${inspect(of, { depth: 9, showHidden: true })} ${JSON.stringify(of)}`, /161|a1/i);
  });

  itNative('are those of the addon where there is one', () => {
    assert.equal(keys.recover, recoverStateSigner);
  });
});
