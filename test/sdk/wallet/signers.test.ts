import assert from 'node:assert/strict';
import { keyDerivationMessage } from '@quittance/protocol';
import { deriveRollupKey, toSigner } from '@quittance/sdk';
import { HDNodeWallet, hashMessage, Wallet } from 'ethers';
import { createWalletClient, custom, UserRejectedRequestError } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { openOwner } from '../../../packages/sdk/wallet/owner.ts';
import { requirePlainAccount } from '../../../packages/sdk/wallet/rollup-key.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';

const SECRET = `0x${'11'.repeat(32)}` as const;
const wallet = new Wallet(SECRET);
const MNEMONIC = 'test test test test test test test test test test test junk';
const DEPLOYMENT = { chainId: 31_337n, contract: `0x${'c0'.repeat(20)}` };
const CALL = { to: `0x${'aa'.repeat(20)}`, data: '0x1234', value: 7n };

/** A wallet of a page: it signs with the key, and remembers what it was asked for. */
function createProvider(answers: Record<string, (params: unknown) => unknown> = {}) {
  const asked: { method: string; params?: unknown }[] = [];
  return {
    asked,
    async request({ method, params }: { method: string; params?: unknown }) {
      asked.push({ method, params });
      const answer = answers[method];
      if (answer !== undefined) return answer(params);
      if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [wallet.address];
      if (method === 'eth_chainId') return '0x7a69';
      if (method === 'personal_sign') return wallet.signMessage(Buffer.from((params as string[])[0]!.slice(2), 'hex'));
      if (method === 'eth_sendTransaction') return `0x${'99'.repeat(32)}`;
      throw new Error(`unexpected ${method}`);
    },
  };
}

const rejected = () => Promise.reject(Object.assign(new Error('User denied'), { code: 4001 }));

describe('signers of a wallet', () => {
  for (const [kind, signer] of [
    ['an EIP-1193 provider', createProvider()],
    [
      'a wallet client of viem',
      createWalletClient({ account: privateKeyToAccount(SECRET), transport: custom(createProvider()) }),
    ],
    ['a signer of ethers', wallet],
  ] as const) {
    it(`are ${kind}, which leads to the same rollup key`, async () => {
      const adapted = await toSigner(signer);
      assert.equal(adapted.address, wallet.address);
      const expected = await deriveRollupKey(
        {
          address: wallet.address,
          signMessage: (text) => wallet.signMessage(text),
          sendTransaction: async () => assert.fail(),
        },
        DEPLOYMENT,
      );
      assert.deepEqual((await deriveRollupKey(adapted, DEPLOYMENT)).publicKey, expected.publicKey);
    });
  }

  it('say their chain, and send what they are given', async () => {
    const provider = createProvider();
    const signer = await toSigner(provider);
    assert.equal(await signer.chainId?.(), 31_337n);
    assert.equal(await signer.sendTransaction(CALL), `0x${'99'.repeat(32)}`);
    assert.deepEqual(provider.asked.at(-1), {
      method: 'eth_sendTransaction',
      params: [{ from: wallet.address, to: CALL.to, data: CALL.data, value: '0x7' }],
    });
  });

  it('that decline are SIGNER_REFUSED, whichever way they say it', async () => {
    const viemRefusal = new UserRejectedRequestError(new Error('no'));
    for (const refusal of [
      rejected,
      () => Promise.reject(viemRefusal),
      () => Promise.reject(Object.assign(new Error('x'), { code: 'ACTION_REJECTED' })),
      () => Promise.reject(Object.assign(new Error('x'), { code: 'UNKNOWN_ERROR', error: { code: 4001 } })),
    ]) {
      const signer = await toSigner(createProvider({ personal_sign: refusal }));
      const { data } = await assertRejects(signer.signMessage('hello'), 'SIGNER_REFUSED');
      assert.equal(data.account, wallet.address);
    }
    await assertRejects(toSigner(createProvider({ eth_requestAccounts: rejected })), 'SIGNER_REFUSED');
    const broken = await toSigner(createProvider({ personal_sign: () => Promise.reject(new Error('locked')) }));
    await assert.rejects(broken.signMessage('hello'), /locked/);
  });

  it('are nothing else', async () => {
    for (const wrong of [{}, null, 7, { signMessage() {} }]) await assertRejects(toSigner(wrong), 'CONFIG_INVALID');
    await assertRejects(toSigner(createProvider({ eth_requestAccounts: () => [] })), 'CONFIG_INVALID');
  });
});

describe('the L1 account of a wallet', () => {
  it('is that of the words, at any place, or of the secret', async () => {
    const expected = HDNodeWallet.fromPhrase(MNEMONIC, undefined, `m/44'/60'/0'/0/3`).address;
    assert.equal((await openOwner({ mnemonic: MNEMONIC, accountIndex: 3 })).signer.address, expected);
    assert.equal((await openOwner({ secret: SECRET })).signer.address, wallet.address);
  });

  it('is named once', async () => {
    await assertRejects(openOwner({}), 'CONFIG_INVALID');
    await assertRejects(openOwner({ secret: SECRET, mnemonic: MNEMONIC }), 'CONFIG_INVALID');
    await assertRejects(openOwner({ mnemonic: 'no such words' }), 'CONFIG_INVALID');
  });

  it('is of a secret that is one, none of which is ever in an error', async () => {
    for (const secret of ['0x12', `0x${'00'.repeat(32)}`, `0x${'ff'.repeat(32)}`, 'zz'.repeat(32)]) {
      const { message } = await assertRejects(openOwner({ secret }), 'INVALID_KEY');
      assert.equal(message.includes(secret), false);
    }
  });
});

describe('the rollup key of a contract account', () => {
  const contract = `0x${'dd'.repeat(20)}`;

  it('is none: the code at the address says so, before anything is signed', () => {
    const { data } = assertCode(() => requirePlainAccount(contract, '0x6001'), 'CONTRACT_ACCOUNT');
    assert.equal(data.account, contract);
    requirePlainAccount(wallet.address, '0x');
    // Delegated by EIP-7702: its own key still signs.
    requirePlainAccount(wallet.address, `0xef0100${'ab'.repeat(20)}`);
  });

  it('is none where something else signs than the key of the address', async () => {
    const message = keyDerivationMessage(DEPLOYMENT.chainId, DEPLOYMENT.contract);
    for (const signature of [await wallet.signMessage(message), hashMessage(message), '0x', 'nonsense']) {
      const signer = {
        address: contract,
        signMessage: async () => signature,
        sendTransaction: async () => assert.fail(),
      };
      await assertRejects(deriveRollupKey(signer, DEPLOYMENT), 'CONTRACT_ACCOUNT');
    }
  });
});
