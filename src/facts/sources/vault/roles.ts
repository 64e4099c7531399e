/** SSH roles of Vault and OpenBao (API docs, secret/ssh, "Read role"; builtin/logical/ssh/path_roles.go). */
import { parseDuration } from '../../../inventory/duration.js';
import type { SshRole } from '../../types.js';
import { list, member, object, scalar, text, type Json } from '../answers.js';

export interface MountLimits {
  readonly namespace: string;
  readonly path: string;
  /** Seconds; null: not known. */
  readonly defaultLease: number | null;
  readonly maxLease: number | null;
}

/** @param data the `data` of a role; null when the answer holds no role. */
export function roleFrom(name: string, data: Json | undefined, mount: MountLimits): SshRole | null {
  const keyType = text(member(data, 'key_type'));
  if (keyType === null) return null;
  const ttl = seconds(member(data, 'ttl'), 0);
  const maxTtl = seconds(member(data, 'max_ttl'), 0);
  const flag = (key: string): boolean => member(data, key) === true;
  return {
    namespace: mount.namespace,
    mount: mount.path,
    name,
    keyType,
    allowedUsers: words(member(data, 'allowed_users')),
    allowedUsersTemplate: flag('allowed_users_template'),
    defaultUser: text(member(data, 'default_user')) ?? '',
    defaultUserTemplate: flag('default_user_template'),
    ttl,
    maxTtl,
    longest: longestOf(maxTtl, mount.maxLease),
    allowUserCertificates: flag('allow_user_certificates'),
    allowHostCertificates: flag('allow_host_certificates'),
    allowUserKeyIds: flag('allow_user_key_ids'),
    allowEmptyPrincipals: boolean(member(data, 'allow_empty_principals')),
    keyIdFormat: text(member(data, 'key_id_format')) ?? '',
    allowedCriticalOptions: words(member(data, 'allowed_critical_options')),
    defaultCriticalOptions: pairs(member(data, 'default_critical_options')),
    allowedExtensions: words(member(data, 'allowed_extensions')),
    defaultExtensions: pairs(member(data, 'default_extensions')),
    algorithmSigner: text(member(data, 'algorithm_signer')) ?? '',
    notBefore: seconds(member(data, 'not_before_duration'), null),
  };
}

/**
 * path_issue_sign.go, calculateTTL: a request may ask for up to max_ttl; with none, for up to the mount's limit,
 * which is the system's (768 h by default) when the mount has none.
 */
function longestOf(maxTtl: number | null, maxLease: number | null): number | null {
  if (maxTtl === null) return null;
  return maxTtl > 0 ? maxTtl : maxLease;
}

/** Seconds as a number, as digits, or as a Go duration (`4h`, `1h30m`). `absent` when there is none. */
export function seconds(value: Json | undefined, absent: number | null): number | null {
  if (value === undefined || value === null || value === '') return absent;
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  if (/^\d{1,12}s?$/.test(value)) return Number.parseInt(value, 10);
  return parseDuration(value);
}

/** A comma-separated list, or a list. */
function words(value: Json | undefined): readonly string[] {
  const given =
    typeof value === 'string' ? value.split(',') : list(value).filter((one) => typeof one === 'string');
  return given.map((word) => word.trim()).filter((word) => word !== '');
}

function pairs(value: Json | undefined): readonly { name: string; value: string }[] {
  return Object.entries(object(value) ?? {})
    .map(([name, one]) => ({ name, value: scalar(one) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function boolean(value: Json | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
