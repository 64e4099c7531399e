/**
 * Lines of a Vault or OpenBao audit device: strings in data as HMACs unless the mount is tuned to leave them clear. As
 * Vault 1.21 writes them: keys in the order of the alphabet, numbers of a request hashed as text. As the documentation
 * shows them and OpenBao writes them ("Audit devices"): `time` first, numbers clear.
 */
import { createHmac } from 'node:crypto';

export interface SignedLine {
  readonly time: string;
  readonly id?: string;
  readonly mount?: string;
  readonly mountType?: string | null;
  readonly verb?: 'sign' | 'issue';
  readonly role?: string;
  readonly by?: string;
  readonly asked?: Readonly<Record<string, unknown>>;
  readonly answered?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly type?: 'request' | 'response';
  /** Keys that stay clear in request.data and response.data. Default: none. */
  readonly clear?: readonly string[];
  /** As OpenBao, and Vault before 1.15. */
  readonly timeFirst?: boolean;
}

const SALT = 'device salt';
let requests = 0;

/** What `sys/audit-hash` answers for a text. */
export function auditHash(text: string): string {
  return `hmac-sha256:${createHmac('sha256', SALT).update(text).digest('hex')}`;
}

function guarded(
  data: Readonly<Record<string, unknown>>,
  clear: readonly string[],
  numbers: boolean,
): Record<string, unknown> {
  const hides = (value: unknown): boolean =>
    typeof value === 'string' || (numbers && typeof value === 'number');
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      hides(value) && !clear.includes(key) ? auditHash(String(value)) : value,
    ]),
  );
}

/** As Go writes a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

export function auditLine(line: SignedLine): string {
  const {
    mount = 'ssh/',
    verb = 'sign',
    role = 'adm',
    clear = [],
    type = 'response',
    timeFirst = false,
  } = line;
  const mountType = line.mountType === undefined ? 'ssh' : line.mountType;
  const whole = {
    time: line.time,
    type,
    auth: {
      client_token: auditHash('hvs.token'),
      accessor: auditHash('accessor'),
      display_name: line.by ?? 'ldap-bernd',
      policies: ['adm', 'default'],
      token_policies: ['adm', 'default'],
      metadata: { username: 'bernd' },
      entity_id: '1c2d',
      token_type: 'service',
      token_ttl: 2_764_800,
    },
    request: {
      id: line.id ?? `request-${(requests += 1)}`,
      operation: 'update',
      mount_point: mount,
      ...(mountType !== null && { mount_type: mountType }),
      mount_accessor: 'ssh_ab12',
      client_token: auditHash('hvs.token'),
      namespace: { id: 'root' },
      path: `${mount}${verb}/${role}`,
      data: guarded(line.asked ?? {}, clear, !timeFirst),
      remote_address: '10.0.0.5',
      remote_port: 51234,
    },
    ...(type === 'response' && {
      response: {
        ...(mountType !== null && { mount_type: mountType }),
        data: guarded(line.answered ?? {}, clear, false),
      },
    }),
    ...(line.error !== undefined && { error: line.error }),
  };
  return JSON.stringify(timeFirst ? whole : sorted(whole));
}
