/** A wallet: keys, accounts, payments, and the way in and out over L1. */

import { accountsOfOwner, pickAccount } from './accounts.ts';
import { accountsOf, balanceOf } from './balance.ts';
import { type Connection, connect } from './connection.ts';
import { suggestedFee } from './fees.ts';
import { requestHandle, transferHandle } from './handles.ts';
import { readHistory } from './history.ts';
import { formatReceiver } from './receiver.ts';
import { orAborted } from './time.ts';
import { ETH, isToken, requireSame, tokensOf, unknownToken } from './tokens.ts';
import { createTransfers } from './transfer.ts';
import type { TokenInfo, TokenRef, Wallet, WalletOptions } from './types.ts';
import { watchPayments } from './watch.ts';

/** Finds tokens: of the sequencer where there is one, which may have learnt of a new one since it was asked, else on L1. */
function createTokens({ client, l1 }: Connection) {
  let known: Promise<readonly TokenInfo[]> | undefined;
  const ask = async (): Promise<readonly TokenInfo[]> =>
    client === undefined ? l1!.tokens() : tokensOf(await client.call('rollup_getConfig', {}));
  const list = (): Promise<readonly TokenInfo[]> => {
    known = ask();
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  const told = async (ref: TokenRef): Promise<TokenInfo | undefined> => {
    if (client === undefined) return undefined;
    const isWanted = (token: TokenInfo): boolean => isToken(token, ref);
    return (await (known ?? list())).find(isWanted) ?? (await list()).find(isWanted);
  };
  return {
    list,
    /** What was paid in: L1 says it where there is one. A sequencer that says something else of it keeps no payment back. */
    async paid(ref: TokenRef): Promise<TokenInfo> {
      if (isToken(ETH, ref)) return ETH;
      return l1 === undefined ? ((await told(ref)) ?? unknownToken(ref)) : l1.token(ref);
    },
    /** On L1, where there is one: a sequencer that lies about decimals has people sign other amounts than they read. */
    async find(ref: TokenRef): Promise<TokenInfo> {
      if (isToken(ETH, ref)) return ETH;
      const [onL1, said] = await Promise.all([l1?.token(ref), told(ref)]);
      if (onL1 === undefined) return said ?? unknownToken(ref);
      return said === undefined ? onL1 : requireSame(onL1, said);
    },
  };
}

/** What a wallet does on L1; loaded when it is first used, so that a page that only pays does without. */
function onL1(
  connection: Connection,
  find: (ref: TokenRef) => Promise<TokenInfo>,
): Pick<Wallet, 'deposit' | 'claim' | 'forceExit' | 'exitFromL1'> {
  let loaded: Promise<ReturnType<typeof onL1>> | undefined;
  const load = async (what: string) => {
    connection.requireL1(what);
    // One sender for all: transactions of the account go one after the other.
    loaded ??= import('./l1/verbs.ts').then(({ createL1Verbs }) => createL1Verbs(connection, find));
    return loaded;
  };
  return {
    deposit: async (request) => (await load('a deposit')).deposit(request),
    claim: async (options) => (await load('a claim')).claim(options),
    forceExit: async (request) => (await load('an exit')).forceExit(request),
    exitFromL1: async (options) => (await load('an exit')).exitFromL1(options),
  };
}

/**
 * Opens a wallet. The rollup key comes from one signature of the L1 account, which names chain and contract, so that one backup
 * serves both; contract accounts give a `rollupSecret` of their own.
 *
 * @throws RollupError CONFIG_INVALID, L1_WRONG_CHAIN, WRONG_DOMAIN or SIGNER_WRONG_CHAIN, before anything is signed;
 * SIGNER_REFUSED, CONTRACT_ACCOUNT, INVALID_KEY, RPC_UNREACHABLE, L1_UNREACHABLE.
 * @example
 * const wallet = await createWallet({ signer, rpcUrl: 'http://127.0.0.1:3000', l1: { url: 'http://127.0.0.1:8545' } });
 * await (await wallet.deposit({ amount: parseEther('1') })).sealed();
 * const payment = await wallet.transfer({ to: receiver, amount: parseEther('0.1'), reference: 'invoice 7' });
 * await payment.final();
 */
export async function createWallet(options: WalletOptions): Promise<Wallet> {
  const connection = await connect(options);
  const { own, owner, chainId, contract, domain, clock, closed, l1, sequencer } = connection;
  const { list, find, paid } = createTokens(connection);

  return {
    ...{ address: owner.signer.address, receiver: formatReceiver(own), chainId, contract, domain },
    ...createTransfers(connection, find),
    ...onL1(connection, find),
    tokens: ({ signal } = {}) => orAborted(list(), signal),
    token: (token, { signal } = {}) => orAborted(find(token), signal),
    accounts: (call) => orAborted(accountsOf(connection, call), call?.signal),
    balance: async (token = 0, call) => orAborted(balanceOf(connection, await find(token), call), call?.signal),
    async estimateFee(token = 0, { signal } = {}) {
      const client = sequencer('the fee');
      return orAborted(suggestedFee(client, (await find(token)).tokenId), signal);
    },
    async *history({ account, before, signal } = {}) {
      const client = sequencer('the history');
      const index = account ?? pickAccount(await accountsOfOwner(client, own.owner), own, ETH.tokenId).index;
      yield* readHistory(client, index, { before, signal });
    },
    watch(watching = {}) {
      return watchPayments({ ...connection, client: sequencer('watching'), tokens: { find: paid } }, watching);
    },
    handleOf: (id) => transferHandle(sequencer('a handle'), clock, id),
    operationOf: (operationId) => requestHandle(connection, operationId),
    close() {
      closed.abort(new Error('the wallet was closed'));
      l1?.close();
    },
  };
}
