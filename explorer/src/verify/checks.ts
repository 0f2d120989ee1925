/** Checks a Merkle proof of an account as the contract does, and keeps every value on the way, to be looked at. */

import {
  digitAt,
  type Hasher,
  hashLeaf,
  headerHash,
  portableHasher,
  type StoredHeader,
  TREE_DEPTH,
} from '@quittance/protocol';
import type { BatchJson, ProofJson } from '@quittance/rpc';

/** One claim, and whether it holds. */
export interface Check {
  readonly title: string;
  readonly isTrue: boolean;
  /** Names with their values, to follow it by hand. */
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** The account's leaf: Poseidon(key, owner, token + 2^32·nonce, balance), or 0 for an empty one. */
function leafOf({ account }: ProofJson, hasher: Hasher): bigint {
  if (account === null) return 0n;
  const { keyY, owner, tokenId, nonce, balance } = account;
  return hashLeaf(hasher, { keyY: BigInt(keyY), owner: BigInt(owner), tokenId, nonce, balance: BigInt(balance) });
}

function leafCheck(proof: ProofJson, leaf: bigint): Check {
  const { account, index, path } = proof;
  const values: [string, string][] =
    account === null
      ? [['leaf', '0, as nobody has this account']]
      : [
          ['key', account.keyY],
          ['owner', account.owner],
          ['token + 2³²·nonce', `${account.tokenId} + 2³²·${account.nonce}`],
          ['balance', account.balance],
          ['Poseidon of them', leaf.toString()],
        ];
  const parent = path.at(-1);
  return {
    title: 'The account is a leaf of the tree',
    isTrue: parent?.[digitAt(index, TREE_DEPTH - 1)] === leaf.toString(),
    values,
  };
}

/** One node: the hash of its four children stands among the children of the node above it, or is the root. */
function levelCheck(proof: ProofJson, level: number, hasher: Hasher): Check {
  const { index, path, stateRoot } = proof;
  const children = path[level] ?? [];
  const hash = children.length === 4 ? hasher.hash(children.map(BigInt)) : 0n;
  const above = level === 0 ? stateRoot : path[level - 1]?.[digitAt(index, level - 1)];
  return {
    title:
      level === 0
        ? 'Level 0 hashes to the state root'
        : `Level ${level} hashes to child ${digitAt(index, level - 1)} of level ${level - 1}`,
    isTrue: children.length === 4 && hash.toString() === above,
    values: [
      ...children.map((child, position): [string, string] => [
        `child ${position}${position === digitAt(index, level) ? ', on the path' : ''}`,
        child,
      ]),
      ['Poseidon of them', hash.toString()],
    ],
  };
}

/** A check that must not throw on what a liar sends: values that are no field elements make it false. */
function guarded(title: string, check: () => Check): Check {
  try {
    return check();
  } catch (error) {
    return { title, isTrue: false, values: [['error', (error as Error).message]] };
  }
}

/** All checks of a proof by itself: the leaf, then each level from the bottom to the root. */
export function proofChecks(proof: ProofJson, hasher: Hasher = portableHasher): readonly Check[] {
  const leaf = guarded('The account is a leaf of the tree', () => leafCheck(proof, leafOf(proof, hasher)));
  const levels = Array.from({ length: TREE_DEPTH }, (_, depth) => TREE_DEPTH - 1 - depth);
  const isWhole = proof.path.length === TREE_DEPTH;
  return [
    leaf,
    ...(isWhole
      ? []
      : [
          {
            title: `The path has ${TREE_DEPTH} levels`,
            isTrue: false,
            values: [['levels', String(proof.path.length)]],
          } as const,
        ]),
    ...levels.map((level) => guarded(`Level ${level}`, () => levelCheck(proof, level, hasher))),
  ];
}

/** The header that a sequencer shows, as the protocol has it. */
function headerOf({ header }: BatchJson): StoredHeader {
  return { ...header, stateRoot: BigInt(header.stateRoot) };
}

/** The header has the root that was proven, and hashes to what the sequencer says. */
export function headerChecks(proof: ProofJson, batch: BatchJson): readonly Check[] {
  return [
    {
      title: 'The header has that state root',
      isTrue: batch.header.number === proof.batch && batch.header.stateRoot === proof.stateRoot,
      values: [
        ['batch', String(batch.header.number)],
        ['state root', batch.header.stateRoot],
        ['parent', batch.header.parentHash],
      ],
    },
    guarded('The header hashes to its hash', () => {
      const hash = headerHash(headerOf(batch));
      return {
        title: 'The header hashes to its hash',
        isTrue: hash === batch.headerHash,
        values: [
          ['keccak of the header', hash],
          ['as the sequencer says', batch.headerHash],
        ],
      };
    }),
  ];
}

/** L1 has that hash. @param onL1 what the contract answers. */
export function l1Check(batch: BatchJson, onL1: string): Check {
  const hash = headerHash(headerOf(batch));
  return {
    title: 'The contract on L1 has that hash',
    isTrue: onL1.toLowerCase() === hash,
    values: [
      ['headerHash on L1', onL1],
      ['keccak of the header', hash],
    ],
  };
}
