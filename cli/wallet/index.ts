/** All commands of a wallet. */

import type { Command } from '../process/command.ts';
import { walletAddress } from './address.ts';
import { walletBalance } from './balance.ts';
import { walletClaim } from './claim.ts';
import { walletDeposit } from './deposit.ts';
import { walletExit } from './exit.ts';
import { walletExodus } from './exodus.ts';
import { walletMove } from './move.ts';
import { walletNew } from './new.ts';
import { walletRegisterToken } from './register-token.ts';
import { walletSend, walletWithdraw } from './send.ts';
import { walletSign } from './sign.ts';

export const wallet: readonly Command[] = [
  walletNew,
  walletAddress,
  walletDeposit,
  walletSend,
  walletSign,
  walletWithdraw,
  walletMove,
  walletExit,
  walletClaim,
  walletExodus,
  walletBalance,
  walletRegisterToken,
];
