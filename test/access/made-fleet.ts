/** Hosts' parts of an access report, made: a working fortnight of people, agents and automations. Deterministic. */
import { createDigest, type DigestPart } from '../../src/access/digest.js';
import type { Door, LooseChange, Method, Session, SudoRights, Use } from '../../src/access/types.js';
import type { AccessDigest } from '../../src/model.js';

const DAY = 86_400_000;
export const TO = Date.parse('2026-11-21T02:00:00Z');
export const FROM = TO - 14 * DAY;

const ROOT: SudoRights = {
  level: 'all',
  noPassword: true,
  commands: ['ALL'],
  from: ['/etc/sudoers.d/ops:1'],
};
const NONE: SudoRights = { level: 'none', noPassword: false, commands: [], from: [] };

interface Grant {
  readonly who: string;
  readonly account: string;
  readonly holders: readonly string[];
  readonly sudo: SudoRights;
}

const GRANTS: readonly Grant[] = [
  { who: 'adm-full', account: 'ops', holders: ['adm-bernd', 'adm-carla'], sudo: ROOT },
  { who: 'adm-readonly', account: 'ops-ro', holders: ['adm-dora'], sudo: NONE },
  { who: 'agt-incident-resolver-v2', account: 'agent', holders: ['agt-incident-resolver-v2'], sudo: NONE },
  { who: 'atm-backup-daily', account: 'automation', holders: ['atm-backup-daily'], sudo: NONE },
  { who: 'atm-logrotate', account: 'automation', holders: ['atm-logrotate'], sudo: NONE },
];

/** A number from 0 up to `below`, the same for the same words. */
function pick(below: number, ...words: readonly (string | number)[]): number {
  let hash = 2_166_136_261;
  for (const letter of words.join('/')) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  return hash % below;
}

function iso(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Everything one host told. `text` takes the place of every name a host may choose. */
export function madePart(index: number, text?: string, days = 14): DigestPart {
  const name = text ?? `${['web', 'db', 'app'][index % 3]}-${String(index).padStart(3, '0')}`;
  const environment = text ?? ['production', 'staging', 'test'][index % 3] ?? '';
  const said = (word: string): string => text ?? word;
  const sessions = Array.from({ length: days }, (_, day) => day).flatMap((day): Session[] => {
    const of = (who: string, account: string, method: Method, hour: number): Session => {
      const at = FROM + day * DAY + ((hour + 22) % 24) * 3_600_000 + pick(3_500, index, who, day) * 1000;
      const altered = who === 'adm-bernd' && pick(4, index, day) === 0;
      return {
        host: name, account: said(account), identity: said(who), actor: null, method, from: said('10.0.0.9'), at: iso(at), until: iso(at + 60_000),
        approval: who.startsWith('adm') ? (['approved', 'approved', 'approved', 'not-approved', 'self-approved', 'outside'] as const)[pick(6, index, day, who)] ?? 'approved' : 'not-asked',
        why: said('approved by dora; OPS-12: disk full'), ticket: said('OPS-12'), moreCommands: 0, packages: altered ? [said('install curl:amd64 (dpkg)')] : [],
        commands: altered ? [{ at: iso(at + 1000), text: said('/usr/bin/apt-get install -y curl'), as: said('root'), by: 'sudo', alters: ['packages'] }] : [],
        effect: altered ? 'altered' : 'not-known', because: altered ? 'it altered packages' : 'auditd does not run: what sessions did cannot be known',
        breakGlass: method === 'emergency-key',
      }; // prettier-ignore
    };
    const weekday = new Date(FROM + day * DAY).getUTCDay();
    return [
      ...(weekday === 0 || weekday === 6 ? [] : [of('adm-bernd', 'ops', 'certificate', 9 + pick(8, index, day))]),
      of('atm-backup-daily', 'automation', 'certificate', 1),
      ...(pick(40, index, day) === 0 ? [of('SHA256:emergencyemergencyemergencyemergencyemergen', 'ops', 'emergency-key', 3)] : []),
      ...(index % 7 === 3 ? [of('SHA256:staticstaticstaticstaticstaticstaticstatics', 'deploy', 'static-key', 14)] : []),
      ...(index % 11 === 5 && day % 3 === 0 ? [of('guest', 'guest', 'password', 19)] : []),
    ]; // prettier-ignore
  });
  const uses = new Map<string, Use>();
  for (const { identity, account, method, at, from } of sessions) {
    const key = `${identity}/${account}/${method}`;
    const known = uses.get(key);
    uses.set(key, {
      host: name, account, identity, method, actor: null, first: known?.first ?? at, last: at, count: (known?.count ?? 0) + 1,
      from: [from], principals: [], known: method === 'certificate' || method === 'emergency-key', trusted: true,
    }); // prettier-ignore
  }
  const whole = index % 9 !== 4;
  const door = (kind: Door['kind'], who: string, account: string, uses: number | null, more: Partial<Door> = {}): Door => ({
    host: name, kind, who: said(who), account: said(account), actor: null, sudo: NONE, at: said('/etc/x:1'), roles: null, policies: null, holders: [], uses, ...more,
  }); // prettier-ignore
  const used = (who: string) => sessions.filter(({ identity }) => identity === who).length;
  const doors: readonly Door[] = [
    ...GRANTS.filter(({ who }) => who !== 'atm-logrotate' || index % 2 === 0).map(({ who, account, holders, sudo }) =>
      door('certificate', who, account, text === undefined ? holders.reduce((sum, one) => sum + used(one), 0) : 0, {
        sudo, roles: [said(`ssh/${who.slice(0, 3)}`)], policies: [said(`${who.slice(0, 3)}-sign`)], holders: holders.map(said),
      })),
    door('emergency-key', 'SHA256:emergencyemergencyemergencyemergencyemergen', 'ops', 0, { sudo: ROOT, note: said('“break glass”') }),
    ...(index % 7 === 3 ? [door('static-key', 'SHA256:staticstaticstaticstaticstaticstaticstatics', 'deploy', 14, { note: said('“deploy@ci”') })] : []),
    ...(index % 11 === 5 ? [door('password', 'anybody with the password', 'guest', 5)] : []),
    ...(index % 5 === 0 ? [door('remote-agent', 'amazon-ssm-agent', '*', null, { note: said('it runs') })] : []),
  ]; // prettier-ignore
  const loose: readonly LooseChange[] =
    index % 6 === 0
      ? [{ host: name, at: iso(TO - DAY), text: said('upgrade openssl:amd64 (dpkg)'), because: 'no login was open then' }]
      : []; // prettier-ignore
  return {
    state: {
      name, environment, stateless: index % 6 === 0, reached: true, coversFrom: iso(FROM), coversTo: iso(TO), whole, loginSource: 'journal',
      auditing: index % 4 === 0 ? 'on' : 'off', auditingBecause: said('x'), altered: sessions.filter(({ effect }) => effect === 'altered').length,
      notKnown: 0, gaps: whole ? [] : [said('the journal begins after the window')],
    },
    doors, uses: [...uses.values()], sessions, loose, untrusted: index % 13 === 0 ? 1 : 0,
    unused: whole ? doors.filter(({ uses: count, kind }) => count === 0 && kind !== 'emergency-key') : [],
  }; // prettier-ignore
}

/** Of so many hosts, in this order. */
export function madeDigest(order: readonly number[], text?: string, days?: number): AccessDigest {
  const digest = createDigest();
  for (const index of order) digest.add(madePart(index, text, days));
  return digest.value({
    window: { from: FROM, to: TO },
    total: order.length + 1,
    approvals: {
      configured: true,
      problem: text ?? '',
      total: 12,
      unused: [text ?? 'carla OPS-7'],
    },
  });
}
