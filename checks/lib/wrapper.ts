/** What can be wrong with a wrapper, with the jobs that should call it and with the certificates it fetches. */
import type { Certificate, FoundPrivateKey, ScheduledCommand, WrapperFile } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Policy } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { unsafeFile } from './files.js';
import { excerpt } from './law.js';
import { actorsOf, certificateName } from './lifetime.js';

export function keyFinding(key: FoundPrivateKey): Finding {
  const kind = `${key.encrypted ? 'passphrase-protected' : 'unencrypted'} private key (${[key.format, key.keyType].filter(Boolean).join(', ')})`;
  const at = { path: key.path, ...(key.line !== undefined && { line: key.line }) };
  return {
    subject: key.line === undefined || key.line === 1 ? key.path : `${key.path}:${key.line}`,
    message: `${key.path}, owned by ${key.owner}, holds a long-lived ${kind}. Whoever reads this file or a backup of it logs in as that identity${key.encrypted ? ', once the passphrase that its job must keep somewhere is found too' : ''}.`,
    evidence: [
      {
        probe: 'credentials',
        ...at,
        excerpt: `${key.fingerprint ?? 'public half not readable'}, ${key.stat.size} bytes, last written ${new Date(key.stat.mtime * 1000).toISOString()}`,
      },
    ],
    at,
    remediation: `Remove the key from everything that trusts it, delete ${key.path}, and let the job ask the CA through the wrapper each time it runs.`,
  };
}

export function jobFindings(job: ScheduledCommand, policy: Policy, files: readonly WrapperFile[]): Finding[] {
  const { path, line } = job;
  const where = { subject: `${path}:${line}`, at: { path, line } };
  const who = `${path}:${line} (${job.kind}${job.account ? `, account ${job.account}` : ''})`;
  const evidence: EvidenceRef[] = [{ probe: 'schedules', path, line, excerpt: excerpt(job.command) }];
  const gone = files.find(({ file }) => file.status === 'missing' && job.callsWrapper.includes(file.path));
  return [
    ...(job.callsSsh.length > 0
      ? [
          {
            ...where,
            message: `${who} calls ${job.callsSsh.join(', ')} by itself, past the wrapper. It needs a standing key to log in, whoever gets that key has the job’s access, and the CA sees nothing of it.`,
            evidence,
            remediation: `Put ${policy.wrappers.at(-1) ?? 'the wrapper'} in front of the command on line ${line}, and remove the key it used.`,
          },
        ]
      : []),
    ...(gone
      ? [
          {
            ...where,
            message: `${who} calls ${gone.file.path}, which is not there: the job fails, or finds another way in. Whoever can create that file runs as the job.`,
            evidence,
            remediation: `Install ${gone.file.path}, owned by root, mode 0755.`,
          },
        ]
      : []),
  ];
}

/** An ELF program: what it asks cannot be read from it. */
export function isCompiled({ file }: WrapperFile): boolean {
  return [0x7f, 0x45, 0x4c, 0x46].every((byte, index) => file.bytes[index] === byte);
}

export function wrapperFindings(wrapper: WrapperFile): Finding[] {
  const { file, asksCa } = wrapper;
  if (file.status === 'missing') return [];
  const unsafe = unsafeFile(file).map((problem): Finding => ({
    subject: problem,
    message: `${problem}. Whoever can write there replaces the wrapper and takes every certificate it fetches.`,
    evidence: [{ probe: 'wrappers', path: file.path, excerpt: problem }],
    at: { path: file.path },
    remediation: `chown root:root and chmod go-w, for ${file.path} and for every folder above it.`,
  }));
  if (file.status !== 'ok' || asksCa.length > 0 || isCompiled(wrapper)) return unsafe;
  const first = firstLine(file.bytes);
  return [
    ...unsafe,
    {
      subject: file.path,
      message: `${file.path} asks no CA: no line of it that can run requests a certificate (vault write …/sign/…, step ssh, tsh, the CA’s API). What calls it logs in with something else, which the CA neither limits nor logs.`,
      evidence: [{ probe: 'wrappers', path: file.path, line: 1, excerpt: excerpt(first) }],
      at: { path: file.path },
      remediation: `Install the wrapper of directive 4.1 as ${file.path}: it requests a certificate for every run.`,
    },
  ];
}

/** None of the wrappers is there, and some account needs one. */
export function noWrapper(wrappers: readonly string[], accounts: ReadonlySet<string>): Finding {
  return {
    subject: wrappers.join(', '),
    message: `The host has agent or automation accounts (${[...accounts].slice(0, 5).join(', ')}) and none of the wrappers ${wrappers.join(', ')}. They can only work with a standing key, which works for whoever copies it.`,
    evidence: wrappers.map((path) => ({ probe: 'wrappers', path, excerpt: 'missing' })),
    remediation: `Install ${wrappers.join(' or ')}, owned by root, mode 0755.`,
  };
}

/** A machine's certificate must force one of the wrappers. Only certificates that still work are findings. */
export function forceCommandFindings(
  certificate: Certificate,
  at: EvidenceRef,
  policy: Policy,
  now: Date,
): Finding[] {
  // The key ID says whose it is; principals only when it says nothing. A contradiction is check 4's finding.
  const named = actorOf(certificate.keyId);
  const actors = named === null ? actorsOf(certificate).actors : [named];
  const seconds = BigInt(Math.floor(now.getTime() / 1000));
  if (!actors.some((actor) => actor !== 'adm') || certificate.validBefore <= seconds) return [];
  const forced = certificate.criticalOptions.find(({ name }) => name === 'force-command')?.value;
  if (forced !== undefined && policy.wrappers.includes(forced.trim().split(/\s+/, 1)[0] ?? '')) return [];
  const name = certificateName(certificate);
  const lack =
    forced === undefined
      ? 'carries no force-command'
      : `forces “${excerpt(forced)}”, which is none of the wrappers ${policy.wrappers.join(', ')}`;
  return [
    {
      subject: name,
      message: `The ${name} of an ${actors.join(' and ')} identity, in ${at.path ?? 'the log'}, ${lack}. Its holder gets a free shell instead of the one wrapped task.`,
      evidence: [
        {
          ...at,
          excerpt: excerpt(
            `critical options: ${certificate.criticalOptions.map((option) => `${option.name} ${option.value}`).join(', ') || 'none'}`,
          ),
        },
      ],
      ...(at.probe === 'credentials' &&
        at.path !== undefined && { at: { path: at.path, ...(at.line !== undefined && { line: at.line }) } }),
      remediation: `Set default_critical_options force-command=${policy.wrappers[0] ?? 'WRAPPER'} on the CA role and allowed_critical_options to a name no sshd knows, so that no request can replace it, and put serial ${certificate.serial} into the KRL.`,
    },
  ];
}

/** The first line, as Latin-1: enough to recognise a file by. */
function firstLine(bytes: Uint8Array): string {
  const end = bytes.indexOf(10);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? 200 : end, 200)));
}
