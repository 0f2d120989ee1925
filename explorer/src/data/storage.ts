/** What is kept between visits. Browsers may deny it: then it lasts as long as the page. */

const PREFIX = 'quittance.';
const fallback = new Map<string, string>();

/** What was kept under a key, or undefined. */
export function readKept(key: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + key) ?? fallback.get(key);
  } catch {
    return fallback.get(key);
  }
}

/** Keeps a text, or forgets it where it is undefined. @returns whether it will still be there at the next visit. */
export function keep(key: string, text: string | undefined): boolean {
  if (text === undefined) fallback.delete(key);
  else fallback.set(key, text);
  try {
    if (text === undefined) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, text);
    return true;
  } catch {
    return false;
  }
}
