/** Shapes of the parts of snarkjs 0.7.6 and ffjavascript 0.3.1 that this project calls; neither ships types. */

declare module 'snarkjs' {
  export interface SnarkjsProof {
    pi_a: string[];
    pi_b: string[][];
    pi_c: string[];
    protocol: string;
    curve: string;
  }
  export interface SnarkjsLogger {
    info(message: string): void;
    debug(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  export const groth16: {
    prove(
      zkey: string,
      wtns: string,
      logger?: SnarkjsLogger,
    ): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(
      verifyingKey: object,
      publicSignals: readonly string[],
      proof: object,
      logger?: SnarkjsLogger,
    ): Promise<boolean>;
  };
  export const zKey: {
    newZKey(r1cs: string, ptau: string, zkey: string, logger?: SnarkjsLogger): Promise<Uint8Array | -1>;
    contribute(from: string, to: string, name: string, entropy: string, logger?: SnarkjsLogger): Promise<Uint8Array>;
    beacon(
      from: string,
      to: string,
      name: string,
      beaconHashHex: string,
      iterationsExponent: number,
      logger?: SnarkjsLogger,
    ): Promise<Uint8Array>;
    verifyFromR1cs(r1cs: string, ptau: string, zkey: string, logger?: SnarkjsLogger): Promise<boolean>;
    exportVerificationKey(zkey: string, logger?: SnarkjsLogger): Promise<Record<string, unknown>>;
  };
  export const powersOfTau: {
    newAccumulator(curve: unknown, power: number, file: string, logger?: SnarkjsLogger): Promise<Uint8Array>;
    contribute(from: string, to: string, name: string, entropy: string, logger?: SnarkjsLogger): Promise<Uint8Array>;
    preparePhase2(from: string, to: string, logger?: SnarkjsLogger): Promise<void>;
    verify(file: string, logger?: SnarkjsLogger): Promise<boolean>;
  };
  export const wtns: {
    check(r1cs: string, wtns: string, logger?: SnarkjsLogger): Promise<boolean>;
  };
  export const curves: {
    getCurveFromName(name: string): Promise<unknown>;
  };
}

declare module 'ffjavascript' {
  /** One group of the curve; points are bytes in Montgomery form: 3 coordinates (Jacobian) or 2 (affine). */
  export interface Group {
    readonly F: { readonly n8: number; toObject(element: Uint8Array): unknown };
    readonly g: Uint8Array;
    readonly zero: Uint8Array;
    readonly zeroAffine: Uint8Array;
    add(left: Uint8Array, right: Uint8Array): Uint8Array;
    neg(point: Uint8Array): Uint8Array;
    double(point: Uint8Array): Uint8Array;
    timesScalar(point: Uint8Array, scalar: bigint): Uint8Array;
    toAffine(point: Uint8Array): Uint8Array;
    isZero(point: Uint8Array): boolean;
    isValid(point: Uint8Array): boolean;
    fromObject(point: unknown): Uint8Array;
    toObject(point: Uint8Array): unknown;
  }
  /** The WebAssembly instance behind a curve. */
  export interface ThreadManager {
    /** The module's code; there in single-threaded curves only. */
    readonly code: Uint8Array;
  }
  export interface Curve {
    readonly q: bigint;
    readonly r: bigint;
    readonly G1: Group;
    readonly G2: Group;
    readonly tm: ThreadManager;
    pairingEq(...points: Uint8Array[]): Promise<boolean>;
    terminate(): Promise<void>;
  }
  export function buildBn128(singleThread?: boolean): Promise<Curve>;
}
