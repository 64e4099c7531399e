/**
 * One AWS account and region as the auditor sees it: clients, the assumed role, and who that makes the auditor.
 * Sources: STS API (AssumeRole, GetCallerIdentity), IAM user guide (AKIA is a long-term access key, ASIA a temporary one).
 */
import type { Host } from '../../model.js';
import type { LogsClient, Sdk, SsmClient } from './sdk.js';
import { plainText } from './errors.js';
import { EXTERNAL_ID, type SsmSettings } from './settings.js';

/** Between two attempts the SDK waits longer each time; in adaptive mode it also sends fewer requests. */
const RETRY = { maxAttempts: 6, retryMode: 'adaptive' } as const;
const REQUEST = { connectionTimeout: 10_000, requestTimeout: 30_000 };
/** An hour is what a role allows at least, and all that a chained role allows. */
const ROLE_SECONDS = 3600;

export interface Caller {
  /** ARN of who the requests are made as. */
  readonly arn: string;
  readonly account: string;
  /** The auditor's own access key is one that never expires. */
  readonly longLived: boolean;
  /** Milliseconds since the epoch, of the session; absent where AWS does not tell. */
  readonly expiresAt?: number;
}

export interface Account {
  readonly sdk: Sdk;
  readonly region: string | undefined;
  readonly ssm: SsmClient;
  /** Made when first asked for. */
  logs(): Promise<LogsClient>;
  /** Asked once. Rejects with the SDK's error. */
  caller(): Promise<Caller>;
  close(): void;
}

/** What makes two hosts belong to one account and region. */
export type Place = Pick<Host, 'region' | 'roleArn'>;

export function regionOf(place: Place, env: NodeJS.ProcessEnv): string | undefined {
  return place.region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined);
}

export function openAccount(sdk: Sdk, place: Place, { env }: Pick<SsmSettings, 'env'>): Account {
  const region = regionOf(place, env);
  const base = { ...RETRY, requestHandler: REQUEST, ...(region !== undefined && { region }) };
  const own = new sdk.sts.STSClient(base);
  const { roleArn } = place;
  const externalId = env[EXTERNAL_ID];
  const assume = async () => {
    const { Credentials: given } = await own.send(
      new sdk.sts.AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: 'ssh-scorecard',
        DurationSeconds: ROLE_SECONDS,
        ...(externalId !== undefined && externalId !== '' && { ExternalId: externalId }),
      }),
    );
    if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined)
      throw Object.assign(new Error('the answer holds no credentials'), { name: 'CredentialsError' });
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken !== undefined && { sessionToken: given.SessionToken }),
      ...(given.Expiration !== undefined && { expiration: given.Expiration }),
    };
  };
  const config = roleArn === undefined ? base : { ...base, credentials: assume };
  const ssm = new sdk.ssm.SSMClient(config);
  const sts = roleArn === undefined ? own : new sdk.sts.STSClient(config);
  let logs: Promise<LogsClient> | undefined;
  let caller: Promise<Caller> | undefined;
  const ask = async (): Promise<Caller> => {
    const mine = await own.config.credentials();
    const { Arn: arn = 'unknown', Account: account = 'unknown' } = await sts.send(
      new sdk.sts.GetCallerIdentityCommand({}),
    );
    const used = await sts.config.credentials();
    return {
      arn: plainText(arn),
      account: plainText(account),
      longLived: mine.accessKeyId.startsWith('AKIA'),
      // Of a role the SDK assumes anew before it ends; what counts is how long the auditor may go on doing so.
      ...expiryOf((roleArn === undefined ? used : mine).expiration),
    };
  };
  return {
    sdk,
    region,
    ssm,
    logs: () => (logs ??= sdk.logs().then(({ CloudWatchLogsClient }) => new CloudWatchLogsClient(config))),
    caller: () =>
      (caller ??= ask().catch((error: unknown) => {
        // What was the network's mood may be gone for the next batch.
        caller = undefined;
        throw error;
      })),
    close: () => {
      for (const client of [own, sts, ssm]) client.destroy();
      logs?.then(
        (client) => client.destroy(),
        () => undefined,
      );
    },
  };
}

function expiryOf(expiration: Date | undefined): { expiresAt?: number } {
  return expiration === undefined ? {} : { expiresAt: expiration.getTime() };
}

/** How the caller is told in evidence. */
export function callerText({ arn, account }: Caller): string {
  return `AWS ${arn} (account ${account})`;
}

/** `1 h 5 min`, `12 min`. */
export function lifeText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
}
