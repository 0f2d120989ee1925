/** Which of many has the most, without looking through them: their numbers change by one at a time. */

/** Keys with a number each; those with none are not kept. */
export class Largest<Key> {
  /** Keys by their number, for each from 1 to the largest; for those in between there may be none. */
  readonly #keys: Key[][] = [];
  /** Where each key is among those with its number. A set would pass over the places of what was taken out. */
  readonly #places = new Map<Key, number>();

  /** Changes the number of a key that has `number` by one. */
  change(key: Key, number: number, by: 1 | -1): void {
    if (number > 0) this.#takeOut(key, this.#keys[number - 1]!);
    const next = number + by;
    if (next > this.#keys.length) this.#keys.push([]);
    if (next > 0) this.#places.set(key, this.#keys[next - 1]!.push(key) - 1);
    else this.#places.delete(key);
    while (this.#keys.at(-1)?.length === 0) this.#keys.pop();
  }

  /** The key with the largest number: `own` if no other one has more. @throws RangeError when there is none. */
  get(own: Key): Key {
    const most = this.#keys.at(-1);
    if (most === undefined) throw new RangeError('nobody has anything');
    return most[this.#places.get(own) ?? 0] === own ? own : most.at(-1)!;
  }

  /** The last of `keys` takes the place of one of them. */
  #takeOut(key: Key, keys: Key[]): void {
    const last = keys.pop()!;
    if (last === key) return;
    const place = this.#places.get(key)!;
    keys[place] = last;
    this.#places.set(last, place);
  }
}
