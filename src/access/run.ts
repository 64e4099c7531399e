/** Hosts of a run that tell of access, one after the other: each is added to the digest and forgotten. */
import type { JudgeContext, JudgedHost } from '../evaluate.js';
import type { FleetReport, RunInfo } from '../model.js';
import { createDigest } from './digest.js';
import { approvalsIn } from './report.js';

const DAY = 86_400_000;

export interface AccessRun {
  add(judged: Pick<JudgedHost, 'access'>): void;
  /** @param hosts of the run, those that told nothing included. @returns undefined when no host was asked. */
  value(
    context: Pick<JudgeContext, 'access' | 'policy'>,
    run: Pick<RunInfo, 'startedAt' | 'finishedAt'>,
    hosts: number,
  ): FleetReport['access'];
}

export function createAccessRun(): AccessRun {
  const digest = createDigest();
  const used = new Set<string>();
  let told = false;
  return {
    add({ access }) {
      if (!access) return;
      told = true;
      digest.add(access);
      for (const id of access.approvalsUsed) used.add(id);
    },
    value({ access, policy }, { startedAt, finishedAt }, hosts) {
      if (!told || !access) return undefined;
      const window = {
        from: Date.parse(startedAt) - policy.loginWindowDays * DAY,
        to: Date.parse(finishedAt),
      };
      return digest.value({ window, total: hosts, approvals: approvalsIn(access.approvals, used, window) });
    },
  };
}
