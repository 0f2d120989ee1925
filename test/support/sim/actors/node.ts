/** A sequencer as a process, alone or one of a cluster: started, stopped, killed, killed at a commit, and started again from what its disk kept. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRollupError, PROFILES } from '@quittance/protocol';
import { silentLogger } from '../../../../runtime/index.ts';
import { createSequencer, isReadable, type Sequencer, type SequencerSettings } from '../../../../sequencer/index.ts';
import { createNode } from '../../../../sequencer/node/index.ts';
import type { Storage } from '../../../../storage/index.ts';
import { OPERATOR } from '../cast.ts';
import { simCrypto } from '../crypto.ts';
import { isDiskFailure, ProcessDied, SimDisk } from '../disk.ts';
import type { SimConnection } from '../journal.ts';
import { createDoor } from '../l1/door.ts';
import type { Stage } from '../stage.ts';
import { createProcessClock, type ProcessClock } from './clock.ts';
import { createSimProver } from './prover.ts';

/** What the process runs with in this life. */
interface Life {
  readonly number: number;
  readonly clock: ProcessClock;
  readonly storage: Storage;
  /** What answers at present. */
  sequencer: (() => Sequencer) | undefined;
  /** Ends it cleanly. */
  stop: () => Promise<void>;
  connection: SimConnection | undefined;
  isAlive: boolean;
}

/** Shape of chunks and batches in the simulator. */
export const SIM_PROFILE = PROFILES.quick;

export class SimNode {
  readonly #world: Stage;
  readonly disk: SimDisk;
  #life: Life | undefined;
  #lives = 0;
  /** When whoever watches over the process starts it again. */
  restartAtMs = 0;

  readonly name: string;
  readonly #account: string;
  /** Whether it reaches neither the journal nor anybody. */
  isCut = false;

  constructor(world: Stage, folder: string, name: string, account: string) {
    this.#world = world;
    this.name = name;
    this.#account = account;
    mkdirSync(join(folder, name));
    this.disk = new SimDisk(join(folder, name), world.random);
    this.disk.onDeath = () => this.#die();
  }

  /** The sequencer, if it runs. */
  get sequencer(): Sequencer | undefined {
    return this.#life?.sequencer?.();
  }

  /** Whether it accepts transfers. */
  get isLeading(): boolean {
    return this.sequencer?.node().role !== 'replica' && this.isUp;
  }

  /**
   * Whether its memory and its log say the same: until then, as long as it stands still, and when it is about to end, it answers
   * nobody who asks for its latest state.
   */
  get isSettled(): boolean {
    if (this.isPaused || this.sequencer?.status().halted !== undefined) return false;
    const settling = this.sequencer?.settled();
    settling?.catch(() => undefined);
    return settling === undefined && (this.#life?.connection?.inFlight ?? 0) === 0;
  }

  /** It stands still for a while, as one that was suspended. */
  pause(ms: number): void {
    if (this.#life !== undefined) this.#life.clock.pausedUntilMs = this.#world.clock.nowMs() + ms;
  }

  /** Somebody sets the clock of its machine, so many milliseconds ahead. What measures durations goes on as before. */
  setClock(skewMs: number): void {
    if (this.#life !== undefined) this.#life.clock.skewMs = skewMs;
  }

  get isPaused(): boolean {
    return (this.#life?.clock.pausedUntilMs ?? 0) > this.#world.clock.nowMs();
  }

  /** What it keeps, if it runs. */
  get storage(): Storage | undefined {
    return this.#life?.sequencer === undefined ? undefined : this.#life.storage;
  }

  /** Grows with each start. */
  get life(): number {
    return this.#lives;
  }

  get isUp(): boolean {
    return this.#life?.sequencer !== undefined;
  }

  get isDown(): boolean {
    return this.#life === undefined;
  }

  #settings(): SequencerSettings {
    const { settings } = this.#world;
    return {
      profile: SIM_PROFILE,
      operator: { keyY: OPERATOR.keyPair.publicKey.y, owner: OPERATOR.owner },
      feeTokens: [
        { tokenId: 0, minimumFee: 10n },
        { tokenId: 1, minimumFee: 0n },
      ],
      mode: settings.mode,
      confirmations: settings.confirmations,
      data: 'calldata',
      sealAfterMs: settings.sealAfterMs,
      l1PollMs: 2_000,
      shadow: settings.shadow,
      gaps: { waitMs: 2_000, perAccount: 8, total: 32 },
    };
  }

  /** Starts the process. It may die of what it finds, or of what the world does to it meanwhile. */
  start(): void {
    if (this.#life !== undefined) return;
    const { clock: worldClock, faults, note, l1 } = this.#world;
    const clock = createProcessClock(worldClock, faults.skewMs());
    const number = ++this.#lives;
    const storage = this.disk.open();
    const stop = async (): Promise<void> => undefined;
    const life: Life = { number, clock, storage, sequencer: undefined, stop, connection: undefined, isAlive: true };
    this.#life = life;
    const door = this.#world.seams.door(createDoor(l1, this.#account, faults.door('node'), () => life.isAlive));
    const dependencies = this.#world.seams.sequencer({
      config: this.#settings(),
      ...{ chain: door.chain, assertions: door.assertions, prover: createSimProver(clock, faults.prover) },
      ...{ storage, clock, crypto: simCrypto, logger: silentLogger },
    });
    this.#begin(life, dependencies).then(
      () => {
        if (life.isAlive) note(`${this.name} is up (life ${number})`);
      },
      (error: unknown) => {
        if (!life.isAlive) return;
        this.#world.judgeFailure(error, `a start of ${this.name}`);
        note(`${this.name} did not start: ${(error as Error).message}`);
        this.#end(faults.isCalm ? 30_000 : 5_000);
        this.disk.close();
      },
    );
  }

  /** Alone, or as a node of a cluster. */
  async #begin(life: Life, options: Parameters<typeof createSequencer>[0]): Promise<void> {
    const { journal: shared, faults, seams } = this.#world;
    if (shared === undefined) {
      const sequencer = await createSequencer(options);
      life.sequencer = () => sequencer;
      life.stop = () => sequencer.stop();
      return;
    }
    const { metrics: _, writer: __, epoch: ___, ...rest } = options;
    const connection = shared.open(
      this.name,
      life.clock,
      faults.journal(() => this.isCut),
      () => life.isAlive,
    );
    const node = await createNode({ ...rest, journal: seams.journal(connection) });
    life.connection = connection;
    life.sequencer = () => node.present;
    life.stop = () => node.stop();
  }

  /** A process ends for good after a halt that is not for reads. */
  watchOver(): void {
    const halted = this.sequencer?.status().halted;
    if (halted !== undefined) {
      this.#world.judgeFailure(halted, `a halt of ${this.name}`);
      this.#world.note(`${this.name} halted: ${halted.code} ${halted.message}`);
      if (!isReadable(halted)) this.crash(5_000);
    }
    if (this.isDown && this.#world.clock.nowMs() >= this.restartAtMs) this.start();
  }

  #end(downMs: number): void {
    if (this.#life === undefined) return;
    this.#life.isAlive = false;
    this.#life.clock.kill();
    this.#life = undefined;
    this.restartAtMs = this.#world.clock.nowMs() + downMs;
  }

  #die(): void {
    this.#world.note(`${this.name} died at a commit`);
    this.#end(this.#world.faults.downMs());
    this.#world.onCrash();
  }

  /** kill −9. */
  crash(downMs: number): void {
    if (this.isDown) return;
    this.#end(downMs);
    this.disk.spare();
    this.disk.die();
    this.#world.onCrash();
  }

  /** Ends as an operator ends it. */
  async stop(downMs: number): Promise<void> {
    const life = this.#life;
    if (life?.sequencer === undefined) return;
    const stopping = life.stop();
    life.sequencer = undefined;
    await this.#world.during(stopping);
    if (!life.isAlive) return;
    this.#end(downMs);
    this.disk.close();
  }

  /** Whether an error means that the process died in the middle of a call, or that its disk failed. */
  static isDeath(error: unknown): boolean {
    return error instanceof ProcessDied || isDiskFailure(error) || isRollupError(error, 'SHUTTING_DOWN');
  }
}
