/** Vault and OpenBao: asked with reading requests only. */
import type { SourceType } from '../source.js';
import { settings, type VaultSettings } from '../settings/vault.js';
import { ask } from './ask.js';
import { diagnose } from './diagnose.js';

const type = (name: VaultSettings['type']): SourceType<VaultSettings> => ({
  source: 'vault',
  type: name,
  schema: settings,
  ask,
  diagnose,
});

export const sourceTypes = [type('vault'), type('openbao')] as const;
