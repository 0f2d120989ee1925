/** A small rollup without services: accounts with keys, and valid operations of every kind on them. */

import {
  type Account,
  applyOperation,
  type ChunkContext,
  type Crypto,
  createKeyPair,
  createPortableVerifier,
  createReferenceEngine,
  domainOf,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  float16,
  float40,
  forcedExitAmount,
  type KeyPair,
  NOOP,
  type Operation,
  packOwnerAndToken,
  portableHasher,
  RecordKind,
  RollupState,
  StateOverlay,
  signMessage,
  TREE_CAPACITY,
  transactionMessage,
  transferRecord,
} from '@quittance/protocol';
import { operationOf, signIntent } from '@quittance/sdk';
import { createRandom, type Random } from '../property/random.ts';
import { type ExecutedChunk, executeChunk } from './execute-chunk.ts';

export const TEST_DEPLOYMENT = { chainId: 31_337n, contract: `0x${'c0'.repeat(20)}` };

const portable: Crypto = { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };

/** The rules in TypeScript alone. */
export const portableCrypto = { ...portable, engine: createReferenceEngine(portable) };

const record = (kind: number, from: number, to: number) => ({ kind, from, to, amountFloat: 0n, feeFloat: 0 });

/** A deposit record to leaf `to`. */
export function depositOperation(
  to: number,
  account: Pick<Account, 'keyY' | 'owner' | 'tokenId'>,
  amount: bigint,
): Operation {
  return {
    fields: record(RecordKind.deposit, 0, to),
    words: [account.keyY, packOwnerAndToken(account.owner, account.tokenId), amount],
  };
}

/** A forced exit as the queue and the present state demand it. */
export function forcedExitOperation(
  from: number,
  account: Account | undefined,
  owner: bigint,
  tokenId: number,
): Operation {
  const ownerAndToken = packOwnerAndToken(owner, tokenId);
  return {
    fields: record(RecordKind.forcedExit, from, 0),
    words: [0n, ownerAndToken, forcedExitAmount(account, ownerAndToken)],
  };
}

export function collectFeeOperation(to: number): Operation {
  return { fields: record(RecordKind.collectFee, 0, to), words: [] };
}

/** Someone with a key, an L1 address and an account. */
export interface Actor {
  readonly index: number;
  readonly keyPair: KeyPair;
  readonly owner: bigint;
  readonly tokenId: number;
}

/** What a world may be given; the rest is usual. */
export interface WorldOptions {
  readonly crypto?: Crypto;
  readonly feeTokens?: readonly bigint[];
  readonly deployment?: typeof TEST_DEPLOYMENT;
  readonly batchTime?: number;
}

export class World {
  readonly random: Random;
  readonly crypto: Crypto;
  readonly state: RollupState;
  readonly domain: bigint;
  readonly context: ChunkContext;
  readonly actors = new Map<number, Actor>();
  #nextIndex = 1;
  #pending!: StateOverlay;
  #fees!: readonly bigint[];
  #queued!: Operation[];

  constructor(
    seed: string | number,
    {
      crypto = portableCrypto,
      feeTokens = [0n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER],
      deployment = TEST_DEPLOYMENT,
      batchTime = 1_800_000_000,
    }: WorldOptions = {},
  ) {
    this.domain = domainOf(deployment);
    this.random = createRandom(seed);
    this.crypto = crypto;
    this.state = new RollupState(crypto.hasher);
    this.context = { domain: this.domain, batchTime, feeTokens };
    this.#reset();
  }

  createActor(tokenId: number, index = this.#nextIndex++): Actor {
    const actor = { index, keyPair: createKeyPair(this.random.bytes()), owner: this.random.bits(160), tokenId };
    this.actors.set(index, actor);
    return actor;
  }

  /** Writes an account straight into the state: for tests of what comes after. */
  fund(tokenId: number, balance: bigint, index?: number): Actor {
    const actor = this.createActor(tokenId, index);
    this.state.write({
      index: actor.index,
      after: { keyY: actor.keyPair.publicKey.y, owner: actor.owner, tokenId, nonce: 0, balance },
    });
    return actor;
  }

  account(actor: Actor): Account {
    const account = this.#pending.get(actor.index);
    if (account === undefined) throw new Error(`account ${actor.index} is empty`);
    return account;
  }

  transfer(
    from: Actor,
    to: Actor,
    amount: bigint,
    fee = 0n,
    overrides: { nonce?: number; validUntil?: number } = {},
  ): Operation {
    return operationOf(
      signIntent(
        from.keyPair,
        this.domain,
        {
          kind: 'transfer',
          from: from.index,
          to: to.index,
          receiver: { keyY: to.keyPair.publicKey.y, owner: to.owner },
          amount,
          fee,
          nonce: this.account(from).nonce,
          validUntil: 0,
          ...overrides,
        },
        this.crypto.hasher,
      ),
    );
  }

  transferToNew(from: Actor, to: Actor, amount: bigint, fee = 0n): Operation {
    return operationOf(
      signIntent(
        from.keyPair,
        this.domain,
        {
          kind: 'transferToNew',
          from: from.index,
          receiver: { keyY: to.keyPair.publicKey.y, owner: to.owner },
          amount,
          fee,
          nonce: this.account(from).nonce,
          validUntil: this.context.batchTime + 60,
        },
        this.crypto.hasher,
      ),
      to.index,
    );
  }

  withdraw(from: Actor, amount: bigint, fee = 0n): Operation {
    return operationOf(
      signIntent(
        from.keyPair,
        this.domain,
        {
          kind: 'withdraw',
          from: from.index,
          account: from,
          amount,
          fee,
          nonce: this.account(from).nonce,
          validUntil: 0,
        },
        this.crypto.hasher,
      ),
    );
  }

  /** To a destination of which L1 need not know, for the actor's own key. */
  move(from: Actor, destination: number, amount: bigint, fee = 0n): Operation {
    const { hasher } = this.crypto;
    const { keyPair, owner, tokenId } = from;
    const content = { kind: 'move', from: from.index, account: { owner, tokenId }, destination, amount, fee } as const;
    const record = transferRecord({ ...content, keyY: keyPair.publicKey.y });
    const message = transactionMessage(hasher, {
      domain: this.domain,
      fields: record.fields,
      nonce: this.account(from).nonce,
      validUntil: 0,
      receiverKeyY: keyPair.publicKey.y,
      receiverOwner: 0n,
    });
    const signature = signMessage(hasher, keyPair, message);
    return { ...record, authorization: { validUntil: 0, keyX: keyPair.publicKey.x, ...signature } };
  }

  deposit(to: Actor, amount: bigint): Operation {
    return depositOperation(to.index, { keyY: to.keyPair.publicKey.y, owner: to.owner, tokenId: to.tokenId }, amount);
  }

  forcedExit(from: Actor): Operation {
    return forcedExitOperation(from.index, this.#pending.get(from.index), from.owner, from.tokenId);
  }

  /** Adds an operation to the chunk under construction. @throws when it is invalid on the pending state. */
  queue(operation: Operation): void {
    const outcome = applyOperation(this.crypto, this.#pending, operation, this.context, this.#fees);
    if (!outcome.valid) throw new Error(`${outcome.invalid.code}: ${outcome.invalid.message}`);
    for (const change of outcome.effects.changes) this.#pending.write(change);
    this.#fees = outcome.effects.fees;
    this.#queued.push(operation);
  }

  /** Executes what is queued, with the fees collected and noops up to `slotCount`. */
  flush(slotCount?: number): ExecutedChunk {
    for (const [position, sum] of this.#fees.entries()) {
      if (sum === 0n) continue;
      const tokenId = Number(this.context.feeTokens[position]);
      this.queue(collectFeeOperation(this.existing().find((actor) => actor.tokenId === tokenId)!.index));
    }
    const operations = this.#queued;
    this.#reset();
    return this.execute(operations, slotCount);
  }

  /** Executes a chunk of `slotCount` slots, filled with noops. */
  execute(operations: readonly Operation[], slotCount = operations.length): ExecutedChunk {
    const filled = [...operations, ...Array.from({ length: slotCount - operations.length }, () => NOOP)];
    const executed = executeChunk(this.crypto, this.state, filled, this.context);
    this.#reset();
    return executed;
  }

  /** Actors whose account exists on the pending state. */
  existing(): Actor[] {
    return [...this.actors.values()].filter(({ index }) => this.#pending.get(index) !== undefined);
  }

  /** A random valid operation on the pending state. */
  randomOperation(): Operation {
    const { random } = this;
    const existing = this.existing();
    const sender = existing.length > 0 ? random.pick(existing) : undefined;
    const kind = random.below(11);
    if (sender === undefined || kind === 0) {
      return this.deposit(
        sender !== undefined && random.chance(0.5) ? sender : this.createActor(random.below(2)),
        1n + random.bits(60),
      );
    }
    if (kind === 1) return this.forcedExit(random.chance(0.7) ? sender : { ...sender, tokenId: sender.tokenId + 1 });
    if (kind === 2) return NOOP;
    const { balance } = this.account(sender);
    const fee = float16.decode(float16.encodeFloor(random.bits(40) % (balance / 4n + 1n)));
    const amount = float40.decode(float40.encodeFloor(random.bits(64) % (balance - fee + 1n)));
    const peers = existing.filter(({ index, tokenId }) => index !== sender.index && tokenId === sender.tokenId);
    if (kind === 3) return this.withdraw(sender, amount, fee);
    if (kind === 10) return this.move(sender, random.below(TREE_CAPACITY), amount, fee);
    if (kind === 4 || peers.length === 0)
      return this.transferToNew(sender, this.createActor(sender.tokenId), amount, fee);
    return this.transfer(sender, random.pick(peers), amount, fee);
  }

  /** A chunk of random operations in which every fee is collected. */
  randomChunk(slotCount: number): ExecutedChunk {
    // Two slots are kept for the fees of the two tokens.
    while (this.#queued.length < slotCount - 2) this.queue(this.randomOperation());
    return this.flush(slotCount);
  }

  #reset(): void {
    this.#pending = new StateOverlay(this.state);
    this.#fees = Array.from({ length: FEE_TOKEN_COUNT }, () => 0n);
    this.#queued = [];
  }
}
