/** Secrets in a version that is proposed and comes to the other party only after the expiry of their HTLCs. */

import { type ChannelChange, nextState, RollupError, secretHash } from '@quittance/protocol';
import { changeKey, type Proposal } from '../record.ts';
import { type Core, wrong } from './core.ts';
import type { Effects } from './types.ts';

type Release = Extract<ChannelChange, { type: 'release' }>;

/** The part of an orderer that knows which of its secrets were refused. */
export function createLateSecrets(core: Core) {
  const keys = new Set<string>();
  const proposed = (): readonly ChannelChange[] => core.record.proposal?.changes ?? [];
  return {
    /** A new connection: what is proposed is said again. */
    clear: () => keys.clear(),
    /** The other party does not take a secret; L1 may still show that it came in time. @throws RollupError CHANNEL_PEER_WRONG. */
    refused(key: string): void {
      const change = proposed().find((candidate) => changeKey(candidate) === key);
      if (change?.type !== 'fulfill') throw wrong('it refuses what is no secret that was proposed');
      keys.add(key);
    },
    /** The refused secret in whose place this release can be put. */
    secretFor: (release: Release): ChannelChange | undefined =>
      proposed().find(
        (one) =>
          one.type === 'fulfill' &&
          one.by === release.by &&
          keys.has(changeKey(one)) &&
          secretHash(one.secret) === release.hash,
      ),
    /**
     * Gives an HTLC back in the place of its secret, with the same version: what was signed before is worse for the other party, and
     * better for nobody. What comes is still to be sent. @throws RollupError when what else is proposed needs the money.
     */
    giveBack(release: Release, secret: ChannelChange): Effects {
      const changes = proposed().map((change) => (change === secret ? release : change));
      const { capacity, isMoving, newest } = core.record;
      const state = nextState(newest.state, changes, { capacity, isMoving }, undefined);
      const proposal: Proposal = { state, changes, signature: core.sign(state) };
      const error = new RollupError('CHANNEL_CHANGE_REFUSED', 'the secret of an HTLC came too late', {
        reason: 'late',
      });
      keys.delete(changeKey(secret));
      return core.write({ proposal }, { refused: [{ change: secret, error }] });
    },
  };
}
