/** Deploys the contracts of payment channels for a rollup that stands. Parameters: `rollup`, and `bond` in wei. */

import { buildModule } from '@nomicfoundation/ignition-core';

export default buildModule('Channels', (m) => {
  const preimages = m.contract('Preimages');
  const channels = m.contract('Channels', [m.getParameter('rollup'), preimages, m.getParameter('bond')]);
  return { channels, preimages };
});
