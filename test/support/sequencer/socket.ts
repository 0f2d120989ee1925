/** A WebSocket client for tests. */

/** What the server says. */
export interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly reason: string } };
  readonly params?: { readonly subscription: string; readonly result: Record<string, unknown> };
}

/** A client that keeps what it hears. */
export async function connect(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.addEventListener('message', ({ data }) => {
    messages.push(JSON.parse(String(data)) as Message);
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the connection was refused')));
  });
  const find = async (condition: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = messages.find(condition);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    socket,
    messages,
    closed,
    find,
    call: (id: number, method: string, params: unknown): Promise<Message> => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return find((message) => message.id === id);
    },
  };
}
