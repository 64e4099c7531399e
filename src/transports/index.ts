/** The transports by name. `createTransport` is the only way the rest of the program makes one. */
import type { TransportName } from '../model.js';
import { createLocalTransport, type LocalSettings } from './local/index.js';
import { createAutoTransport } from './auto.js';
import { createOpensshTransport } from './openssh/index.js';
import { createSshTransport, type SshSettings } from './ssh/index.js';
import { createSsmTransport, type SsmSettings } from './ssm/index.js';
import type { Transport } from './transport.js';

export type { SshSettings } from './ssh/index.js';

/** What each transport is told by the caller. */
export interface TransportSettings {
  readonly ssh: SshSettings;
  readonly openssh: SshSettings;
  readonly auto: SshSettings;
  readonly local: LocalSettings;
  readonly ssm: SsmSettings;
}

const REGISTRY: { readonly [Name in TransportName]: (settings: TransportSettings[Name]) => Transport } = {
  ssh: createSshTransport,
  openssh: createOpensshTransport,
  auto: (settings) => createAutoTransport(createSshTransport(settings), createOpensshTransport(settings)),
  local: createLocalTransport,
  ssm: createSsmTransport,
};

/** Makes the transport of that name for one run. Throws UserError when this installation cannot provide it. */
export function createTransport<Name extends TransportName>(
  name: Name,
  settings: TransportSettings[Name],
): Transport {
  return REGISTRY[name](settings);
}
