import assert from 'node:assert/strict';
import { isUsableKeyY, keyDerivationMessage, keyPairFromEthereumSignature } from '@quittance/protocol';
import { getBytes, Wallet } from 'ethers';
import { assertCode } from '../../support/assertions.ts';

/** The public development key of Hardhat and anvil. */
const WALLET = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
const CONTRACT = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

const derive = async (wallet: Wallet, chainId: bigint, contract: string) =>
  keyPairFromEthereumSignature(getBytes(await wallet.signMessage(keyDerivationMessage(chainId, contract))));

describe('keys from an Ethereum signature', () => {
  it('are the same each time, whatever the case of the address', async () => {
    const keyPair = await derive(WALLET, 31_337n, CONTRACT);
    assert.deepEqual(await derive(WALLET, 31_337n, CONTRACT), keyPair);
    assert.deepEqual(await derive(WALLET, 31_337n, CONTRACT.toLowerCase()), keyPair);
    assert.equal(isUsableKeyY(keyPair.publicKey.y), true);
  });

  it('stay the same from version to version: funds hang on them', async () => {
    const { publicKey } = await derive(WALLET, 31_337n, CONTRACT);
    assert.equal(publicKey.y, 13559529962488787446602258035001015890243045230638095606863491562224583966113n);
  });

  it('differ for another chain, contract or wallet', async () => {
    const other = new Wallet('0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d');
    const keys = await Promise.all([
      derive(WALLET, 31_337n, CONTRACT),
      derive(WALLET, 1n, CONTRACT),
      derive(WALLET, 31_337n, `0x${'11'.repeat(20)}`),
      derive(other, 31_337n, CONTRACT),
    ]);
    assert.equal(new Set(keys.map(({ publicKey }) => publicKey.y)).size, 4);
  });

  it('do not depend on how a wallet writes the recovery byte', async () => {
    const signature = getBytes(await WALLET.signMessage(keyDerivationMessage(31_337n, CONTRACT)));
    const { secret } = keyPairFromEthereumSignature(signature);
    for (const recovery of [0, 1, 27, 28]) {
      const rewritten = Uint8Array.from([...signature.slice(0, 64), recovery]);
      assert.deepEqual(keyPairFromEthereumSignature(rewritten).secret, secret);
    }
  });

  it('name the chain id and the contract in what the wallet shows', () => {
    const text = keyDerivationMessage(10n, CONTRACT);
    assert.match(text, /^Chain id: 10$/m);
    assert.ok(text.includes(CONTRACT.toLowerCase()));
  });

  it('refuse a deployment that is none: its key would be found by nobody again', () => {
    for (const contract of ['', '0x', CONTRACT.slice(2), CONTRACT.slice(0, -1), `${CONTRACT}0`, `${CONTRACT}\n`]) {
      assertCode(() => keyDerivationMessage(1n, contract), 'INVALID_ADDRESS', contract);
    }
    assertCode(() => keyDerivationMessage(0n, CONTRACT), 'OUT_OF_RANGE');
  });

  it('refuse signatures of another length', () => {
    for (const length of [0, 64, 66]) {
      assertCode(() => keyPairFromEthereumSignature(new Uint8Array(length)), 'INVALID_KEY');
    }
  });
});
