/** Paths of the page and their parameters. */

/** A path of the explorer with its query. */
export interface Place {
  /** Begins with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The place that a hash (`#/batch/5?x=y`) names; anything that is no path is the overview. */
export function placeOf(hash: string): Place {
  const text = hash.startsWith('#/') ? hash.slice(1) : '/';
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  return { path, query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) };
}

/** The address of a path for a link. Parts of `path` that people wrote must be encoded already (`encodeURIComponent`). */
export function href(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `#${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`;
}

/** The parameters of `path` by `pattern` (`/batch/:number`), decoded; undefined where it does not fit. */
export function parametersOf(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const expected = pattern.split('/');
  const actual = path.replace(/(.)\/$/, '$1').split('/');
  if (expected.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [position, part] of expected.entries()) {
    const given = actual[position]!;
    if (!part.startsWith(':')) {
      if (part !== given) return undefined;
      continue;
    }
    try {
      parameters[part.slice(1)] = decodeURIComponent(given);
    } catch {
      return undefined; // a lone % is no path of ours
    }
  }
  return parameters;
}
