/** Nodes that share a journal in memory, a fake L1 and a manual clock, each with a database and a prover of its own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@quittance/protocol';
import { type Intent, signIntent } from '@quittance/sdk';
import {
  type Acknowledgement,
  createNode,
  type Node,
  type Sequencer,
  type SequencerCrypto,
  type SequencerSettings,
  type TransferRequest,
} from '../../../sequencer/index.ts';
import { openStorage, type Storage } from '../../../storage/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../journal/memory.ts';
import { createManualClock, type ManualClock } from '../manual-clock.ts';
import { createPerson, type Person } from '../rollup/person.ts';
import { createFakeAssertions, type FakeAssertions } from './fake-assertions.ts';
import { createFakeChain, type FakeChain } from './fake-chain.ts';
import { createFakeKzg } from './fake-kzg.ts';
import { createFakeProver, type FakeProver, fastCrypto, requestOf } from './harness.ts';

const START_SECONDS = 1_800_000_000;

/** A node with what belongs to it alone. */
export interface Member {
  readonly name: string;
  readonly file: string;
  readonly prover: FakeProver;
  readonly storage: Storage;
  readonly node: Node;
  /** Its own: it stands still while the node is stopped, and is advanced with the others else. */
  readonly clock: ManualClock;
  isStopped: boolean;
}

export interface Cluster {
  readonly chain: FakeChain;
  readonly assertions: FakeAssertions;
  readonly clock: ManualClock;
  readonly journal: MemoryJournal;
  readonly operator: Person;
  readonly members: readonly Member[];
  /** Opens a database that may be there, and starts a node on it. */
  start(name: string, settings?: Partial<SequencerSettings>): Promise<Member>;
  /** Moves the time of the journal and of all nodes that are not stopped. */
  advance(ms: number): Promise<void>;
  /** Moves time and lets work happen until the condition holds. @throws after a bounded number of steps. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** The member that leads. @throws when none does. */
  leader(): Member;
  untilLed(by?: string): Promise<Member>;
  /** Gives the person an account, and waits until the leader has it in a batch. */
  fund(person: Person, amount: bigint): Promise<number>;
  sign(person: Person, intent: Intent): TransferRequest;
  /** Waits until the member has all that the journal has. */
  caughtUp(member: Member): Promise<void>;
  close(): Promise<void>;
}

/** Whether it leads at present, by its own account. */
export function isLeading({ node }: Member): boolean {
  return node.present.node().role === 'leader';
}

/** What became of sending, told apart without waiting. */
export interface Sent {
  acknowledgement?: Acknowledgement;
  error?: { readonly code?: string };
  readonly done: Promise<void>;
}

/** Sends without waiting for the answer. */
export function sending(sequencer: Pick<Sequencer, 'submit'>, request: TransferRequest): Sent {
  const sent: { -readonly [Name in keyof Sent]: Sent[Name] } = {
    done: sequencer.submit(request).then(
      (acknowledgement) => {
        sent.acknowledgement = acknowledgement;
      },
      (error: { code?: string }) => {
        sent.error = error;
      },
    ),
  };
  return sent;
}

/** Nodes of these names, the first of which leads; the operator has its account. */
export async function createCluster(
  names: readonly string[],
  settings: Partial<SequencerSettings> = {},
  crypto: SequencerCrypto = fastCrypto(),
): Promise<Cluster> {
  const profile = PROFILES.quick;
  const directory = mkdtempSync(join(tmpdir(), 'quittance-cluster-'));
  const clock = createManualClock(START_SECONDS * 1_000);
  const chain = createFakeChain({ profile, startTime: START_SECONDS - 1_000 });
  const assertions = createFakeAssertions(chain, profile);
  const kzg = createFakeKzg();
  const journal = createMemoryJournal({ clock });
  const operator = createPerson('operator');
  const members: Member[] = [];
  const base: SequencerSettings = {
    profile,
    operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
    feeTokens: [{ tokenId: 0, minimumFee: 10n }],
    shadow: 0,
    gaps: { waitMs: 0, perAccount: 64, total: 4_096 },
    ...settings,
  };
  const cluster: Cluster = {
    ...{ chain, assertions, clock, journal, operator, members },
    async start(name, more) {
      const file = join(directory, `${name}.db`);
      const storage = openStorage({ file });
      const prover = createFakeProver();
      const own = createManualClock(clock.nowMs());
      const url = `http://${name}`;
      const node = await createNode({
        ...{ chain, assertions, prover, kzg, storage, crypto, clock: own },
        config: { ...base, ...more },
        journal: journal.open({ name, url, clock: own }),
      });
      const member: Member = { name, file, prover, storage, node, clock: own, isStopped: false };
      members.push(member);
      return member;
    },
    async advance(ms) {
      await clock.advance(ms);
      for (const member of members) if (!member.isStopped) await member.clock.advance(ms);
    },
    async until(condition, what) {
      for (let step = 0; step < 1_200; step++) {
        if (condition()) return;
        await cluster.advance(100);
        if (step >= 300) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const seen = members.map(({ name, node }) => [name, node.present.node(), node.present.status()]);
      throw new Error(`${what} did not come true: ${JSON.stringify(seen)}`);
    },
    leader() {
      const leaders = members.filter((member) => !member.isStopped && isLeading(member));
      if (leaders.length !== 1) throw new Error(`${leaders.length} nodes lead`);
      return leaders[0]!;
    },
    async untilLed(by) {
      const leads = (member: Member) =>
        !member.isStopped && isLeading(member) && (by === undefined || member.name === by);
      await cluster.until(() => members.some(leads), `the lead of ${by ?? 'a node'}`);
      return members.find(leads)!;
    },
    async fund(person, amount) {
      chain.deposit(person.keyPair.publicKey.y, person.owner, 0, amount);
      const { present } = cluster.leader().node;
      const accounts = () => present.queries.accountsOf(person.owner, 'latest', 10, -1);
      await cluster.until(() => accounts().length > 0, 'the deposit');
      await present.sealNow();
      return accounts()[0]!.index;
    },
    sign: (person, intent) =>
      requestOf(signIntent(person.keyPair, members[0]!.node.present.domain, intent, crypto.hasher)),
    async caughtUp({ storage }) {
      const end = () => journal.stored.at(-1)?.last ?? 0;
      await cluster.until(() => storage.log.head().sequence === end(), 'the end of the journal');
    },
    async close() {
      for (const member of members) member.isStopped = false;
      journal.isCut = false;
      journal.hold()();
      for (const { node, storage } of members) {
        let hasEnded = false;
        const ending = node.stop().then(() => {
          hasEnded = true;
        });
        await cluster.until(() => hasEnded, 'the end of a node');
        await ending;
        storage.close();
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
  for (const name of names) {
    const member = await cluster.start(name);
    if (members.length === 1) await cluster.untilLed(member.name);
  }
  await cluster.fund(operator, 1_000n);
  return cluster;
}
