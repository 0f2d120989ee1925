import { strict as assert } from 'node:assert';
import { addressText } from '@quittance/protocol';
import { formatReceiver } from '@quittance/sdk';
import { loadAccounts, MOST_SHOWN, type OwnAccount, payingAccount } from '../../explorer/src/wallet/money/accounts.ts';
import { type Draft, type Payment, type Problems, resolvePayment } from '../../explorer/src/wallet/pay/resolve.ts';
import { listedPurse } from '../support/explorer/listed-purse.ts';
import { createPerson } from '../support/rollup/person.ts';

const [ALICE, BOB, MALLORY] = ['alice', 'bob', 'mallory'].map((name) => {
  const { owner, keyPair } = createPerson(name);
  return { owner, keyY: keyPair.publicKey.y };
}) as [Party, Party, Party];
interface Party {
  readonly owner: bigint;
  readonly keyY: bigint;
}

/** Accounts by ascending index: whose address, whose key, which token. */
const listOf = (...rows: readonly (readonly [Party, Party, number])[]) =>
  rows.map(([{ owner }, { keyY }, tokenId], index) => ({
    ...{ index, tokenId, owner: addressText(owner), keyY: String(keyY), balance: '1000', nonce: 0 },
  }));
const DUST = Array.from({ length: 250 }, () => [BOB, MALLORY, 1] as const);
const DRAFT: Draft = { to: '', amount: '100', tokenId: 0, reference: '', fee: '' };

interface Resolved {
  readonly payment?: Payment;
  readonly problems?: Problems;
}

describe('explorer: whom a payment pays', () => {
  const resolve = async (
    to: string,
    list: ReturnType<typeof listOf>,
    { fee = 1n, ...changes }: Partial<Omit<Draft, 'fee'>> & { readonly fee?: bigint; readonly written?: string } = {},
    kind: 'transfer' | 'withdraw' = 'transfer',
  ): Promise<Resolved> => {
    const { written = '', ...rest } = changes;
    const { purse } = listedPurse(formatReceiver(ALICE), list, fee);
    const from: OwnAccount = { index: 0, tokenId: 0, isOwnKey: true, soft: 1_000n, posted: 0n, final: 0n };
    return resolvePayment(purse, [from], { ...DRAFT, ...rest, to, fee: written }, kind);
  };
  const address = addressText(BOB.owner);
  const key = `0x${BOB.keyY.toString(16).padStart(64, '0')}`;

  it('is the one key of an address, which nobody gave', async () => {
    const { payment } = await resolve(address, listOf([ALICE, ALICE, 0], [BOB, BOB, 0]));
    assert.deepEqual(payment?.payee, { index: 1, owner: address, key, isKeyGiven: false });
    const opening = await resolve(address, listOf([ALICE, ALICE, 0], [BOB, BOB, 1]));
    assert.deepEqual(opening.payment?.payee, { index: null, owner: address, key, isKeyGiven: false });
  });

  it('is nobody by an address with accounts of two keys, whichever token they hold', async () => {
    const lists = {
      'the other key alone has the token': listOf([ALICE, ALICE, 0], [BOB, BOB, 1], [BOB, MALLORY, 0]),
      'the other key comes after a page': listOf([ALICE, ALICE, 0], ...DUST, [BOB, BOB, 0]),
    };
    for (const [title, list] of Object.entries(lists)) {
      const { payment, problems } = await resolve(address, list);
      assert.equal(payment, undefined, title);
      assert.match(problems?.to ?? '', /Accounts of several keys are under this address.*Ask its owner/, title);
    }
  });

  it('is the key of a receiver, wherever its account stands in the list', async () => {
    const { payment } = await resolve(formatReceiver(BOB), listOf([ALICE, ALICE, 0], ...DUST, [BOB, BOB, 0]));
    assert.deepEqual(payment?.payee, { index: 251, owner: address, key, isKeyGiven: true });
  });

  it('is nobody by a name with a fault, and says which', async () => {
    const list = listOf([ALICE, ALICE, 0]);
    const typo = '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    for (const [to, problem] of [
      [address, /has no account here/],
      [typo, /checksum is wrong/],
      [`${typo}:${key}`, /checksum is wrong/],
      [`${address}:0x${'ff'.repeat(32)}`, /Nobody can sign/],
      [`0x${'0'.repeat(40)}`, /address 0/],
      ['7', /There is no account 7/],
      [formatReceiver(ALICE), /your own account/],
    ] as const) {
      const { problems } = await resolve(to, list);
      assert.match(problems?.to ?? '', problem, to);
    }
  });

  it('pays no suggested fee of more than a tenth, unless somebody writes it', async () => {
    const list = listOf([ALICE, ALICE, 0], [BOB, BOB, 0]);
    for (const kind of ['transfer', 'withdraw'] as const) {
      const { payment, problems } = await resolve(address, list, { fee: 11n }, kind);
      assert.equal(payment, undefined, kind);
      assert.match(problems?.fee ?? '', /asks for 11 ETH, more than a tenth/);
      assert.equal((await resolve(address, list, { fee: 10n }, kind)).payment?.fee, 10n);
      assert.equal((await resolve(address, list, { fee: 11n, written: '11' }, kind)).payment?.fee, 11n);
    }
  });

  it('lists the accounts of the own key first, however many others were opened under its address', async () => {
    const list = listOf(...DUST, [BOB, BOB, 0]);
    const { purse, calls } = listedPurse(formatReceiver(BOB), list);
    const accounts = await loadAccounts(purse.place.client, formatReceiver(BOB));
    assert.equal(accounts.length, 251);
    assert.deepEqual(payingAccount(accounts, 0), accounts[0]);
    assert.deepEqual(accounts[0], {
      index: 250,
      tokenId: 0,
      isOwnKey: true,
      soft: 1_000n,
      posted: 1_000n,
      final: 1_000n,
    });
    // The list once, and two older states of what is shown.
    assert.equal(calls.length, 3 + 2 * MOST_SHOWN);
  });
});
