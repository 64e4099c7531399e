/** The AWS SDK: an optional dependency, loaded when the first host needs it. */
import { createRequire } from 'node:module';
import { UserError } from '../../errors.js';
import type { SsmSettings } from './settings.js';

type SsmSdk = typeof import('@aws-sdk/client-ssm');
type LogsSdk = typeof import('@aws-sdk/client-cloudwatch-logs');
export type SsmClient = InstanceType<SsmSdk['SSMClient']>;
export type LogsClient = InstanceType<LogsSdk['CloudWatchLogsClient']>;

export interface Sdk {
  readonly ssm: SsmSdk;
  readonly sts: typeof import('@aws-sdk/client-sts');
  /** Loaded only when output may have to be fetched from a log group. */
  readonly logs: () => Promise<LogsSdk>;
}

const require = createRequire(import.meta.url);

/**
 * Looks whether the SDK is installed, without loading it.
 * @returns how to load it, once
 * @throws UserError `aws-sdk-missing`
 */
export function findSdk({
  env,
  logGroup,
  findPackage = require.resolve,
}: Pick<SsmSettings, 'env' | 'logGroup' | 'findPackage'>): () => Promise<Sdk> {
  const names = [
    '@aws-sdk/client-ssm',
    '@aws-sdk/client-sts',
    ...(logGroup === undefined ? [] : ['@aws-sdk/client-cloudwatch-logs']),
  ];
  const missing = names.filter((name) => !isThere(name, findPackage));
  if (missing.length > 0)
    throw new UserError(
      'aws-sdk-missing',
      `AWS Run Command needs ${missing.join(' and ')}, not installed here`,
      {
        hint: `npm install ${missing.map((name) => `${name}@~3.1169.0`).join(' ')}`,
      },
    );
  let loaded: Promise<Sdk> | undefined;
  return () => (loaded ??= load(env));
}

function isThere(name: string, find: (name: string) => void): boolean {
  try {
    find(name);
    return true;
  } catch {
    return false;
  }
}

async function load(env: NodeJS.ProcessEnv): Promise<Sdk> {
  // Node 20 is what this program is made for; the SDK's notice would be noise on standard error.
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const [ssm, sts] = await Promise.all([import('@aws-sdk/client-ssm'), import('@aws-sdk/client-sts')]);
  return { ssm, sts, logs: () => import('@aws-sdk/client-cloudwatch-logs') };
}
