/** A sequencer as a process: started, stopped, killed, killed at a commit, and started again from what its disk kept. */

import { isRollupError, PROFILES } from '@quittance/protocol';
import { silentLogger } from '../../../../runtime/index.ts';
import { createSequencer, isReadable, type Sequencer, type SequencerSettings } from '../../../../sequencer/index.ts';
import type { Storage } from '../../../../storage/index.ts';
import { L1, OPERATOR } from '../cast.ts';
import { simCrypto } from '../crypto.ts';
import { ProcessDied, SimDisk } from '../disk.ts';
import { createDoor } from '../l1/door.ts';
import type { World } from '../world.ts';
import { createProcessClock, type ProcessClock } from './clock.ts';
import { createSimProver } from './prover.ts';

/** What the process runs with in this life. */
interface Life {
  readonly number: number;
  readonly clock: ProcessClock;
  readonly storage: Storage;
  sequencer: Sequencer | undefined;
  isAlive: boolean;
}

/** Shape of chunks and batches in the simulator. */
export const SIM_PROFILE = PROFILES.quick;

export class SimNode {
  readonly #world: World;
  readonly disk: SimDisk;
  #life: Life | undefined;
  #lives = 0;
  /** When whoever watches over the process starts it again. */
  restartAtMs = 0;

  constructor(world: World, folder: string) {
    this.#world = world;
    this.disk = new SimDisk(folder, world.random);
    this.disk.onDeath = () => this.#die();
  }

  /** The sequencer, if it runs. */
  get sequencer(): Sequencer | undefined {
    return this.#life?.sequencer;
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
    const life: Life = { number, clock, storage: this.disk.open(), sequencer: undefined, isAlive: true };
    this.#life = life;
    const door = this.#world.seams.door(createDoor(l1, L1.producer, faults.door('node'), () => life.isAlive));
    const dependencies = this.#world.seams.sequencer({
      config: this.#settings(),
      ...{ chain: door.chain, assertions: door.assertions, prover: createSimProver(clock, faults.prover) },
      ...{ storage: life.storage, clock, crypto: simCrypto, logger: silentLogger },
    });
    createSequencer(dependencies).then(
      (sequencer) => {
        if (!life.isAlive) return;
        life.sequencer = sequencer;
        note(`node is up (life ${number})`);
      },
      (error: unknown) => {
        if (!life.isAlive) return;
        this.#world.judgeFailure(error, 'a start');
        note(`node did not start: ${(error as Error).message}`);
        this.#end(this.#world.faults.isCalm ? 30_000 : 5_000);
        this.disk.close();
      },
    );
  }

  /** A process ends for good after a halt that is not for reads. */
  watchOver(): void {
    const halted = this.#life?.sequencer?.status().halted;
    if (halted !== undefined) {
      this.#world.judgeFailure(halted, 'a halt');
      this.#world.note(`node halted: ${halted.code} ${halted.message}`);
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
    this.#world.note('node died at a commit');
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
    const stopping = life.sequencer.stop();
    life.sequencer = undefined;
    await this.#world.during(stopping);
    if (!life.isAlive) return;
    this.#end(downMs);
    this.disk.close();
  }

  /** Whether an error means that the process died in the middle of a call. */
  static isDeath(error: unknown): boolean {
    return error instanceof ProcessDied || isRollupError(error, 'SHUTTING_DOWN');
  }
}
