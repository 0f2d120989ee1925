import { strict as assert } from 'node:assert';
import { type Account, packOperation, portableHasher, RecordKind } from '@quittance/protocol';
import type { Ledger } from '../../sequencer/mempool/ledger.ts';
import { createOccupants } from '../../sequencer/occupants.ts';
import {
  type LoggedTransfer,
  openStorage,
  type PriorityEntry,
  type Storage,
  type TransferEntry,
} from '../../storage/index.ts';
import { createPerson } from '../support/rollup/person.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

const alice = createPerson('alice');
const erin = createPerson('erin');
const TOKEN = 3;
const HISTORY = 300;
const DEPTH = 15_000;

/** Money from L1 opens an account of Alice. */
function deposit(to: number): PriorityEntry {
  const { operation, ...entry } = priorityEntry(0);
  const words = [alice.keyPair.publicKey.y, alice.owner + (BigInt(TOKEN) << 160n), 5n] as const;
  return { ...entry, operation: { ...operation, fields: { ...operation.fields, to }, words } };
}

/** A transfer that Alice's key signed; to a new account of a key and an owner if they are given. */
function transfer(id: number, from: number, to: number, words: readonly bigint[] = []): TransferEntry {
  const entry = transferEntry(BigInt(id));
  const kind = words.length === 0 ? RecordKind.transfer : RecordKind.transferToNew;
  const fields = { ...entry.operation.fields, kind, from, to };
  const authorization = { ...entry.operation.authorization!, keyX: alice.keyPair.publicKey.x };
  const operation = { fields, words, authorization };
  return { ...entry, operation, packed: packOperation(operation) };
}

describe('Sequencer: whose account stood in a leaf', () => {
  let storage: Storage;
  let reads = 0;
  const present = new Map<number, Account>();
  const accountOf = ({ keyPair, owner }: typeof alice, tokenId: number) =>
    ({ keyY: keyPair.publicKey.y, owner, tokenId }) as Account;
  const append = (...entries: (TransferEntry | PriorityEntry)[]): number =>
    storage.commit(() => storage.log.append(entries, 1));
  const transferAt = (sequence: number) => storage.log.get(sequence) as LoggedTransfer;
  const createScene = () =>
    createOccupants({
      storage: {
        lookups: storage.lookups,
        log: {
          ...storage.log,
          get(sequence) {
            reads += 1;
            return storage.log.get(sequence);
          },
        },
      },
      ledger: { pending: present } as unknown as Pick<Ledger, 'pending'>,
      hasher: portableHasher,
      domain: 1n,
    });

  beforeEach(() => {
    storage = openStorage({ file: ':memory:' });
    present.clear();
    reads = 0;
  });
  afterEach(() => storage.close());

  it('is known of a dropped account without reading what else its creator did', () => {
    append(deposit(1), ...Array.from({ length: HISTORY }, (_, index) => transfer(index + 1, 1, 9)));
    const creation = append(transfer(1_000, 1, 2, [7n, 8n, 0n]));
    const payment = append(...Array.from({ length: HISTORY }, (_, index) => transfer(2_000 + index, 2, 9)));
    present.set(1, accountOf(alice, TOKEN));
    present.set(2, accountOf(erin, 0));
    const occupants = createScene();
    const dave = { index: 2, keyY: 7n, owner: 8n, tokenId: TOKEN };
    const last = transferAt(payment + HISTORY - 1);
    assert.notDeepEqual(occupants.now(2), dave);
    // Of the payment Erin's key is not the signer, so the creation tells.
    assert.deepEqual(occupants.senderOf(last, true), dave);
    assert.deepEqual(occupants.receiverOf(transferAt(creation), true), dave);
    assert.ok(reads <= 2, `${reads} entries`);
    // The creator was replaced, too.
    present.set(1, accountOf(erin, 0));
    assert.deepEqual(createScene().senderOf(last, true), dave);
    assert.ok(reads <= 4, `${reads} entries`);
  });

  it('is known at the end of a long chain of accounts that were dropped with each other, and is remembered', () => {
    append(
      deposit(1),
      ...Array.from({ length: DEPTH }, (_, index) => transfer(index + 1, index + 1, index + 2, [7n, 8n, 0n])),
    );
    const payment = append(transfer(20_000, DEPTH + 1, 1));
    const occupants = createScene();
    const sender = { index: DEPTH + 1, keyY: 7n, owner: 8n, tokenId: TOKEN };
    assert.deepEqual(occupants.senderOf(transferAt(payment), true), sender);
    assert.equal(reads, DEPTH + 1);
    reads = 0;
    assert.deepEqual(occupants.senderOf(transferAt(payment), true), sender);
    assert.equal(reads, 1);
  });
});
