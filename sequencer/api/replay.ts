/**
 * Joins what there is already with what comes: first everything from some place on, page by page, then what happens, each once.
 * What happens while pages are read is told of what was read before it happened; the rest comes with its page.
 */

/** Something with a place. */
export interface Placed<T> {
  readonly place: number;
  readonly value: T;
}

/** Decides whether something that happened is to be told. */
export interface Join {
  /** @param at its number. */
  isNew(place: number, at: number): boolean;
}

export interface ReplayOptions<T> {
  /** Where to begin; undefined: with what comes. */
  readonly first: number | undefined;
  /** The next ones from a place on, the lowest first, at most a page. */
  readonly read: (first: number) => readonly Placed<T>[];
  /** Number of what happened last, which `read` sees. */
  readonly position: () => number;
  /** Resolves when the client has taken it, as far as we can tell. */
  readonly send: (value: T) => Promise<void>;
  /** Runs a read when it is its turn. */
  readonly turn: <R>(work: () => R) => Promise<R>;
  readonly isEnded: () => boolean;
}

/** Up to a place everything was read when this had happened. */
interface Page {
  readonly through: number;
  readonly at: number;
}

/** Begins. @returns what decides about what happens from now on, and when all of the past is sent. */
export function startReplay<T>(options: ReplayOptions<T>): { readonly join: Join; readonly done: Promise<void> } {
  const { first, read, position, send, turn, isEnded } = options;
  const start = position();
  let next = first ?? 0;
  let isLive = first === undefined;
  /** Ascending. */
  let pages: Page[] = [{ through: isLive ? Number.POSITIVE_INFINITY : next - 1, at: start }];

  /** Reads a page; when there is none, what comes is told as it comes. */
  const readPage = (): readonly Placed<T>[] => {
    const found = read(next);
    const last = found.at(-1);
    if (last === undefined) isLive = true;
    else next = last.place + 1;
    pages.push({ through: last?.place ?? Number.POSITIVE_INFINITY, at: position() });
    return found;
  };

  const run = async (): Promise<void> => {
    while (!isLive && !isEnded()) {
      const page = await turn(readPage);
      // The last of them, because those before it went out before it.
      let sent: Promise<void> = Promise.resolve();
      for (const { value } of page) sent = send(value);
      await sent;
    }
  };

  const join: Join = {
    isNew(place, at) {
      if (!isLive && place >= next) return false;
      const page = pages.find(({ through }) => place <= through)!;
      if (isLive && at > pages.at(-1)!.at) pages = pages.slice(-1).map((last) => ({ ...last, at: 0 }));
      return at > page.at;
    },
  };
  return { join, done: run() };
}
