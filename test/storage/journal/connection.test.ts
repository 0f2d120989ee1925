import { strict as assert } from 'node:assert';
import { EventEmitter } from 'node:events';
import { silentLogger } from '../../../runtime/index.ts';
import { type ConnectionContext, createConnection } from '../../../storage/journal/postgres/connection.ts';
import { assertRejects } from '../../support/assertions.ts';
import { GOOD_FACTS } from '../../support/journal/facts.ts';
import { createManualClock } from '../../support/manual-clock.ts';

/** A driver whose server answers everything but LISTEN, which it does as told. */
function createServer(listen: () => Promise<object>) {
  const destroyed = new Set<FakeClient>();
  class FakeClient extends EventEmitter {
    readonly #broken = Promise.withResolvers<never>();
    readonly connection = {
      stream: {
        destroy: (reason?: Error): void => {
          destroyed.add(this);
          this.#broken.reject(reason ?? new Error('destroyed'));
        },
      },
    };
    constructor() {
      super();
      this.#broken.promise.catch(() => undefined);
    }
    async connect(): Promise<void> {}
    query(asked: string | { text: string }): Promise<object> {
      const text = typeof asked === 'string' ? asked : asked.text;
      return text.startsWith('LISTEN') ? Promise.race([this.#broken.promise, listen()]) : this.#answer();
    }
    async #answer(): Promise<object> {
      return { rows: [GOOD_FACTS], rowCount: 1 };
    }
  }
  return { Client: FakeClient as unknown as ConnectionContext['Client'], destroyed };
}

describe('Journal: a connection', () => {
  const open = (listen: () => Promise<object>) => {
    const clock = createManualClock();
    const { Client, destroyed } = createServer(listen);
    const address = { hosts: [{ name: 'one', connectionString: 'postgres://one' }], conceal: (text: string) => text };
    const context = { Client, address, nodeName: 'a', clock, logger: silentLogger, preferred: 0 };
    const connection = createConnection(context as unknown as ConnectionContext, 'read', async (client) => {
      await client.query('LISTEN quittance');
    });
    return { connection, clock, destroyed };
  };
  const statement = { text: 'SELECT 1' };

  it('is given up when what goes before its first use is not answered', async () => {
    const { connection, clock, destroyed } = open(() => new Promise(() => undefined));
    const asked = assertRejects(connection.query(statement), 'JOURNAL_UNAVAILABLE');
    await clock.advance(3_000);
    assert.match((await asked).message, /one: it does not answer/);
    assert.equal(destroyed.size, 1);
  });

  it('is closed, and tried again, when that is refused', async () => {
    let isRefused = true;
    const { connection, destroyed } = open(async () => {
      if (isRefused) throw Object.assign(new Error('no such channel'), { code: '42P01' });
      return {};
    });
    const error = await assertRejects(connection.query(statement), 'JOURNAL_UNAVAILABLE');
    assert.match(error.message, /one: no such channel/);
    assert.equal(destroyed.size, 1);
    isRefused = false;
    assert.equal((await connection.query(statement)).count, 1);
    await connection.close();
    assert.equal(destroyed.size, 2);
  });

  it('is closed too when that is asked while it connects', async () => {
    const [connecting, listening] = [Promise.withResolvers<void>(), Promise.withResolvers<object>()];
    const { connection, destroyed } = open(() => {
      connecting.resolve();
      return listening.promise;
    });
    const asked = assertRejects(connection.query(statement), 'JOURNAL_UNAVAILABLE');
    await connecting.promise;
    const closed = connection.close();
    listening.resolve({});
    await closed;
    assert.match((await asked).message, /it was closed/);
    assert.equal(destroyed.size, 1);
  });
});
