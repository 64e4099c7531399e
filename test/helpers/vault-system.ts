/** A sound CA system, to be made unsound one setting at a time. */
import type { FakeMount, FakeVault } from '../fakes/vault.js';

export const VAULT_TOKEN = 'hvs.CAESIFq3-test-token-0123456789';
const CA_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF7NEHyGaHhh/Zx8VFTsmRBQeCo7o/Pbdy7dWGJ2zpmm\n';

/** As `GET ssh/roles/:name` answers. */
export function role(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    algorithm_signer: 'default',
    allow_bare_domains: false,
    allow_empty_principals: false,
    allow_host_certificates: false,
    allow_subdomains: false,
    allow_user_certificates: true,
    allow_user_key_ids: false,
    allowed_critical_options: '',
    allowed_domains: '',
    allowed_domains_template: false,
    allowed_extensions: 'permit-pty',
    allowed_user_key_lengths: {},
    allowed_users: 'adm-full',
    allowed_users_template: false,
    default_critical_options: {},
    default_extensions: { 'permit-pty': '' },
    default_extensions_template: false,
    default_user: 'adm-full',
    default_user_template: false,
    key_id_format: 'adm-{{token_display_name}}',
    key_type: 'ca',
    max_ttl: 172_800,
    not_before_duration: 30,
    ttl: 28_800,
    ...more,
  };
}

export const AUDIT = {
  'file/': {
    type: 'file',
    description: '',
    local: false,
    path: 'file/',
    options: { file_path: '/var/log/vault.log' },
  },
  'socket/': {
    type: 'socket',
    description: '',
    local: false,
    path: 'socket/',
    options: { address: '10.0.0.9:9000' },
  },
};

export function sshMount(more: Partial<FakeMount> = {}): FakeMount {
  return {
    type: 'ssh',
    publicKey: CA_KEY,
    roles: {
      adm: role(),
      agt: role({ allowed_users: 'agt-resolver', default_user: 'agt-resolver', max_ttl: 3600, ttl: 3600 }),
    },
    ...more,
  };
}

export function system(more: Partial<FakeVault['namespaces'][string]> = {}): FakeVault {
  return {
    token: VAULT_TOKEN,
    namespaces: {
      '': {
        mounts: { 'ssh/': sshMount(), 'secret/': { type: 'kv' } },
        audit: AUDIT,
        policies: {
          default: 'path "auth/token/lookup-self" { capabilities = ["read"] }',
          adm: 'path "ssh/sign/adm" { capabilities = ["update"] }',
        },
        ...more,
      },
    },
  };
}
