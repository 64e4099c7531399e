/**
 * What ssh(1) writes about its own connection, in a file of its own (`-E`), never on the streams the host writes to.
 *
 * Some of its lines quote the host (its version, a host certificate's ID, why it disconnects), and a quotation may hold
 * line breaks. So a line alone proves nothing. With `LogVerbose` (OpenSSH 8.5) every line names the function and process
 * that wrote it, and others are not believed. In any case a host can only add lines, never take one away: where two
 * lines contradict each other, nothing is told.
 */

import type { HandshakeRecord } from '../../model.js';
import { createOfferLines } from './offer-lines.js';

/** Source files of ssh(1) whose debug lines are wanted: none of them repeats SSH_MSG_DEBUG, which a host sends at will. */
export const LOG_VERBOSE =
  'sshconnect.c:*,sshconnect2.c:*,ssh.c:*,kex.c:kex_exchange_identification*,kex.c:kex_input_newkeys*,kex.c:kex_choose_conf*,kex.c:kex_buf2prop*,clientloop.c:*,channels.c:channel_input_open_failure*';

const TAGGED =
  /^(?:debug[123]: )?[\w.-]+\.c:\w+\(\):\d+ \((?:bin=[^,)]{0,80}, )?(?:uid=\d+, )?pid=(\d+)\): (.*)$/;
const MAX_LINE = 2000;
const MAX_KEPT = 100;

export interface SshLog {
  /** Takes what was appended to the file. */
  push(text: string): void;
  /** The connection stands, or a ProxyCommand was started. */
  readonly connected: boolean;
  /** Keys are exchanged; the host is asked to let us in. */
  readonly exchanged: boolean;
  readonly authenticated: boolean;
  /** How the command ended, once the host has said so. */
  readonly ended: 'exit-status' | 'exit-signal' | undefined;
  readonly exitStatus: number | undefined;
  /** What the host offers; only where lines are tagged, and once its offer is whole. */
  readonly offer: Pick<HandshakeRecord, 'kexInit' | 'problem'> | undefined;
  /** `SSH-2.0-…`, the host's own words. */
  readonly serverVersion: string | undefined;
  /** The key the host presented. Absent when lines contradict each other. */
  readonly hostKey: { readonly type: string; readonly fingerprint: string } | undefined;
  /** Where ssh found it: `FILE:LINE`, and whether as a CA. Absent when lines contradict each other. */
  readonly foundIn: { readonly authority: boolean; readonly place: string } | undefined;
  /** The method that let us in. Absent when lines contradict each other. */
  readonly method: string | undefined;
  /** `NAME TYPE SHA256:… …`, the key the host took. Absent when lines contradict each other. */
  readonly acceptedKey: string | undefined;
  /** Errors, and channels a bastion would not open, in order. */
  readonly errors: readonly string[];
  readonly refusedChannels: readonly string[];
}

interface Facts {
  connected: boolean;
  exchanged: boolean;
  authenticated: boolean;
  ended?: 'exit-status' | 'exit-signal';
  exitStatus?: number;
  serverVersion?: string;
  readonly hostKeys: Set<string>;
  readonly found: Set<string>;
  readonly methods: Set<string>;
  readonly accepted: Set<string>;
}

/**
 * Follows one log. Never throws.
 * @param tagged the process id whose tags are believed; undefined where this ssh cannot tag its lines
 */
export function createSshLog(tagged: () => number | undefined): SshLog {
  const facts: Facts = {
    connected: false,
    exchanged: false,
    authenticated: false,
    hostKeys: new Set(),
    found: new Set(),
    methods: new Set(),
    accepted: new Set(),
  };
  const errors: string[] = [];
  const refusedChannels: string[] = [];
  const offer = createOfferLines();
  let rest = '';

  const line = (raw: string): void => {
    const text = raw.replace(/\r+$/, '').slice(0, MAX_LINE);
    const tag = TAGGED.exec(text);
    const pid = tagged();
    const believed = pid === undefined || tag?.[1] === String(pid);
    const message = tag?.[2] ?? text.replace(/^debug[123]: /, '');
    if (believed) learn(facts, message);
    if (believed && pid !== undefined) offer.push(message, raw.length);
    const refused = /^channel \d+: open failed: (.*)$/.exec(message)?.[1];
    if (refused !== undefined && refusedChannels.length < MAX_KEPT * 100) refusedChannels.push(refused);
    const told = !text.startsWith('debug') && !CHATTER.test(message) && message !== '';
    if (told && errors.length < MAX_KEPT) errors.push(message);
  };

  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-MAX_LINE * 4);
      lines.forEach(line);
    },
    get connected() {
      return facts.connected;
    },
    get exchanged() {
      return facts.exchanged;
    },
    get authenticated() {
      return facts.authenticated;
    },
    get ended() {
      return facts.ended;
    },
    get exitStatus() {
      return facts.exitStatus;
    },
    get offer() {
      return offer.outcome();
    },
    get serverVersion() {
      return facts.serverVersion;
    },
    get hostKey() {
      const [type, fingerprint] = only(facts.hostKeys)?.split(' ') ?? [];
      return type === undefined || fingerprint === undefined ? undefined : { type, fingerprint };
    },
    get foundIn() {
      const found = only(facts.found);
      return found === undefined
        ? undefined
        : { authority: found.startsWith('CA '), place: found.replace(/^CA /, '') };
    },
    get method() {
      return only(facts.methods);
    },
    get acceptedKey() {
      return only(facts.accepted);
    },
    errors,
    refusedChannels,
  };
}

/** Lines without a level that are no errors. */
const CHATTER =
  /^(?:Authenticated to |Transferred: |Bytes per second: |OpenSSH_\d|Killed by signal|Exit status )/;

function learn(facts: Facts, message: string): void {
  if (/^(?:Connection established\.|Executing proxy command: )/.test(message)) facts.connected = true;
  else if (message.startsWith('SSH2_MSG_SERVICE_ACCEPT received')) facts.exchanged = true;
  else if (/^Authenticated to |^Authentication succeeded /.test(message)) {
    facts.authenticated = true;
    const method = /using "([\w.@-]{1,60})"|^Authentication succeeded \(([\w.@-]{1,60})\)/.exec(message);
    const name = method?.[1] ?? method?.[2];
    if (name !== undefined) add(facts.methods, name);
  }
  const version = /^Remote protocol version ([\d.]{1,8}), remote software version (.*)$/.exec(message);
  if (version) facts.serverVersion ??= `SSH-${version[1] ?? ''}-${(version[2] ?? '').slice(0, 200)}`;
  const key = /^Server host (?:key|certificate): ([\w.@-]{1,80}) (SHA256:[A-Za-z0-9+/]{43})(?:,.*)?$/.exec(
    message,
  );
  if (key) add(facts.hostKeys, `${key[1] ?? ''} ${key[2] ?? ''}`);
  const found = /^Found (CA )?key in (.+:\d+)$/.exec(message);
  if (found) add(facts.found, `${found[1] ?? ''}${found[2] ?? ''}`);
  const accepted = /^Server accepts key: (.+ SHA256:[A-Za-z0-9+/]{43}(?: .*)?)$/.exec(message)?.[1];
  if (accepted !== undefined) add(facts.accepted, accepted);
  const ended = /^client_input_channel_req: channel \d+ rtype (exit-status|exit-signal) /.exec(message)?.[1];
  if (ended === 'exit-status' || ended === 'exit-signal') facts.ended ??= ended;
  const status = /^Exit status (\d{1,10})$/.exec(message)?.[1];
  if (status !== undefined) facts.exitStatus ??= Number(status);
}

function add(set: Set<string>, value: string): void {
  if (set.size < MAX_KEPT) set.add(value);
}

function only(set: ReadonlySet<string>): string | undefined {
  const [first] = set;
  return set.size === 1 ? first : undefined;
}
