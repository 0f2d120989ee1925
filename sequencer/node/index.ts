/** Nodes: one leads, the others follow, and any of them can take its place. */

export { createNode, type Node } from './node.ts';
