/** The published shape of the access digest, mirroring model/access.ts key for key. */
import { z } from 'zod';

const text = z.string();
const texts = z.array(z.string());
const number = z.number();

const method = z.enum(['certificate', 'static-key', 'emergency-key', 'password', 'other']);
const kind = z.enum([
  'certificate',
  'static-key',
  'emergency-key',
  'other-ca',
  'password',
  'remote-agent',
  'other-server',
]);
const approval = z.enum(['approved', 'outside', 'self-approved', 'not-approved', 'not-asked']);
const someHosts = z
  .strictObject({
    names: texts.meta({ description: 'The first ones, sorted.' }),
    count: number.meta({ description: 'How many hosts there are.' }),
  })
  .meta({ id: 'someHosts' });
const logins = {
  certificate: number,
  'static-key': number,
  'emergency-key': number,
  password: number,
  other: number,
};
const left = number.meta({ description: 'How many are in no row.' });

const doorRow = z
  .strictObject({
    kind,
    who: text,
    account: text.meta({ description: '* for any account.' }),
    sudo: z.strictObject({
      level: z.enum(['all', 'some', 'none', 'unknown']),
      noPassword: z.boolean(),
      commands: texts,
      from: texts,
    }),
    roles: texts.nullable().meta({ description: 'Null: the CA system was not asked.' }),
    policies: texts.nullable(),
    holders: texts,
    note: text,
    hosts: someHosts,
    uses: number.nullable().meta({ description: 'Null: cannot be told.' }),
  })
  .meta({ id: 'door' });
const doors = z.strictObject({ rows: z.array(doorRow), left, total: number });

const useRow = z.strictObject({
  identity: text,
  account: text,
  method,
  known: z.boolean(),
  count: number,
  first: text,
  last: text,
  from: texts,
  hosts: someHosts,
});

const exceptionRow = z.strictObject({
  at: text,
  host: text,
  account: text,
  identity: text,
  method,
  approval,
  breakGlass: z.boolean(),
  why: text,
  ticket: text,
});

const alteredRow = z.strictObject({
  at: text,
  host: text,
  account: text,
  identity: text,
  because: text,
  commands: texts,
  packages: texts,
  more: number,
});

const grants = z.strictObject({
  by: z.enum(['host', 'environment']),
  columns: z.array(z.strictObject({ name: text, hosts: number })),
  rows: z.array(
    z.strictObject({
      kind,
      who: text,
      cells: z.array(z.strictObject({ used: number, unused: number, unknown: number }).nullable()),
    }),
  ),
  leftRows: number,
  leftColumns: number,
});

export const accessDigestSchema = z
  .strictObject({
    window: z.strictObject({ from: text, to: text }),
    pseudonymised: z.boolean(),
    hosts: z.strictObject({
      read: number,
      total: number,
      whole: number,
      notWhole: someHosts,
      auditing: z.strictObject({ on: number, off: number, unknown: number }),
    }),
    may: doors,
    unused: doors,
    did: z.strictObject({ rows: z.array(useRow), left }),
    logins: z.strictObject({ ...logins, untrusted: number }),
    strangers: number,
    why: z.strictObject({
      rows: z.array(exceptionRow),
      left,
      configured: z.boolean(),
      problem: text,
      approvals: number,
      unused: texts,
      states: z.strictObject({
        approved: number,
        outside: number,
        'self-approved': number,
        'not-approved': number,
        'not-asked': number,
      }),
      breakGlass: number,
    }),
    changed: z.strictObject({
      effects: z.strictObject({ altered: number, 'read-only': number, 'not-known': number }),
      sessions: z.strictObject({ rows: z.array(alteredRow), left }),
      loose: z.strictObject({
        rows: z.array(z.strictObject({ at: text, host: text, text, because: text })),
        left,
      }),
      reprovision: someHosts,
    }),
    gaps: z.strictObject({ rows: z.array(z.strictObject({ text, hosts: someHosts })), left }),
    pictures: z.strictObject({
      step: z.enum(['day', 'week']),
      days: z.array(z.strictObject({ day: text, counts: z.strictObject(logins) })),
      hours: z.array(z.array(number)).meta({ description: 'Monday first, by hour; UTC.' }),
      grants,
    }),
  })
  .meta({ id: 'accessDigest', description: 'Who may log in, who did, why, what changed. Never judged.' });
