/**
 * The `ssm` transport: AWS Systems Manager Run Command. No SSH login, no open port: the agent on the instance fetches
 * the script and runs it as root. AWS vouches for the instance, and CloudTrail records who asked.
 */
import type { Host } from '../../model.js';
import { failure } from '../ssh/failure.js';
import type { Advice, Route, RunRequest, RunResult, Transport } from '../transport.js';
import { openAccount, regionOf, type Account, type Place } from './account.js';
import { adviceOf } from './advice.js';
import { withoutNonce } from './envelope.js';
import { awsFailure } from './errors.js';
import { createJob, type Job } from './job.js';
import { BATCH } from './nodes.js';
import { runBatch } from './command.js';
import { findSdk } from './sdk.js';
import { EXTERNAL_ID, type SsmSettings } from './settings.js';

export type { SsmSettings } from './settings.js';

/** How long the first host of a batch waits for others: while commands run, hosts become ready one after the other. */
const WINDOW_MS = 200;
const BUSY_WINDOW_MS = 1000;

interface Batch {
  readonly place: Place;
  readonly jobs: Job[];
  readonly timer: NodeJS.Timeout;
}

/**
 * Makes the transport for one run. Sends nothing.
 * @throws UserError `aws-sdk-missing`
 */
export function createSsmTransport(settings: SsmSettings): Transport {
  const load = findSdk(settings);
  const accounts = new Map<string, Promise<Account>>();
  const batches = new Map<string, Batch>();
  const pending = new Set<Promise<unknown>>();
  const live = { count: 0 };

  const accountOf = (place: Place): Promise<Account> => {
    const key = placeKey(place);
    const known = accounts.get(key);
    if (known) return known;
    const made = load().then((sdk) => openAccount(sdk, place, settings));
    accounts.set(key, made);
    return made;
  };
  const track = (work: Promise<unknown>): void => {
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };
  const flush = (key: string): void => {
    const batch = batches.get(key);
    if (!batch) return;
    batches.delete(key);
    clearTimeout(batch.timer);
    const { logGroup } = settings;
    const run = async (): Promise<void> => {
      try {
        await runBatch(batch.jobs, { account: await accountOf(batch.place), logGroup, live, pending: track });
      } catch (error) {
        for (const job of batch.jobs) job.fail(awsFailure(error, 'login', 'the AWS SDK'));
      }
    };
    track(run());
  };
  const enqueue = (job: Job): void => {
    const { host, command, stdin, limits } = job.request;
    const place = placeOf(host);
    const key = JSON.stringify([
      placeKey(place),
      command,
      withoutNonce(stdin),
      limits.maxStdout,
      limits.maxStderr,
    ]);
    // An instance that is in the inventory twice is asked twice.
    if (batches.get(key)?.jobs.some(({ instance }) => instance === job.instance)) flush(key);
    const batch = batches.get(key);
    const wait = live.count === 0 ? WINDOW_MS : BUSY_WINDOW_MS;
    if (batch) batch.jobs.push(job);
    else batches.set(key, { place, jobs: [job], timer: setTimeout(() => flush(key), wait) });
    if ((batch?.jobs.length ?? 1) >= BATCH) flush(key);
  };

  return {
    name: 'ssm',
    plan: (host) => Promise.resolve(planOf(host, settings)),
    prepare: (hosts, signal) => prepare(hosts, signal, accountOf, settings),
    run: (request: RunRequest): Promise<RunResult> => {
      const { instance } = request.host;
      const job = createJob(request, instance ?? request.host.name, regionOf(request.host, settings.env));
      if (instance === undefined)
        job.fail(failure('ssm-not-managed', 'resolve', 'the inventory gives no instance for this host'));
      else if (!job.settled()) enqueue(job);
      return job.result;
    },
    close: async () => {
      for (const key of batches.keys()) flush(key);
      await Promise.all(pending);
      for (const account of accounts.values())
        await account.then(
          (opened) => opened.close(),
          () => undefined,
        );
    },
  };
}

function placeOf({ region, roleArn }: Host): Place {
  return { ...(region !== undefined && { region }), ...(roleArn !== undefined && { roleArn }) };
}

function placeKey({ region = '', roleArn = '' }: Place): string {
  return `${region} ${roleArn}`;
}

function planOf(host: Host, { env }: SsmSettings): Route {
  const region = regionOf(host, env);
  const problems = region === undefined ? ['no region: give the host one, or set AWS_REGION'] : [];
  const external = env[EXTERNAL_ID] ? ' with an external ID' : '';
  return {
    user: 'root',
    address: host.instance ?? host.name,
    port: 0,
    via: [`AWS Systems Manager in ${region ?? 'the default region'}`],
    identities: [
      env['AWS_PROFILE'] ? `AWS profile ${env['AWS_PROFILE']}` : 'the AWS SDK’s default credentials',
      ...(host.roleArn === undefined ? [] : [`${host.roleArn}${external}`]),
    ],
    knownHosts: ['AWS vouches for the instance'],
    problems,
  };
}

/** Who the auditor is in every account of the run, and for how long. */
async function prepare(
  hosts: readonly Host[],
  signal: AbortSignal,
  accountOf: (place: Place) => Promise<Account>,
  { now }: SsmSettings,
): Promise<readonly Advice[]> {
  const places = new Map(hosts.map((host) => [placeKey(placeOf(host)), placeOf(host)]));
  const advice = await Promise.all(
    [...places.values()].map((place) => adviceOf(accountOf(place), place, now, signal)),
  );
  // The auditor's own key and session are the same in every account: said once.
  return [...new Map(advice.flat().map((one) => [one.text, one])).values()];
}
