/** The parts of circomlibjs 0.1.7 that tests use as an oracle; it ships no types. */

declare module 'circomlibjs' {
  /** A field element in the library's own (Montgomery) form. */
  export type Element = Uint8Array;
  export type OraclePoint = [Element, Element];
  export interface Field {
    e(value: bigint | string): Element;
    toObject(element: Element): bigint;
  }
  export interface BabyJub {
    readonly F: Field;
    readonly Base8: OraclePoint;
    addPoint(left: OraclePoint, right: OraclePoint): OraclePoint;
    mulPointEscalar(base: OraclePoint, scalar: bigint): OraclePoint;
    inCurve(point: OraclePoint): boolean;
    inSubgroup(point: OraclePoint): boolean;
  }
  export interface Poseidon {
    readonly F: Field;
    (inputs: readonly (bigint | Element)[]): Element;
  }
  export interface Eddsa {
    readonly F: Field;
    readonly babyJub: BabyJub;
    readonly poseidon: Poseidon;
    prv2pub(secret: Uint8Array): OraclePoint;
    signPoseidon(secret: Uint8Array, message: Element): { R8: OraclePoint; S: bigint };
    verifyPoseidon(message: Element, signature: { R8: OraclePoint; S: bigint }, key: OraclePoint): boolean;
  }
  export function buildEddsa(): Promise<Eddsa>;
  export function buildPoseidon(): Promise<Poseidon>;
}
