/**
 * Words of the model of channels. It stands by itself: nothing of it comes from packages/protocol/channels, whose rules and
 * contracts are held against it.
 */

export type Party = 'a' | 'b';
/** Who calls on L1. */
export type Person = Party | 'stranger';
export type Both<T> = Record<Party, T>;

export const PARTIES = ['a', 'b'] as const;

export function otherOf(party: Party): Party {
  return party === 'a' ? 'b' : 'a';
}

/** The smaller of two amounts. */
export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/** Money that is the payee's if the secret is shown in time, and the other party's if not. */
export interface Lock {
  /** Which secret of the schedule. */
  readonly secret: number;
  readonly amount: bigint;
  /** The last second in which it counts. */
  readonly expiry: number;
  readonly payee: Party;
}

/** What both signed. */
export interface Paper {
  readonly version: number;
  readonly residual: Party;
  /** What the other party, the senior, has for sure. */
  readonly sure: bigint;
  readonly locks: readonly Lock[];
  /** Not signed: what each was paid in the channel so far, less what it paid and locked. */
  readonly books: Readonly<Both<bigint>>;
}

/** What is wrong with a call on purpose; `value odd` is a wei that no exit is paid with. */
export type Fault = 'bond short' | 'value odd' | 'signers swapped' | 'signed elsewhere';

/** A call on L1. */
export type Call =
  | {
      readonly type: 'close';
      readonly by: Person;
      readonly paper: Paper;
      readonly exits: number;
      readonly fault?: Fault;
    }
  | { readonly type: 'challenge'; readonly by: Person; readonly paper: Paper; readonly fault?: Fault }
  | { readonly type: 'requestExits'; readonly by: Person; readonly exits: number }
  | { readonly type: 'settle'; readonly by: Person; readonly paper: Paper }
  | { readonly type: 'payout'; readonly by: Person; readonly to: Party }
  | { readonly type: 'payoutTo'; readonly by: Person }
  | { readonly type: 'collectBonds'; readonly by: Person }
  | { readonly type: 'collectExitFees'; readonly by: Person }
  | { readonly type: 'reveal'; readonly by: Person; readonly secret: number }
  /** Money reaches the vault: from the rollup, or from a stranger. */
  | { readonly type: 'arrive' | 'give'; readonly amount: bigint }
  | { readonly type: 'exodus' }
  /** In the exodus: gives an exit request that was not executed back. */
  | { readonly type: 'reclaim'; readonly exit: number };

/** A value of a contract's error; `any` is not compared. */
export type Value = bigint | Person | 'vault' | 'any';

/** A contract's error. */
export interface Refusal {
  readonly error: string;
  readonly values: readonly Value[];
}

/** What can be seen on L1. */
export interface Picture {
  readonly version: number;
  readonly periodEnd: number;
  readonly bondHolder: Person | undefined;
  readonly isSettled: boolean;
  readonly claim: bigint;
  /** By place in the waterfall. */
  readonly paidSenior: bigint;
  readonly paidResidual: bigint;
  readonly vaultHolds: bigint;
  /** Bonds that nobody collected, of closes that are open and settled. */
  readonly judgeHolds: bigint;
  readonly credits: Readonly<Both<bigint>>;
}

/** A call, when it comes, and what the model says comes of it. */
export interface Step {
  readonly time: number;
  readonly call: Call;
  readonly refusal: Refusal | undefined;
  readonly after: Picture;
}
