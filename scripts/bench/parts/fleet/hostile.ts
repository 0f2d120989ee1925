/** What somebody with a token may try, and what the prover API says to it. */

import { connect } from 'node:net';
import { FLEET_PATH, type PickAnswer } from '../../../../prover/index.ts';

/** HTTP status by attack. */
export type Refusals = Readonly<Record<string, number>>;

const GARBAGE = { pi_a: 'garbage' };
const SLOW_CONNECTIONS = 20;
/** q, in which the coordinates of points are. */
const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** A well-formed proof of nothing: its points are the generators. */
const WRONG = {
  pi_a: ['1', '2', '1'],
  pi_b: [
    [
      '10857046999023057135944570762232829481370756359578518086990519993285655852781',
      '11559732032986387107991004021392285783925812861821192530917403151452391805634',
    ],
    [
      '8495653923123431417604973247489272438418190587263600148770280649306958101930',
      '4082367875863433681332203403145435568316851327593401208105741076214120093531',
    ],
    ['1', '0'],
  ],
  pi_c: ['1', '2', '1'],
  protocol: 'groth16',
  curve: 'bn128',
};

/** The status line of whatever comes back for raw bytes. */
function statusOf(url: string, bytes: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => void socket.write(bytes));
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Number(answer.slice(9, 12))));
  });
}

/** Tries everything with one token, which is worth nothing afterwards. @throws Error when there is no open chunk. */
export async function attack(url: string, token: string, circuit: string): Promise<Refusals> {
  const headers = { authorization: `Bearer ${token}` };
  const post = (path: string, body: unknown) =>
    fetch(`${url}${FLEET_PATH}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const asking = { worker: 'liar', version: '0', circuits: [circuit], backend: 'none', memoryBytes: 0, waitMs: 10_000 };
  const picked = await post('pick', asking);
  if (picked.status !== 200) throw new Error(`there was nothing to lie about: ${picked.status}`);
  const { lease, statement } = (await picked.json()) as PickAnswer;
  const proof = async (what: unknown, of = statement): Promise<number> =>
    (await post(`leases/${lease}/proof`, { worker: 'liar', statement: of, proof: what })).status;
  const head = `POST ${FLEET_PATH}/pick HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  const slow = Array.from({ length: SLOW_CONNECTIONS }, () => statusOf(url, `${head}content-length: 99\r\n\r\n{`));
  const malleated = { ...WRONG, pi_a: [String(1n + Q), '2', '1'] };
  return {
    gigabyte: await statusOf(url, `${head}content-length: 1073741824\r\n\r\n{`),
    anotherStatement: await proof(WRONG, 'ab'.repeat(32)),
    garbage: await proof(GARBAGE),
    malleated: await proof(malleated),
    wrong: await proof(WRONG),
    quarantined: (await post('pick', { ...asking, waitMs: 0 })).status,
    noToken: (await fetch(`${url}${FLEET_PATH}/status`)).status,
    slow: Math.max(...(await Promise.all(slow))),
  };
}

/** What each of them must be answered with. */
export const EXPECTED_REFUSALS: Refusals = {
  gigabyte: 413,
  anotherStatement: 410,
  garbage: 422,
  malleated: 422,
  wrong: 422,
  quarantined: 403,
  noToken: 401,
  slow: 408,
};
