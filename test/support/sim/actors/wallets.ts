/** Wallets: they pay, pay again what they do not know the end of, try to pay twice, deposit, leave, and claim. */

import { encodeRecord, isRollupError, transferRecord } from '@quittance/protocol';
import type { TransferRequest } from '../../../../sequencer/index.ts';
import type { Person } from '../../rollup/person.ts';
import { L1, OPERATOR, WALLETS } from '../cast.ts';
import { simAuthorization } from '../crypto.ts';
import { messageOf, type SignedRecord } from '../ledger/signatures.ts';
import type { Stage } from '../stage.ts';

/** A transfer as it was signed, and as it is sent. */
interface Signed {
  readonly signed: SignedRecord;
  readonly request: TransferRequest;
}

/** An account as a wallet sees it. */
interface Seen {
  readonly index: number;
  readonly nonce: number;
  readonly balance: bigint;
  readonly tokenId: number;
}

const TOKENS = 2;

export class Wallets {
  readonly #world: Stage;
  /** What was signed in this world; some of it is sent again. */
  readonly #sent: Signed[] = [];
  #deposits = 0;

  constructor(world: Stage) {
    this.#world = world;
  }

  /** What the node says that a person has. */
  #seen(person: Person): Seen[] {
    const queries = this.#world.node.sequencer?.queries;
    if (queries === undefined) return [];
    return queries.accountsOf(person.owner, 'latest', 10, -1).map(({ index, account }) => ({ index, ...account }));
  }

  #sign(person: Person, fields: TransferFields): Signed {
    const world = this.#world;
    const { nonce, from, receiver } = fields;
    const record = encodeRecord({ ...transferRecord(fields.intent).fields });
    // L1 does not tell apart what differs in its validity only: nobody signs both.
    const twin = world.signatures
      .of(from, nonce)
      .find((one) => one.record === record && one.receiver.join() === receiver.join());
    const { validUntil } = twin ?? fields;
    const content = { nonce, record, validUntil, receiver };
    const id = messageOf(world.domain, content);
    const signed = { id, from, ...content };
    world.signatures.add(signed);
    const authorization = simAuthorization(person.keyPair, id, validUntil);
    const made = { signed, request: { ...fields.request, authorization } as TransferRequest };
    this.#sent.push(made);
    return made;
  }

  /** A payment of a random kind by a random wallet; with `nonceOffset` one that has another nonce than is due. */
  compose(nonceOffset = 0): Signed | undefined {
    const { random } = this.#world;
    const person = random.pick(WALLETS);
    const accounts = this.#seen(person);
    if (accounts.length === 0) return undefined;
    const account = random.pick(accounts);
    const nonce = account.nonce + nonceOffset;
    if (nonce < 0) return undefined;
    const cap = random.chance(0.1) ? account.balance * 2n : account.balance / 3n;
    // So small numbers have an encoding.
    const amount = cap <= 0n ? 0n : (random.bits(64) % (cap + 1n)) % 100_000n;
    const fee = BigInt(account.tokenId === 0 ? 10 + random.below(20) : random.below(5));
    const validUntil = random.chance(0.2) ? Math.floor(this.#world.clock.nowMs() / 1_000) + 60 + random.below(600) : 0;
    const common = { from: account.index, amount, fee, nonce, validUntil };
    const base = { from: account.index, amount, fee, nonce };
    const kind = random.below(10);
    const other = random.pick(WALLETS);
    const { y } = other.keyPair.publicKey;
    if (kind < 7) {
      const to = this.#seen(other).find(({ tokenId, index }) => tokenId === account.tokenId && index !== account.index);
      if (to === undefined) return undefined;
      const receiver = { keyY: y, owner: other.owner };
      const intent = { ...common, kind: 'transfer', to: to.index, receiver } as const;
      return this.#sign(person, {
        ...{ nonce, validUntil, from: account.index, intent, receiver: [y, other.owner] },
        request: { ...base, kind: 'transfer', to: to.index },
      });
    }
    if (kind === 7) {
      const receiver = { keyY: y, owner: other.owner };
      return this.#sign(person, {
        ...{ nonce, validUntil, from: account.index, receiver: [y, other.owner] },
        intent: { ...common, kind: 'transferToNew', receiver },
        request: { ...base, kind: 'transferToNew', toKeyY: y, toOwner: other.owner },
      });
    }
    const whose = { owner: person.owner, tokenId: account.tokenId };
    if (kind === 8) {
      return this.#sign(person, {
        ...{ nonce, validUntil, from: account.index, receiver: [0n, 0n] },
        intent: { ...common, kind: 'withdraw', account: whose },
        request: { ...base, kind: 'withdraw' },
      });
    }
    return this.#sign(person, {
      ...{ nonce, validUntil, from: account.index, receiver: [y, 0n] },
      intent: { ...common, kind: 'move', account: whose, destination: 0, keyY: y },
      request: { ...base, kind: 'move', destination: 0, toKeyY: y },
    });
  }

  /** Hands requests to the node, as the network brings them. */
  send(list: readonly Signed[]): void {
    const { acknowledged, refused, note, random, nodes } = this.#world;
    // Now and then to another one, as wallets do that do not know who leads.
    const node = random.chance(0.1) ? random.pick(nodes) : this.#world.node;
    const { sequencer, life } = node;
    if (sequencer === undefined || list.length === 0 || node.isPaused) return;
    const answers = sequencer.submitAll(list.map(({ request }) => request));
    void answers.then((all) => {
      // What a dead process would have said, nobody hears.
      if (node.life !== life || !node.isUp) return;
      for (const [position, answer] of all.entries()) {
        const { signed } = list[position]!;
        if ('acknowledgement' in answer) {
          acknowledged(signed.id, answer.acknowledgement);
          continue;
        }
        if (isRollupError(answer.error)) refused(answer.error.code);
        else note(`a transfer failed: ${answer.error}`);
      }
    });
  }

  pay(): void {
    const { random } = this.#world;
    const list: Signed[] = [];
    for (let count = 1 + (random.chance(0.2) ? random.below(6) : 0); count > 0; count--) {
      const offset = random.chance(0.08) ? random.pick([-1, 1, 2]) : 0;
      const made = this.compose(offset);
      if (made !== undefined) list.push(made);
    }
    // The network loses some, doubles some, and brings some in another order.
    const brought = list.flatMap((one) => (random.chance(0.03) ? [] : random.chance(0.05) ? [one, one] : [one]));
    this.send(random.chance(0.1) ? brought.toReversed() : brought);
  }

  /** Something old once more. */
  repeat(): void {
    if (this.#sent.length === 0) return;
    const { random } = this.#world;
    const near = Math.min(this.#sent.length, 20);
    this.send([this.#sent[this.#sent.length - 1 - random.below(near)]!]);
  }

  /** Something that its payer did not sign: another amount under the signature of a payment. */
  forge(): void {
    const made = this.compose();
    if (made === undefined) return;
    this.send([{ ...made, request: { ...made.request, amount: made.request.amount + 1n } }]);
  }

  deposit(person = this.#world.random.pick(WALLETS), token = this.#world.random.below(TOKENS), amount?: bigint): void {
    const { random } = this.#world;
    const value = amount ?? BigInt(1 + random.below(50_000));
    const { y } = person.keyPair.publicKey;
    this.#world.userCall({ type: 'deposit', deposits: [{ keyY: y, owner: person.owner, token, amount: value }] });
    this.#deposits += 1;
  }

  /** Several at once, from another rollup. */
  importSome(): void {
    const { random } = this.#world;
    const token = random.below(TOKENS);
    const deposits = Array.from({ length: 2 + random.below(5) }, () => {
      const person = random.pick(WALLETS);
      return { keyY: person.keyPair.publicKey.y, owner: person.owner, token, amount: BigInt(1 + random.below(500)) };
    });
    this.#world.userCall({ type: 'deposit', deposits });
  }

  exit(): void {
    const { random } = this.#world;
    const person = random.pick(WALLETS);
    const [account] = this.#seen(person);
    const [index, token] = account === undefined ? [99, 0] : [account.index, account.tokenId];
    this.#world.userCall({ type: 'requestExit', owner: person.owner, index, token });
  }

  /** Of something that is final and unpaid, if there is. */
  claim(): void {
    const { finals, claims } = this.#world.l1.contract;
    for (const { header, taken } of finals) {
      const index = taken?.truth.withdrawals.findIndex(
        (_, position) => !claims.some((paid) => paid.batch === header.number && paid.index === position),
      );
      if (index === undefined || index < 0) continue;
      this.#world.userCall({ type: 'claim', batch: header.number, index });
      return;
    }
  }

  /** Everybody and the operator get accounts. */
  begin(): void {
    this.#world.userCall({ type: 'registerDestination' });
    for (let token = 0; token < TOKENS; token++) {
      this.deposit(OPERATOR, token, 1n);
      for (const person of WALLETS) this.deposit(person, token, 20_000n);
    }
  }

  /** L1 account of those who call. */
  readonly account = L1.user;
}

/** What goes into a signature, and what is sent. */
interface TransferFields {
  readonly from: number;
  readonly nonce: number;
  readonly validUntil: number;
  readonly receiver: readonly [bigint, bigint];
  readonly intent: Parameters<typeof transferRecord>[0];
  readonly request: object;
}
