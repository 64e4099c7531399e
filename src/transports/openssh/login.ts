/** From a started `ssh` to a login: follows its log through the phases, each with its own time limit. */
import { selectIdentities, type Selection } from '../ssh/identities.js';
import { failed, failure, success, type Attempt } from '../ssh/failure.js';
import { endpointOf, type Hop } from '../ssh/route.js';
import type { Progress, SessionTools } from '../ssh/session.js';
import { onStop, stopped } from '../ssh/stop.js';
import type { GatherFailure } from '../../model.js';
import type { Limits } from '../transport.js';
import type { SshProcess } from './process.js';

export interface LoginWatch {
  readonly hop: Hop;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** What else must hold after the login. */
  readonly ready?: () => boolean;
  /** Why it ended before that. */
  readonly explain: (process: SshProcess) => GatherFailure;
}

/** How often `ready` is asked. Milliseconds. */
const READY_POLL_MS = 20;

/** Settles once. Stops the process when it fails. */
export function awaitLogin(process: SshProcess, watch: LoginWatch): Promise<Attempt<SshProcess>> {
  const { hop, limits, signal, progress } = watch;
  const endpoint = endpointOf(hop);
  const where = endpoint.slice(hop.user.length + 1);
  progress.phase = 'connect';
  return new Promise((resolve) => {
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    let forget = (): void => undefined;
    const settle = (outcome: Attempt<SshProcess>): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      clearInterval(readiness);
      forget();
      process.onChange(undefined);
      if (!outcome.ok) process.stop();
      resolve(outcome);
    };
    const fail = (gone: GatherFailure): void => settle(failed(gone));
    const deadline = (ms: number, gone: () => GatherFailure): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(gone()), ms);
    };
    const look = (): void => {
      if (settled) return;
      const { log } = process;
      if (progress.phase === 'connect' && log.connected) {
        progress.phase = 'handshake';
        progress.timings['connect'] = progress.elapsed();
        deadline(limits.handshakeMs, () =>
          failure(
            'handshake-timeout',
            'handshake',
            `${where} did not finish the key exchange within ${String(limits.handshakeMs)} ms`,
          ),
        );
      }
      if (progress.phase === 'handshake' && log.exchanged) {
        progress.phase = 'login';
        progress.timings['handshake'] = progress.elapsed();
        deadline(limits.loginMs, () =>
          failure(
            'login-timeout',
            'login',
            `${endpoint} did not decide about the login within ${String(limits.loginMs)} ms`,
          ),
        );
      }
      if (log.serverVersion !== undefined) progress.serverVersion = log.serverVersion;
      Object.assign(progress.handshake, log.offer);
      if (process.exit) {
        // A command may be over before its login was noticed.
        if (log.authenticated && watch.ready === undefined) settle(success(process));
        else fail(watch.explain(process));
      } else if (process.flooded !== undefined && !log.authenticated)
        fail(failure('too-much-output', progress.phase, `${where} floods the login with messages`));
      else if (log.authenticated && (watch.ready?.() ?? true)) {
        progress.timings['login'] = progress.elapsed();
        settle(success(process));
      }
    };
    const readiness = watch.ready === undefined ? undefined : setInterval(look, READY_POLL_MS);
    forget = onStop(signal, () => fail(stopped(signal, progress.phase)));
    if (settled) return;
    deadline(limits.connectMs, () =>
      failure(
        'connect-timeout',
        'connect',
        `${where} did not answer within ${String(limits.connectMs)} ms`,
        'Is the address right, and does a firewall let this machine through?',
      ),
    );
    process.onChange(look);
    look();
  });
}

/**
 * What the log proves about the login, for the evidence. Lines that name their origin are believed at once. Others may
 * be the host's until the true ones are there as well: that is certain when ssh has handed on a command's exit code,
 * which is never its own 255.
 */
export async function recordLogin(
  process: SshProcess,
  hop: Hop,
  progress: Progress,
  tools: SessionTools,
): Promise<void> {
  if (!process.tagged && (process.exit?.code ?? 255) === 255) return;
  const { hostKey, foundIn, method, acceptedKey } = process.log;
  if (hostKey) {
    const verifiedBy =
      hop.pins.length > 0
        ? 'inventory'
        : foundIn === undefined
          ? 'known_hosts'
          : `${foundIn.authority ? '@cert-authority' : 'known_hosts'} ${foundIn.place}`;
    progress.hostKey = { ...hostKey, verifiedBy };
  }
  if (method === undefined) return;
  const key = method === 'publickey' ? await labelOf(acceptedKey, hop, tools) : undefined;
  progress.authenticatedBy = key === undefined ? method : `${method} ${key}`;
}

/** The accepted key in the words of the other transport, when it is one of ours; else in ssh's. */
async function labelOf(
  accepted: string | undefined,
  hop: Hop,
  tools: SessionTools,
): Promise<string | undefined> {
  const [, type, print] = /(\S+) (SHA256:[A-Za-z0-9+/]{43})/.exec(accepted ?? '') ?? [];
  if (accepted === undefined || type === undefined || print === undefined) return undefined;
  const selection: Attempt<Selection> = await selectIdentities(hop.identity, tools.identities(hop));
  const certified = type.endsWith('-CERT');
  const labels = selection.ok
    ? selection.value.identities
        .filter((one) => (one.certificate !== undefined) === certified && one.label.includes(print))
        .map((one) => one.label)
    : [];
  const [label] = new Set(labels);
  return new Set(labels).size === 1
    ? label
    : `${certified ? 'certificate' : 'key'} ${accepted.slice(0, 300)}`;
}
