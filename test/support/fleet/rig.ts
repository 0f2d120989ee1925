/** A fleet with its API on a free port, and a desk that keeps proofs in memory: no sequencer, no circuits. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkPublicInputs, type Groth16Proof, publicInputsOf } from '@quittance/protocol';
import { createProofChecker, FleetClient, runWorker, type WorkerOptions } from '../../../prover/index.ts';
import { type Clock, type Listening, silentLogger, systemClock } from '../../../runtime/index.ts';
import { createArtifacts } from '../../../sequencer/fleet/api/artifacts.ts';
import { type FleetApiOptions, startFleetApi } from '../../../sequencer/fleet/api/server.ts';
import { createFleet, type Fleet, type FleetOptions } from '../../../sequencer/fleet/fleet.ts';
import { type FleetLedger, openFleetLedger } from '../../../sequencer/fleet/ledger/ledger.ts';
import { addToken } from '../../../sequencer/fleet/token-file.ts';
import type { Payee, Statement } from '../../../sequencer/fleet/types.ts';
import type { Groth16Simulator } from '../contracts/groth16-simulator.ts';
import { FLEET_CIRCUIT, FLEET_SLOTS, fleetSimulator } from './statements.ts';

const ROLLUP = { chainId: 31_337n, contract: `0x${'c0'.repeat(20)}` };

export interface RigOptions {
  readonly fleet?: Partial<FleetOptions>;
  readonly api?: Partial<FleetApiOptions>;
  readonly clock?: Clock;
}

/** A fleet that runs. */
export interface FleetRig {
  readonly folder: string;
  readonly tokensFile: string;
  readonly fleet: Fleet;
  readonly ledger: FleetLedger;
  readonly api: Listening;
  /** Proofs by statement. */
  readonly proofs: Map<string, Groth16Proof>;
  /** Statements in the order in which somebody began to prove them. */
  readonly leased: Statement[];
  /** Opens them. */
  open(...statements: readonly Statement[]): void;
  /** A token of a worker of this name. */
  token(name: string, payee?: Payee): string;
  client(name: string, payee?: Payee): FleetClient;
  /** One call as it goes over the wire. */
  call(path: string, token: string, body?: unknown, init?: RequestInit): Promise<Response>;
  /** The desk is empty until it is led again. */
  leave(): void;
  lead(isOpening?: boolean): void;
  close(): Promise<void>;
}

/** Starts one. */
export async function createRig({ fleet: settings, api: apiSettings, clock = systemClock }: RigOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-fleet-'));
  const tokensFile = join(folder, 'provers.json');
  const ledger = openFleetLedger({ file: join(folder, 'fleet.db'), ...ROLLUP });
  const checker = createProofChecker(fleetSimulator.verifyingKey);
  const profile = { name: 'quick', slotsPerChunk: FLEET_SLOTS };
  const fleet = createFleet({
    ...{ circuit: FLEET_CIRCUIT, profile, checker, ledger, tokensFile, clock, logger: silentLogger },
    ...{ window: 64, localLeases: 0, isMarket: false },
    ...settings,
  });
  const artifacts = createArtifacts({ circuit: FLEET_CIRCUIT, profile, development: true, files: {} });
  const api = await startFleetApi({
    ...{ fleet, artifacts, host: '127.0.0.1', port: 0, clock, logger: silentLogger },
    ...apiSettings,
  });
  const proofs = new Map<string, Groth16Proof>();
  const leased: Statement[] = [];
  let leave = (): void => undefined;
  const rig: FleetRig = {
    ...{ folder, tokensFile, fleet, ledger, api, proofs, leased },
    open(...statements) {
      for (const statement of statements) fleet.dispatcher.open(statement);
    },
    token: (name, payee) => addToken(tokensFile, name, clock.nowMs(), payee),
    client: (name, payee) => new FleetClient({ urls: [api.url], token: rig.token(name, payee) }),
    call: (path, token, body, init = {}) =>
      fetch(`${api.url}/prover/v1/${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        ...init,
      }),
    leave: () => leave(),
    lead(isOpening = false) {
      leave = fleet.lead({
        isOpening,
        leased: (statement) => void leased.push(statement),
        accept: ({ id }, proof) => void proofs.set(id, proof),
      });
    },
    async close() {
      await api.stop();
      await checker.close();
      ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  rig.lead();
  return rig;
}

/** A worker whose proofs come from the simulator, after `proveMs`. */
export function simulatedWorker(
  client: FleetClient,
  {
    instance = 'machine',
    clock = systemClock,
    ...options
  }: Partial<WorkerOptions> & { readonly proveMs?: number; readonly simulator?: Groth16Simulator } = {},
): { readonly stop: () => Promise<void>; readonly ended: Promise<void> } {
  const stopping = new AbortController();
  const { proveMs = 0, simulator = fleetSimulator } = options;
  const prover: WorkerOptions['prover'] = {
    async proveChunk(trace, challenge, { signal } = {}) {
      if (proveMs > 0) await clock.sleep(proveMs, signal);
      const publicInputs = chunkPublicInputs(trace, challenge);
      return { proof: simulator.prove(publicInputsOf(publicInputs)), publicInputs, timings: {} };
    },
  };
  const ended = runWorker(
    {
      ...{ client, prover, circuit: FLEET_CIRCUIT, slotsPerChunk: FLEET_SLOTS, instance, clock },
      ...{ version: 'test', backend: 'simulator', memoryBytes: 0, concurrency: 1, logger: silentLogger },
      ...options,
    },
    stopping.signal,
  );
  ended.catch(() => undefined);
  return {
    ended,
    async stop() {
      stopping.abort(new Error('the test is over'));
      await ended;
    },
  };
}
