/** Which batches changed each leaf, in memory: what is on disk is packed by batch. 12 bytes a version, 4 a leaf. */

/** Versions that are copied at once. */
const VERSIONS_AT_ONCE = 4_096;

/** Grows to hold `count` numbers at least. */
function grown(array: Uint32Array, count: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(count, 2 * array.length));
  larger.set(array);
  return larger;
}

/** The versions of leaves, the newest first. Batches come in ascending order. */
export class LeafVersions {
  /** By leaf: its last version, counted from 1; 0 for none. */
  #last = new Uint32Array(1_024);
  // By version, counted from 1.
  #leaf = new Uint32Array(1_024);
  #batch = new Uint32Array(1_024);
  #previous = new Uint32Array(1_024);
  #count = 0;
  /** What will be left, and the next version to copy, while older ones are forgotten. */
  #kept: { readonly versions: LeafVersions; next: number } | undefined;

  /** Notes that `batch` changed a leaf. */
  add(batch: number, leaf: number): void {
    const version = ++this.#count;
    if (version >= this.#batch.length) {
      this.#leaf = grown(this.#leaf, version + 1);
      this.#batch = grown(this.#batch, version + 1);
      this.#previous = grown(this.#previous, version + 1);
    }
    if (leaf >= this.#last.length) this.#last = grown(this.#last, leaf + 1);
    this.#leaf[version] = leaf;
    this.#batch[version] = batch;
    this.#previous[version] = this.#last[leaf]!;
    this.#last[leaf] = version;
  }

  /** The last batch that changed the leaf, up to `batch`; undefined when none did that is noted. */
  find(batch: number, leaf: number): number | undefined {
    let version = this.#last[leaf] ?? 0;
    while (version > 0 && this.#batch[version]! > batch) version = this.#previous[version]!;
    return version === 0 ? undefined : this.#batch[version];
  }

  /** Versions of batches up to `batch`. */
  countUpTo(batch: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#batch[middle]! <= batch) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Forgets the batches from `batch` on. */
  removeFrom(batch: number): void {
    for (; this.#count > 0 && this.#batch[this.#count]! >= batch; this.#count -= 1) {
      this.#last[this.#leaf[this.#count]!] = this.#previous[this.#count]!;
    }
    if (this.#kept === undefined) return;
    this.#kept.versions.removeFrom(batch);
    this.#kept.next = Math.min(this.#kept.next, this.#count + 1);
  }

  /** Begins to forget the batches up to `batch`: `forgetSome` does it. */
  beginForgetting(batch: number): void {
    this.#kept = { versions: new LeafVersions(), next: this.countUpTo(batch) + 1 };
  }

  /** Goes on forgetting, for a fraction of a millisecond. @returns whether there is more to do. */
  forgetSome(): boolean {
    const kept = this.#kept;
    if (kept === undefined) return false;
    const end = Math.min(kept.next + VERSIONS_AT_ONCE, this.#count + 1);
    for (; kept.next < end; kept.next += 1) kept.versions.add(this.#batch[kept.next]!, this.#leaf[kept.next]!);
    if (kept.next <= this.#count) return true;
    this.#last = kept.versions.#last;
    this.#leaf = kept.versions.#leaf;
    this.#batch = kept.versions.#batch;
    this.#previous = kept.versions.#previous;
    this.#count = kept.versions.#count;
    this.#kept = undefined;
    return false;
  }
}
