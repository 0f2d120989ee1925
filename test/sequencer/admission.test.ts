import { strict as assert } from 'node:assert';
import {
  type Account,
  float16,
  float40,
  MAX_NONCE,
  type Operation,
  PROFILES,
  packOperation,
  RecordKind,
} from '@quittance/protocol';
import type { SequencerContext } from '../../sequencer/context.ts';
import { createSequencerConfig } from '../../sequencer/index.ts';
import { type Candidate, createAdmission } from '../../sequencer/mempool/admission.ts';
import type { Ledger } from '../../sequencer/mempool/ledger.ts';
import type { UsableKeys } from '../../sequencer/mempool/usable-keys.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { DOMAIN, transfer } from '../support/rollup/scene.ts';

const PAYER = 1;
const PAYEE = 2;
const NOW = 1_700_000_000;
const account = (keyY: bigint): Account => ({ keyY, owner: 7n, tokenId: 0, nonce: 0, balance: 1_000_000n });
const config = createSequencerConfig({
  profile: PROFILES.quick,
  operator: { keyY: 1n, owner: 2n },
  feeTokens: [{ tokenId: 0, minimumFee: 0n }],
});

/** An admission on a state of two accounts that tests change. */
function createAdmissionScene() {
  const accounts = new Map<number, Account>([
    [PAYER, account(11n)],
    [PAYEE, account(12n)],
  ]);
  const context = {
    config,
    clock: createManualClock(NOW * 1_000),
    constants: { domain: DOMAIN },
  } as unknown as SequencerContext;
  const ledger = {
    pending: { get: (index: number) => accounts.get(index) },
    leaves: { peek: () => 3 },
  } as unknown as Ledger;
  const asked: bigint[] = [];
  const keys: UsableKeys = {
    learn: async (learned) => void asked.push(...learned),
    isUsable(keyY) {
      asked.push(keyY);
      return false;
    },
  };
  const policy = { config, hasFeeAccount: () => true, claimedLeaves: () => 0, destinationCount: () => 0, keys };
  const admission = createAdmission({ context, ledger, policy });
  const read = (changes: Partial<Operation['fields']> = {}, nonce = 0): Candidate => {
    const plain = transfer();
    const operation = { ...plain, fields: { ...plain.fields, from: PAYER, to: PAYEE, ...changes } };
    return admission.read({ kind: 'packed', bytes: packOperation(operation), nonce });
  };
  const expiring = (validUntil: number): Candidate => {
    const candidate = read();
    const { operation } = candidate;
    const authorization = { ...operation.authorization!, validUntil };
    return { ...candidate, operation: { ...operation, authorization } };
  };
  const precheck = (candidate: Candidate, sent = 0, received = 0n) =>
    admission.precheck(candidate, { sent, received }, admission.judgingContext());
  return { accounts, admission, asked, read, expiring, precheck };
}

describe('Sequencer: admission', () => {
  it('refuses before the signature what a rule before it refuses for ever', () => {
    const { accounts, precheck, read, expiring } = createAdmissionScene();
    precheck(read());
    precheck(expiring(NOW + 86_400));
    assert.throws(() => precheck(expiring(NOW - 1)), { code: 'EXPIRED' });
    assert.throws(() => precheck(read({ to: PAYER })), { code: 'SELF_TRANSFER' });
    accounts.set(PAYEE, { ...account(12n), tokenId: 5 });
    assert.throws(() => precheck(read()), { code: 'TOKEN_MISMATCH' });
  });

  it('refuses the nonce after the last one before the signature, also behind others of its group', () => {
    const { accounts, precheck, read } = createAdmissionScene();
    const last = Number(MAX_NONCE) - 1;
    accounts.set(PAYER, { ...account(11n), nonce: last });
    precheck(read({}, last));
    assert.throws(() => precheck(read({}, last + 1), 1), { code: 'NONCE_EXHAUSTED' });
  });

  it('refuses before the signature what its sender cannot pay, with all that may come in before it', () => {
    const { accounts, precheck, read } = createAdmissionScene();
    const { amountFloat, feeFloat } = read().operation.fields;
    const cost = float40.decode(amountFloat) + float16.decode(BigInt(feeFloat));
    accounts.set(PAYER, { ...account(11n), balance: cost - 5n });
    assert.throws(() => precheck(read(), 1, 4n), { code: 'INSUFFICIENT_BALANCE' });
    precheck(read(), 1, 5n);
    accounts.set(PAYER, { ...account(11n), balance: cost });
    precheck(read());
  });

  it('looks at keys only when nonce and balance are right', () => {
    const { accounts, admission, asked, read } = createAdmissionScene();
    const judge = (nonce: number) => () => admission.judge(read({}, nonce), admission.judgingContext());
    assert.throws(judge(1), { code: 'NONCE_GAP' });
    accounts.set(PAYER, { ...account(11n), balance: 0n });
    assert.throws(judge(0), { code: 'INSUFFICIENT_BALANCE' });
    assert.deepEqual(asked, []);
    accounts.set(PAYER, account(11n));
    assert.throws(judge(0), { code: 'INVALID_KEY' });
    assert.deepEqual(asked, [11n]);
  });

  it('has the keys learned that judging looks up', async () => {
    const { admission, asked, read } = createAdmissionScene();
    const { operation, ...candidate } = read();
    const of = (kind: number, word: bigint): Candidate => ({
      ...candidate,
      operation: { ...operation, fields: { ...operation.fields, kind }, words: [word, 5n, 0n] },
    });
    const { transfer: plain, transferToNew, withdraw, move } = RecordKind;
    await admission.learnKeys([of(plain, 1n), of(transferToNew, 2n), of(withdraw, 3n), of(move, 4n)]);
    assert.deepEqual([...new Set(asked)], [11n, 2n, 4n]);
  });

  it('says ACCOUNT_CHANGED when sender or receiver changed while the signature was checked', () => {
    for (const index of [PAYER, PAYEE]) {
      const { accounts, admission, read } = createAdmissionScene();
      const candidate = read();
      accounts.set(index, account(99n));
      assert.throws(() => admission.judge(candidate, admission.judgingContext()), { code: 'ACCOUNT_CHANGED' });
      accounts.delete(index);
      assert.throws(() => admission.judge(candidate, admission.judgingContext()), { code: 'ACCOUNT_CHANGED' });
    }
  });
});
