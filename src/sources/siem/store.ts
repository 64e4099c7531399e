/** What the asker of a log store needs of it: its lines about one thing, in bounded answers, and when it has any at all. */
import type { HttpResult } from '../http-types.js';
import type { Recorder } from '../recorder.js';
import type { SourceContext, SourceDiagnosis } from '../source.js';
import type { Window } from '../../facts/sources/siem/names.js';

/** Logins of sshd, or what an audit device of Vault wrote about signing. */
export type About = 'logins' | 'issuances';

/** Lines asked for at once: one of an audit device is some KiB long, one of sshd some hundred bytes. */
export const LIMITS: Readonly<Record<About, number>> = { logins: 5000, issuances: 1000 };

/** In LogQL and CloudWatch’s language alike. Paths of Vault are `MOUNT/sign/ROLE` and `MOUNT/issue/ROLE`. */
export const SIGNING = '/(sign|issue)/';

/** One log store, connected. */
export interface LogStore {
  /**
   * Asks for all lines about something in a window; every answer and every failure goes to the recorder.
   * @returns how many lines came back.
   */
  lines(about: About, window: Window, recorder: Recorder): Promise<number>;
  /** One answer that tells in which hours of a window there is any line at all of those that were selected. */
  hours(window: Window): Promise<HttpResult>;
  /** What the credential may do beside reading. */
  rights(): Promise<readonly SourceDiagnosis[]>;
  close(): Promise<void>;
}

/** @throws SourceProblem when there is no credential or no connection can be made. */
export type OpenStore<Settings> = (settings: Settings, context: SourceContext) => Promise<LogStore>;
