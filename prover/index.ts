/** The prover: circuits and keys as content-addressed artifacts, witnesses, two backends, strict verification. */

export type { CircuitInput } from '../native/index.ts';
export { type CompiledCircuit, compileCircuit, compileFile } from './artifacts/compile.ts';
export { sha256File } from './artifacts/hash.ts';
export { defaultBackend } from './backends/choose.ts';
export { type ProverCommand, parseProverCommand } from './backends/command.ts';
export type { BackendName } from './backends/types.ts';
export { createProofChecker, type ProofChecker } from './fleet/checker.ts';
export { FleetClient } from './fleet/client.ts';
export { fetchKey, KEY_FILE } from './fleet/fetch-key.ts';
export { decodeJob, encodeJob, jobBytes, type ProverJob, sha256Hex, statementOf } from './fleet/job.ts';
export { joinMarket } from './fleet/join-market.ts';
export {
  type ArtifactManifest,
  FLEET_PATH,
  type FleetRewards,
  type FleetStatus,
  HEARTBEAT_SECONDS,
  MAX_CIRCUITS,
  MAX_HELD_PROOFS,
  MAX_WAIT_MS,
  type PickAnswer,
  type ProofAnswer,
  type RewardJson,
  type WorkerStatus,
} from './fleet/messages.ts';
export { runWorker, type WorkerOptions } from './fleet/worker.ts';
export { decodeProof, encodeProof, type ProofJson } from './formats/proof-json.ts';
export { type ConstraintSystem, readR1cs } from './formats/r1cs.ts';
export { readSymbols, type SymbolTable } from './formats/sym.ts';
export * from './inputs.ts';
export { readCeremonyKey } from './keys/ceremony-key.ts';
export { DEFAULT_DEVELOPMENT_SEED } from './keys/development-key.ts';
export {
  assertContributed,
  decodeVerifyingKey,
  encodeVerifyingKey,
  type VerifyingKeyJson,
} from './keys/verifying-key.ts';
export { chunkTileInputs } from './packed-inputs.ts';
export { DEFAULT_BUILD_DIRECTORY } from './paths.ts';
export { prepareCeremonyKey } from './prepare.ts';
export { type ChunkProof, createProver, Prover } from './prover.ts';
export {
  applyBeacon,
  closeSnarkjs,
  contribute,
  startCeremony,
  verifyCeremony,
} from './setup/ceremony.ts';
export { developmentScalars } from './setup/scalars.ts';
export { findBrokenRow } from './tiling/check.ts';
export { prepareChunkArtifacts } from './tiling/chunk-artifacts.ts';
export { exportR1cs } from './tiling/export-r1cs.ts';
export type { TiledSystem } from './tiling/layout.ts';
export type { OnProgress } from './types.ts';
export { isProofValid, verifyProof } from './verify.ts';
export { WitnessCalculator } from './witness/calculator.ts';
export { WorkerPool, type WorkerReply } from './workers.ts';
