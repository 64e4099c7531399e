/** One host's place in a batch: settled once, by its output, its status, its time limit or an interrupt. */
import type { ConnectionRecord, GatherFailure } from '../../model.js';
import type { RunRequest, RunResult } from '../transport.js';
import { createStop, onStop, stopped } from '../ssh/stop.js';

export interface Job {
  readonly request: RunRequest;
  readonly instance: string;
  /** Aborted by the interrupt or the time limit. */
  readonly signal: AbortSignal;
  readonly settled: () => boolean;
  settle(result: Omit<RunResult, 'connection'>): void;
  fail(failure: GatherFailure): void;
  /** Adds what became known about the connection. */
  note(facts: Partial<ConnectionRecord>): void;
  /** What keeps it waiting, told when its time is up; undefined: nothing but the host. */
  waitFor(failure: GatherFailure | undefined): void;
  /** Milliseconds from the start to now, kept under this name. */
  mark(name: string): void;
  /** Called when it is settled. */
  whenSettled(listener: () => void): void;
  readonly result: Promise<RunResult>;
}

export function createJob(request: RunRequest, instance: string, region: string | undefined): Job {
  const started = performance.now();
  const stop = createStop(request.signal, request.limits.totalMs);
  const listeners: (() => void)[] = [];
  const timings: Record<string, number> = {};
  let record: ConnectionRecord = {
    transport: 'ssm',
    address: instance,
    port: 0,
    user: 'root',
    route: region === undefined ? [] : [`AWS Systems Manager in ${region}`],
  };
  let done = false;
  let waiting: GatherFailure | undefined;
  let resolve: (result: RunResult) => void = () => undefined;
  const result = new Promise<RunResult>((take) => {
    resolve = take;
  });
  const job: Job = {
    request,
    instance,
    signal: stop.signal,
    result,
    settled: () => done,
    settle: (outcome) => {
      if (done) return;
      done = true;
      job.mark('done');
      forget();
      stop.release();
      resolve({ ...outcome, connection: { ...record, timings } });
      for (const listener of listeners) listener();
    },
    fail: (failure) => job.settle({ stdout: new Uint8Array(), stderr: new Uint8Array(), failure }),
    note: (facts) => {
      record = { ...record, ...facts };
    },
    waitFor: (failure) => {
      waiting = failure;
    },
    mark: (name) => {
      timings[name] = Math.round(performance.now() - started);
    },
    whenSettled: (listener) => {
      if (done) listener();
      else listeners.push(listener);
    },
  };
  let forget = (): void => undefined;
  forget = onStop(stop.signal, () => {
    const why = stopped(stop.signal, timings['sent'] === undefined ? 'connect' : 'run');
    if (why.code === 'total-timeout' && waiting)
      job.fail({ ...waiting, phase: why.phase, detail: `${why.detail}: ${waiting.detail}` });
    job.fail(
      why.code === 'total-timeout' && timings['sent'] !== undefined && timings['started'] === undefined
        ? { ...why, phase: 'exec', detail: `${why.detail}: the agent had not started the command` }
        : why,
    );
  });
  return job;
}
