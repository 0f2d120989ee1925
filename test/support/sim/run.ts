/** Plays a world step by step: somebody does something, time passes, and everything is checked. */

import { createHash } from 'node:crypto';
import { LIES } from './actors/liar.ts';
import { SimNode } from './actors/node.ts';
import { Invariants } from './invariants.ts';
import { Violation } from './ledger/violation.ts';
import { reorg } from './reorg.ts';
import { NO_SEAMS, type Seams } from './stage.ts';
import { World } from './world.ts';

/** What became of a world. */
export interface WorldResult {
  readonly seed: string;
  readonly steps: number;
  /** What broke, and after how many steps. */
  readonly violation: { readonly message: string; readonly step: number } | undefined;
  readonly history: readonly string[];
  /** Of the whole history: the same seed gives the same one. */
  readonly digest: string;
  readonly counts: ReadonlyMap<string, number>;
}

const BLOCK_MS = 5_000;

/** [weight, what is done]. */
type Move = readonly [number, (world: World) => unknown];

/** Often the one that leads: that is where it hurts. */
const someNode = ({ random, nodes, node }: World): SimNode => (random.chance(0.5) ? node : random.pick(nodes));

function kill(world: World, node: SimNode): void {
  if (node.isDown) return;
  world.note(`${node.name} is killed`);
  node.crash(world.faults.downMs());
}

/** Cuts a node of a cluster off from the journal for a while. */
function partition(world: World, node: SimNode): void {
  if (world.journal === undefined || node.isCut) return;
  const ms = 1_000 + world.random.below(25_000);
  world.note(`${node.name} does not reach the journal for ${ms} ms`);
  world.count('partition');
  node.isCut = true;
  world.clock.schedule(ms, () => {
    node.isCut = false;
  });
}

/** Nobody reaches the journal for a while. */
function stopJournal({ journal, random, note, count }: World): void {
  if (journal === undefined) return;
  const ms = 1_000 + random.below(20_000);
  note(`nobody reaches the journal for ${ms} ms`);
  count('journal outage');
  journal.goDown(ms);
}

/** The database of the journal dies at the next append, and its standby takes over. */
function failOver({ journal, random, note, count }: World): void {
  if (journal === undefined) return;
  const ms = 1_000 + random.below(10_000);
  note(`the journal fails over at the next append, within ${ms} ms`);
  count('failover');
  journal.doom(ms);
}

/** Lets a node of a cluster stand still, longer than its lease perhaps: it must not go on as if nothing had been. */
function suspend(world: World, node: SimNode): void {
  if (world.journal === undefined || node.isDown) return;
  const ms = 3_000 + world.random.below(25_000);
  world.note(`${node.name} stands still for ${ms} ms`);
  world.count('suspension');
  node.pause(ms);
}

/** The disk of a node has no space for one of the next commits, or breaks at it. */
function failDisk(world: World): void {
  const node = someNode(world);
  const how = world.random.pick(['full', 'broken'] as const);
  world.note(`the disk of ${node.name} will be ${how} at a commit`);
  world.count(`${how} disk`);
  node.disk.doom(world.random.below(12), how);
}

/** Sets the clock of a node, of a watcher, or of the journal's machine. */
function setClock(world: World): void {
  const { journal, faults, random, note, challenger, defender } = world;
  const [whose, set] = random.pick<() => readonly [string, (ms: number) => void]>([
    () => {
      const node = someNode(world);
      return [node.name, (ms) => node.setClock(ms)];
    },
    () => ['the challenger', (ms) => challenger.setClock(ms)],
    () => ['the defender', (ms) => defender.setClock(ms)],
    () => ['the journal', (ms) => journal?.setClock(ms)],
  ])();
  const ms = faults.setClockMs();
  note(`the clock of ${whose} is set to ${ms} ms ahead`);
  world.count('clock jump');
  set(ms);
}

const MOVES: readonly Move[] = [
  [60, (world) => world.wallets.pay()],
  [8, (world) => world.wallets.repeat()],
  [1, (world) => world.wallets.forge()],
  [5, (world) => world.wallets.deposit()],
  [2, (world) => world.wallets.importSome()],
  [2, (world) => world.wallets.exit()],
  [3, (world) => world.wallets.claim()],
  [3, (world) => void world.node.sequencer?.sealNow().catch(() => undefined)],
  [2, reorg],
  [2, (world) => world.liar.lie(world.random.pick(LIES))],
  [3, (world) => world.liar.answer()],
  [1, (world) => world.liar.harass()],
  [2, (world) => kill(world, someNode(world))],
  [
    3,
    (world) => {
      const node = someNode(world);
      const how = world.random.pick(['before', 'torn', 'after'] as const);
      world.note(`${node.name} will die ${how} a commit`);
      node.disk.doom(world.random.below(12), how);
    },
  ],
  [
    1,
    (world) => {
      const node = someNode(world);
      world.note(`${node.name} is stopped`);
      return node.stop(world.faults.downMs());
    },
  ],
  [2, (world) => partition(world, someNode(world))],
  [1, (world) => suspend(world, someNode(world))],
  [1, stopJournal],
  [2, failOver],
  [2, setClock],
  [1, failDisk],
  [
    1,
    (world) => {
      const watchman = world.random.pick([world.challenger, world.defender]);
      watchman.crash();
      world.note('a watcher is killed');
    },
  ],
  [
    1,
    (world) => {
      const ms = 1_000 + world.random.below(30_000);
      world.note(`L1 does not answer for ${ms} ms`);
      world.faults.outageUntilMs = world.clock.nowMs() + ms;
    },
  ],
];
const TOTAL = MOVES.reduce((sum, [weight]) => sum + weight, 0);

function pickMove(world: World): Move[1] {
  let dice = world.random.below(TOTAL);
  for (const [weight, move] of MOVES) {
    dice -= weight;
    if (dice < 0) return move;
  }
  throw new Error('the weights do not add up');
}

const pauseMs = ({ random }: World): number => {
  const dice = random.below(10);
  return dice < 5 ? 100 + random.below(300) : dice < 8 ? 1_000 : dice < 9 ? 4_000 : 10_000;
};

/** Blocks come by themselves, and dead processes are started again. */
function keepGoing(world: World): void {
  const { clock, l1, nodes, challenger, defender } = world;
  const mine = (): void => {
    l1.mine();
    clock.schedule(BLOCK_MS, mine);
  };
  const watch = (): void => {
    for (const node of nodes) node.watchOver();
    if (!challenger.isUp) challenger.start();
    if (!defender.isUp) defender.start();
    clock.schedule(2_000, watch);
  };
  clock.schedule(BLOCK_MS, mine);
  watch();
}

/** Simulated seconds within which a world without faults must be at rest: the clocks of some disputes, one after the other. */
const REST_SECONDS = 4_000;
/** Longer than all clocks of one dispute: something must have become final in between. */
const STUCK_SECONDS = 700;

/** Whether a node has nothing to do, and all that L1 has. */
function isAtRest({ sequencer }: SimNode, finalNumber: number): boolean {
  const { openTransfers, sealedBatch, finalBatch } = sequencer?.status() ?? {};
  return openTransfers === 0 && sealedBatch === finalBatch && finalBatch === finalNumber;
}

/** Nothing goes wrong any more: everything that was promised has to come true. */
async function rest(world: World, invariants: Invariants): Promise<void> {
  const { faults, nodes, clock, l1, liar, journal } = world;
  faults.calm();
  journal?.spare();
  for (const node of nodes) {
    node.disk.spare();
    node.isCut = false;
  }
  world.note('nothing goes wrong from now on');
  let [progress, since] = [0, 0];
  for (let second = 0; second < REST_SECONDS && second - since < STUCK_SECONDS; second += 10) {
    await clock.advance(10_000);
    invariants.check();
    liar.answer();
    const now = l1.contract.finals.length + l1.contract.events.length;
    if (now !== progress) [progress, since] = [now, second];
    const { contract } = l1;
    const isServed = contract.queue.requests.length === contract.queue.executed;
    const isQuiet = contract.assertions.waiting.length === 0 && ![...contract.options.producers].some(l1.isToInclude);
    if (isServed && isQuiet && nodes.every((node) => isAtRest(node, contract.last.header.number))) {
      invariants.checkEnd();
      return;
    }
    if (second % 100 === 0) await world.node.sequencer?.sealNow().catch(() => undefined);
  }
  const { openTransfers, sealedBatch, finalBatch, trouble } = world.node.sequencer?.status() ?? {};
  const where = `${openTransfers} open, ${sealedBatch} sealed, ${finalBatch} final, ${trouble?.message}`;
  throw new Violation(`the world does not come to rest: ${where}`);
}

/** Nothing may depend on how fast the machine is, and nobody else hears of what a dead process leaves behind. */
function enclose(world: World): () => void {
  const { now } = performance;
  const { random } = Math;
  const listeners = process.listeners('unhandledRejection');
  performance.now = () => 0;
  Math.random = () => world.random.below(2 ** 30) / 2 ** 30;
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (error) => {
    if (!SimNode.isDeath(error)) world.fail(`nobody heard of an error: ${error}`);
  });
  return () => {
    performance.now = now;
    Math.random = random;
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  };
}

/** Plays `steps` steps of the world of this seed, and lets it come to rest. */
export async function runWorld(seed: string, steps: number, seams: Seams = NO_SEAMS): Promise<WorldResult> {
  const world = new World(seed, seams);
  const restore = enclose(world);
  const invariants = new Invariants(world);
  let violation: WorldResult['violation'];
  try {
    world.wallets.begin();
    keepGoing(world);
    await world.clock.advance(20_000);
    for (world.step = 1; world.step <= steps; world.step++) {
      await pickMove(world)(world);
      await world.clock.advance(pauseMs(world));
      invariants.check();
    }
    await rest(world, invariants);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = { message: error.message, step: world.step };
    world.note(`VIOLATION: ${error.message}`);
  } finally {
    world.close();
    restore();
  }
  const digest = createHash('sha256').update(world.history.join('\n')).digest('hex');
  return { seed, steps: Math.min(world.step, steps), violation, history: world.history, digest, counts: world.counts };
}
