/** Merkle proofs as the exodus takes them. */

/** Three siblings a level, in the order of the children, from the leaf's level upwards, as the contract takes them. */
export function exitSiblings(path: readonly (readonly bigint[])[], index: number): bigint[][] {
  return path.toReversed().map((children, level) => {
    const digit = (index >> (2 * level)) & 3;
    return children.filter((_, child) => child !== digit);
  });
}
