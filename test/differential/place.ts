/** Where in a run a record stands: enough to make it again (`caseAt` of run.ts). */

export interface Place {
  readonly seed: string;
  /** Number of the world. */
  readonly world: number;
  /** Of the record in its world. */
  readonly position: number;
}

/** Two implementations say different things about the record at `place`. */
export class DisagreementError extends Error {
  readonly place: Place;

  constructor(place: Place, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${place.seed}, world ${place.world}, record ${place.position}: ${reason}`, { cause });
    this.name = 'DisagreementError';
    this.place = place;
  }
}

/** Runs a comparison; what it throws, or rejects with, becomes a DisagreementError of the place. */
export function withPlace<T>(place: Place, compare: () => T): T {
  const rethrow = (error: unknown): never => {
    throw error instanceof DisagreementError ? error : new DisagreementError(place, error);
  };
  try {
    const result = compare();
    return (result instanceof Promise ? result.catch(rethrow) : result) as T;
  } catch (error) {
    return rethrow(error);
  }
}
