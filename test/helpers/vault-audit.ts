/**
 * Lines of a Vault or OpenBao audit device, in the shape the documentation shows ("Audit devices", "SSH secrets engine
 * (API)"): strings in data as HMACs unless the mount is tuned to leave them clear.
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
}

const SALT = 'device salt';
let requests = 0;

/** What `sys/audit-hash` answers for a text. */
export function auditHash(text: string): string {
  return `hmac-sha256:${createHmac('sha256', SALT).update(text).digest('hex')}`;
}

function guarded(data: Readonly<Record<string, unknown>>, clear: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' && !clear.includes(key) ? auditHash(value) : value,
    ]),
  );
}

export function auditLine(line: SignedLine): string {
  const { mount = 'ssh/', verb = 'sign', role = 'adm', clear = [], type = 'response' } = line;
  const mountType = line.mountType === undefined ? 'ssh' : line.mountType;
  return JSON.stringify({
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
      data: guarded(line.asked ?? {}, clear),
      remote_address: '10.0.0.5',
      remote_port: 51234,
    },
    ...(type === 'response' && {
      response: {
        ...(mountType !== null && { mount_type: mountType }),
        data: guarded(line.answered ?? {}, clear),
      },
    }),
    ...(line.error !== undefined && { error: line.error }),
  });
}
