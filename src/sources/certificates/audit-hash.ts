/**
 * What opens the HMACs of an audit log: answers of `sys/audit-hash/DEVICE` that somebody wrote down, and answers it
 * gives now. Nothing can be asked for by its HMAC, so the values that are asked about are those of logins: the serials
 * and key IDs the central log store holds, and lifetimes in common use. Source: Vault API, `/sys/audit-hash`.
 */
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import { loginOfLine, offsetMinutes } from '../../facts/sources/siem/line.js';
import { parserOf } from '../../facts/sources/siem/stores.js';
import { jsonOf, member, text, texts } from '../../facts/sources/answers.js';
import { messageOf } from '../../errors.js';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { pathFrom } from '../paths.js';
import { SourceProblem } from '../problem.js';
import { answerOf, type Recorder } from '../recorder.js';
import { missingBeside, type AuditSettings } from '../settings/certificates.js';
import { settings as siemSchema, type SiemSettings } from '../settings/siem.js';
import { settings as vaultSchema, type VaultSettings } from '../settings/vault.js';
import { openLogStore } from '../siem/index.js';
import { AUDIT_WINDOW, closedWindow, DAY } from '../siem/window.js';
import type { SourceContext, SourceDiagnosis } from '../source.js';
import { openVault } from '../vault/client.js';
import { findFiles } from './find.js';
import { wholeText } from './read.js';

const MAX_FILE = 16 << 20;
const MAX_VALUES = 5000;
const AT_ONCE = 6;
/** A role’s ttl is asked for in words; a handful of them is in use. */
const LIFETIMES = ['5m', '10m', '15m', '30m', '45m', '60m', '90m', '120m'].concat(
  [1, 2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 20, 24, 36, 48, 72, 96, 168, 720, 768].flatMap((hours) => [
    `${hours}h`,
    `${hours}h0m0s`,
    `${hours * 3600}s`,
    String(hours * 3600),
  ]),
  ['300', '600', '900', '1800'],
  ['1d', '2d', '7d', '30d'],
);
/** A key is always hidden: that alone is nothing to ask about. */
const HIDDEN = /"(?:serial_number|signed_key)":"hmac-sha/;
const KINDS = ['user', 'host'];

/**
 * @param issued what was kept of the log: only what it hides is asked about.
 * @returns answer `audit-hash`: lines of `{"input", "hash"}`; none when nothing names where they come from.
 */
export async function hashAnswers(
  settings: AuditSettings,
  context: SourceContext,
  issued: string,
  failures: SourceFailure[],
): Promise<Readonly<Record<string, SourceAnswer>>> {
  const written =
    settings.audit_hash === undefined ? null : await fromFile(settings.audit_hash, context, failures);
  const given =
    settings.audit_device === undefined || !HIDDEN.test(issued)
      ? null
      : await fromVault(settings.audit_device, settings, context, failures).catch((error: unknown) => {
          failures.push(failureOf(error));
          return null;
        });
  const parts = [written, given].filter((part) => part !== null);
  if (parts.length === 0) return {};
  const asked = [
    settings.audit_hash && `read ${settings.audit_hash}`,
    settings.audit_device && `POST sys/audit-hash/${settings.audit_device}`,
  ];
  const bytes = Buffer.from(parts.join('\n'));
  return {
    'audit-hash': answerOf({ asked: asked.filter(Boolean).join(', '), at: context.now, status: 0, bytes }),
  };
}

/** The log itself was read: what hides its values is a gap, and no more. */
function failureOf(error: unknown): SourceFailure {
  if (error instanceof SourceProblem) return error.failure;
  return { code: 'internal', detail: messageOf(error) };
}

async function fromFile(
  path: string,
  context: SourceContext,
  failures: SourceFailure[],
): Promise<string | null> {
  const base = dirname(pathFrom(context.inventoryPath, context));
  const found = await findFiles([pathFrom(path, context)], { base, recursive: false });
  failures.push(...found.failures);
  const [file] = found.files;
  return file === undefined ? null : wholeText(file, MAX_FILE, context.signal, failures);
}

async function fromVault(
  device: string,
  settings: AuditSettings,
  context: SourceContext,
  failures: SourceFailure[],
): Promise<string | null> {
  const beside = besides(settings, context, failures);
  if (beside === null) return null;
  const window = 'window' in settings ? settings.window : undefined;
  const values = await loginValues({ ...beside.siem, window: window ?? AUDIT_WINDOW }, context, failures);
  const client = await openVault(beside.vault, context);
  const limit = pLimit(AT_ONCE);
  const lines: string[] = [];
  let refused: SourceFailure | null = null;
  const ask = async (input: string): Promise<void> => {
    if (refused !== null) return;
    const result = await client.post('', `sys/audit-hash/${device.replace(/\/$/, '')}`, { input });
    const hash = text(member(member(jsonOf(result.answer), 'data'), 'hash'));
    if (hash !== null) lines.push(JSON.stringify({ input, hash }));
    else
      refused ??= result.ok
        ? { code: 'bad-answer', detail: 'sys/audit-hash: the answer could not be understood' }
        : result.failure;
  };
  try {
    await Promise.all([...KINDS, ...LIFETIMES, ...values].map((input) => limit(() => ask(input))));
  } finally {
    await client.close();
  }
  if (refused !== null) failures.push(refused);
  return lines.toSorted().join('\n');
}

interface Beside {
  readonly siem: SiemSettings;
  readonly vault: VaultSettings;
}

function besides(
  settings: AuditSettings,
  { sources = {} }: SourceContext,
  failures: SourceFailure[],
): Beside | null {
  const [siem, vault] = [siemSchema.safeParse(sources.siem), vaultSchema.safeParse(sources.vault)];
  if (siem.success && vault.success) return { siem: siem.data, vault: vault.data };
  const found = { siem: siem.success ? siem.data : undefined, vault: vault.success ? vault.data : undefined };
  const { message } = missingBeside(settings, found) ?? {
    message: 'sources.vault or sources.siem cannot be used',
  };
  failures.push({ code: 'not-found', detail: `sources.certificates.audit_device: ${message}` });
  return null;
}

/** Serials in hex, as Vault writes them, and key IDs of the logins in the store, newest first. */
async function loginValues(
  siem: SiemSettings,
  context: SourceContext,
  failures: SourceFailure[],
): Promise<readonly string[]> {
  const parse = parserOf(siem.type);
  const zone = offsetMinutes(siem.timezone);
  const values = new Set<string>();
  const before = failures.length;
  const keep = (_: string, answer: SourceAnswer): void => {
    for (const { line, at, pid } of parse?.(answer, { ...siem }, zone).rows ?? []) {
      const { certificate } = loginOfLine(line, at, zone, pid)?.login ?? {};
      if (certificate === undefined || values.size >= MAX_VALUES) continue;
      values.add(BigInt(certificate.serial).toString(16)).add(certificate.keyId);
    }
  };
  const recorder: Recorder = {
    keep,
    fail: (failure) => void failures.push(failure),
    record: (name, result) => {
      if (result.ok) keep(name, result.answer);
      else failures.push(result.failure);
      return result;
    },
    room: () => MAX_VALUES,
    asked: () => ({ answers: {}, failures }),
  };
  const window = closedWindow(siem, context.now);
  const store = await openLogStore(siem, context);
  try {
    for (
      let to = window.to;
      to > window.from && values.size < MAX_VALUES && failures.length === before;
      to -= DAY
    )
      await store.lines('logins', { from: Math.max(window.from, to - DAY), to }, recorder);
  } finally {
    await store.close();
  }
  return [...values];
}

/** For `doctor`: whether the token may ask about values of this device. */
export async function diagnoseHashes(
  settings: AuditSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const { audit_device: device } = settings;
  if (device === undefined) return [];
  const failures: SourceFailure[] = [];
  const beside = besides(settings, context, failures);
  if (beside === null) return failures.map(({ detail }) => ({ level: 'problem', text: detail }));
  const path = `sys/audit-hash/${device.replace(/\/$/, '')}`;
  const client = await openVault(beside.vault, context);
  try {
    const answer = await client.post('', 'sys/capabilities-self', { paths: [path] });
    const held = texts(member(member(jsonOf(answer.answer), 'data'), path));
    if (held.includes('update') || held.includes('root'))
      return [{ level: 'ok', text: `it may ask ${path} about hashed values` }];
    return [{ level: 'warning', text: `it cannot open hashed values: it lacks update on ${path}` }];
  } finally {
    await client.close();
  }
}
