/** What AWS refuses, as failures. Names: common errors of the Systems Manager and STS API references. */
import { messageOf } from '../../errors.js';
import type { GatherFailure, Phase } from '../../model.js';
import { errnoOf, failure, socketFailure } from '../ssh/failure.js';

const CREDENTIALS =
  /Credentials|ExpiredToken|RequestExpired|UnrecognizedClient|InvalidClientTokenId|Signature|TokenRefresh|MissingAuthentication/;
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized|OptInRequired/;
const THROTTLED = /Throttl|RateExceeded|TooManyRequests|RequestLimitExceeded|SlowDown/;

/** Name of an AWS error, for example `InvalidInstanceId`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** @param what the API call, for the sentence: `ssm:SendCommand`. */
export function awsFailure(error: unknown, phase: Phase, what: string): GatherFailure {
  const name = nameOf(error);
  const detail = `${what}: ${name}: ${plainText(messageOf(error))}`;
  if (DENIED.test(name))
    return failure(
      'aws-denied',
      phase,
      detail,
      'Allow the auditor’s role what docs/ssm.md lists, on these instances and on AWS-RunShellScript.',
    );
  if (CREDENTIALS.test(name))
    return failure(
      'aws-credentials',
      phase,
      detail,
      'Sign in again (aws sso login), or check AWS_PROFILE, role_arn and the external ID.',
    );
  if (THROTTLED.test(name))
    return failure('aws-throttled', phase, detail, 'Lower --concurrency, or ask AWS for a higher quota.');
  if (/Region is missing/.test(messageOf(error)))
    return failure('aws-credentials', phase, detail, 'Give the host a region, or set AWS_REGION.');
  if (errnoOf(error) !== undefined) {
    const broken = socketFailure(error, phase === 'login' ? 'connect' : phase, what);
    if (broken.code === 'local-resources') return broken;
    return { ...broken, hint: 'Can AWS be reached from here (proxy, VPC endpoint, region)?' };
  }
  return failure('aws-failed', phase, detail);
}

/** One line without what a terminal would act on: even AWS’s answers come from elsewhere. */
export function plainText(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 300);
}
