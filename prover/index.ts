/** The prover: circuits and keys as content-addressed artifacts, witnesses, two backends, strict verification. */

export { findBrokenRow, findViolation, type Violation } from './artifacts/check.ts';
export { PUBLIC_INPUT_COUNT, PUBLIC_INPUTS } from './artifacts/chunk.ts';
export { type CompiledCircuit, type CompileOptions, compileCircuit, compileFile } from './artifacts/compile.ts';
export { exportR1cs } from './artifacts/export-r1cs.ts';
export { DEFAULT_DEVELOPMENT_SEED, readCeremonyKey } from './artifacts/keys.ts';
export { domainPower, type Layout, readTiledSystem, type TiledSystem } from './artifacts/layout.ts';
export { type ChunkArtifacts, prepareChunkArtifacts } from './artifacts/profile.ts';
export { type ConstraintSystem, readR1cs } from './artifacts/r1cs.ts';
export {
  applyBeacon,
  type CeremonyFiles,
  closeSnarkjs,
  contribute,
  startCeremony,
  verifyCeremony,
} from './artifacts/setup/ceremony.ts';
export { type DevelopmentScalars, developmentScalars } from './artifacts/setup/scalars.ts';
export { readSymbols, type SymbolTable } from './artifacts/sym.ts';
export { readWitness, writeWitness } from './artifacts/wtns.ts';
export { defaultBackend } from './backends/choose.ts';
export { type ProverCommand, parseProverCommand } from './backends/command.ts';
export type { BackendName, ProverBackend, ProvingFiles } from './backends/types.ts';
export * from './inputs/index.ts';
export { type ProverOptions, prepareCeremonyKey } from './prepare.ts';
export { decodeProof, encodeProof, type ProofJson } from './proof-json.ts';
export { type ChunkProof, createProver, Prover } from './prover.ts';
export type { OnProgress, Progress, TaskOptions } from './types.ts';
export { isProofValid, verifyProof } from './verify.ts';
export { assertContributed, decodeVerifyingKey, encodeVerifyingKey, type VerifyingKeyJson } from './verifying-key.ts';
export { type CircuitInput, WitnessCalculator } from './witness/calculator.ts';
