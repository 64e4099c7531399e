/** The transports by name. `createTransport` is the only way the rest of the program makes one. */
import type { TransportName } from '../model.js';
import { createLocalTransport, type LocalSettings } from './local/index.js';
import { createSshTransport, type SshSettings } from './ssh/index.js';
import type { Transport } from './transport.js';

export type { SshSettings } from './ssh/index.js';

/** What each transport is told by the caller. */
export interface TransportSettings {
  readonly ssh: SshSettings;
  readonly local: LocalSettings;
}

const REGISTRY: { readonly [Name in TransportName]: (settings: TransportSettings[Name]) => Transport } = {
  ssh: createSshTransport,
  local: createLocalTransport,
};

/** Makes the transport of that name for one run. Throws UserError when this installation cannot provide it. */
export function createTransport<Name extends TransportName>(
  name: Name,
  settings: TransportSettings[Name],
): Transport {
  return REGISTRY[name](settings);
}
