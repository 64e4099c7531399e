/**
 * AWS as far as the auditor uses it, on loopback: Systems Manager and CloudWatch Logs (AWS JSON 1.1), STS (query
 * protocol). Commands really run, by a shell on this machine. Shapes: the API references of the three services.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

interface FakeNode {
  readonly id: string;
  readonly ping?: 'Online' | 'ConnectionLost' | 'Inactive';
  readonly platform?: 'Linux' | 'Windows' | 'MacOS';
  readonly computer?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Never runs; ends with these at once. `Pending` never ends. */
  readonly outcome?: readonly [status: string, details: string];
  /** Printed in place of what the script prints. */
  readonly says?: string;
  /** Not described, and refused by SendCommand. */
  readonly unknown?: true;
  /** Described, and then refused by SendCommand. */
  readonly gone?: true;
  /** This role may send it nothing. */
  readonly denied?: true;
  /** Takes the script on its standard input. Default: `sh`. */
  readonly shell?: readonly string[];
  /** Answered at once as if the collector had printed this, without running anything: for thousands of nodes. */
  readonly prints?: string;
}

export interface FakeAws {
  readonly url: string;
  /** `ssm:SendCommand`, `sts:AssumeRole` … in the order they came. */
  readonly calls: readonly { readonly name: string; readonly body: Record<string, unknown> }[];
  /** Scripts that still run. */
  readonly running: () => number;
  close(): Promise<void>;
}

export interface FakeOptions {
  readonly nodes: readonly FakeNode[];
  /** The first n calls of that name are throttled. */
  readonly throttle?: Readonly<Record<string, number>>;
  /** Calls of that name above so many a second are throttled. */
  readonly rate?: Readonly<Record<string, number>>;
  /** Calls of that name get this error type, or garbage in place of JSON. */
  readonly refuse?: Readonly<Record<string, string>>;
  /** Invocations are not there for the first n questions. */
  readonly hidden?: number;
  /** Milliseconds before an answer to every call. */
  readonly delayMs?: number;
  readonly stdoutLimit?: number;
  readonly stderrLimit?: number;
  /** What the log group holds: all of it, or only the first lines. */
  readonly logLines?: number;
  /** What another writer makes of a line of the log group. */
  readonly meddle?: (line: string, index: number) => string;
  /** Milliseconds the session of an assumed role lasts. */
  readonly roleMs?: number;
}

interface Invocation {
  status: string;
  details: string;
  stdout: string;
  stderr: string;
  code: number;
  child?: ChildProcess;
}

/** Environment of a client that is to talk to it. */
export function awsEnv(aws: { readonly url: string }, key = 'ASIAFAKEFAKEFAKEFAKE'): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SSM: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: aws.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: key,
    AWS_SECRET_ACCESS_KEY: 'fake-secret-access-key',
    AWS_SESSION_TOKEN: key.startsWith('ASIA') ? 'fake-session' : '',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

export async function fakeAws(options: FakeOptions): Promise<FakeAws> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-aws-'));
  const calls: { name: string; body: Record<string, unknown> }[] = [];
  const commands = new Map<string, Map<string, Invocation>>();
  const nodes = new Map(options.nodes.map((node) => [node.id, node]));
  let hidden = options.hidden ?? 0;

  const operations: Record<string, (body: Record<string, unknown>) => object> = {
    'ssm:DescribeInstanceInformation': (body) => {
      const filters = (body['Filters'] ?? []) as { Key: string; Values: string[] }[];
      const asked = filters.find(({ Key }) => Key === 'InstanceIds')?.Values;
      if (asked?.some((id) => !/^m?i-/.test(id))) throw new Refusal('InvalidInstanceId');
      const found = options.nodes.filter(
        (node) =>
          !node.unknown &&
          (asked?.includes(node.id) ?? true) &&
          filters.every(
            ({ Key, Values }) => !Key.startsWith('tag:') || Values.includes(node.tags?.[Key.slice(4)] ?? ''),
          ),
      );
      const most = Number(body['MaxResults'] ?? 10);
      const from = Number(body['NextToken'] ?? 0);
      return {
        InstanceInformationList: found.slice(from, from + most).map((node) => ({
          InstanceId: node.id,
          PingStatus: node.ping ?? 'Online',
          PlatformType: node.platform ?? 'Linux',
          PlatformName: 'Debian GNU/Linux',
          AgentVersion: '3.3.987.0',
          LastPingDateTime: 1_795_000_000.5,
          ComputerName: node.computer ?? `${node.id}.internal`,
          ResourceType: node.id.startsWith('mi-') ? 'ManagedInstance' : 'EC2Instance',
          IPAddress: '10.0.0.9',
        })),
        ...(found.length > from + most && { NextToken: String(from + most) }),
      };
    },
    'ssm:SendCommand': (body) => {
      const ids = body['InstanceIds'] as string[];
      if (ids.length > 50) throw new Refusal('ValidationException');
      if (ids.some((id) => nodes.get(id)?.unknown || nodes.get(id)?.gone || !nodes.has(id)))
        throw new Refusal('InvalidInstanceId');
      if (ids.some((id) => nodes.get(id)?.denied)) throw new Refusal('AccessDeniedException');
      const id = randomUUID();
      const { commands: lines = [] } = body['Parameters'] as { commands?: string[] };
      const file = join(folder, `${id}.sh`);
      writeFileSync(file, lines.join('\n'));
      const invocations = new Map<string, Invocation>();
      commands.set(id, invocations);
      // Beyond MaxErrors the rest are not asked. Percents are of the instances; the default is 0.
      const given = typeof body['MaxErrors'] === 'string' ? body['MaxErrors'] : '0';
      const most = given.endsWith('%') ? (parseInt(given, 10) / 100) * ids.length : Number(given);
      let errors = 0;
      for (const instance of ids) {
        const node = nodes.get(instance);
        invocations.set(
          instance,
          errors > most
            ? start({ id: instance, outcome: ['Failed', 'Terminated'] }, file)
            : start(node, file),
        );
        if (node?.outcome) errors += 1;
      }
      return { Command: { CommandId: id, Status: 'Pending', InstanceIds: ids } };
    },
    'ssm:ListCommandInvocations': (body) => {
      return {
        CommandInvocations: [...(commands.get(String(body['CommandId'])) ?? [])].map(([instance, one]) => ({
          CommandId: body['CommandId'],
          InstanceId: instance,
          Status: one.status,
          StatusDetails: one.details,
        })),
      };
    },
    'ssm:GetCommandInvocation': (body) => {
      const one = commands.get(String(body['CommandId']))?.get(String(body['InstanceId']));
      if (!one || hidden > 0) {
        hidden -= 1;
        throw new Refusal('InvocationDoesNotExist');
      }
      return {
        CommandId: body['CommandId'],
        InstanceId: body['InstanceId'],
        Status: one.status,
        StatusDetails: one.details,
        ResponseCode: one.code,
        StandardOutputContent: cut(one.stdout, options.stdoutLimit ?? 24_000),
        StandardErrorContent: cut(one.stderr, options.stderrLimit ?? 8000),
      };
    },
    'ssm:CancelCommand': (body) => {
      for (const id of body['InstanceIds'] as string[]) {
        const one = commands.get(String(body['CommandId']))?.get(id);
        if (!one) continue;
        if (one.child?.pid !== undefined) kill(one.child.pid);
        one.status = 'Cancelled';
        one.details = 'Cancelled';
      }
      return {};
    },
    'logs:DescribeLogStreams': (body) => {
      if (options.logLines === undefined) throw new Refusal('ResourceNotFoundException');
      return {
        logStreams: [{ logStreamName: `${String(body['logStreamNamePrefix'])}aws-runShellScript/stdout` }],
      };
    },
    'logs:GetLogEvents': (body) => {
      const [id = '', instance = ''] = String(body['logStreamName']).split('/');
      const lines = (commands.get(id)?.get(instance)?.stdout ?? '')
        .split('\n')
        .slice(0, options.logLines)
        .map(options.meddle ?? ((line) => line));
      const from = Number((typeof body['nextToken'] === 'string' ? body['nextToken'] : 'f/0').slice(2));
      // Small pages, and an empty one before the end: both happen.
      const page = lines.slice(from, from + 7);
      return {
        events: page.map((message) => ({ timestamp: 1, message })),
        nextForwardToken: `f/${from + page.length}`,
      };
    },
  };

  function start(node: FakeNode | undefined, file: string): Invocation {
    const one: Invocation = { status: 'InProgress', details: 'InProgress', stdout: '', stderr: '', code: -1 };
    if (node?.prints !== undefined) {
      one.stdout = envelope(node.prints, readFileSync(file, 'utf8'));
      one.code = 0;
      one.status = one.details = 'Success';
      return one;
    }
    if (node?.outcome) {
      [one.status, one.details] = node.outcome;
      if (one.status === 'Failed') one.code = 126;
      return one;
    }
    const [program = 'sh', ...args] = node?.shell ?? ['sh'];
    const script = openSync(file, 'r');
    const child = spawn(program, args, { env: {}, detached: true, stdio: [script, 'pipe', 'pipe'] });
    closeSync(script);
    one.child = child;
    child.stdout?.setEncoding('latin1').on('data', (text: string) => (one.stdout += text));
    child.stderr?.setEncoding('latin1').on('data', (text: string) => (one.stderr += text));
    child.on('close', (code) => {
      if (one.status === 'Cancelled') return;
      if (node?.says !== undefined) one.stdout = node.says;
      one.code = code ?? -1;
      one.status = code === 0 ? 'Success' : 'Failed';
      one.details = one.status;
    });
    return one;
  }

  const throttled = { ...options.throttle };
  /** A bucket that fills by the second, as AWS counts. */
  const buckets = new Map<string, { left: number; at: number }>();
  const allowed = (name: string): boolean => {
    const rate = options.rate?.[name];
    if (rate === undefined) return true;
    const now = performance.now();
    const { left, at } = buckets.get(name) ?? { left: rate, at: now };
    const filled = Math.min(rate, left + ((now - at) / 1000) * rate);
    buckets.set(name, { left: filled >= 1 ? filled - 1 : filled, at: now });
    return filled >= 1;
  };
  const answer = async (request: IncomingMessage, text: string): Promise<Answer> => {
    await sleep(options.delayMs ?? 0);
    const target = request.headers['x-amz-target'];
    const query = new URLSearchParams(text);
    const [service = '', operation = ''] =
      target === undefined
        ? ['sts', query.get('Action') ?? '']
        : String(target)
            .replace('AmazonSSM.', 'ssm.')
            .replace(/^Logs_\d+\./, 'logs.')
            .split('.');
    const name = `${service}:${operation}`;
    const body = (target === undefined ? Object.fromEntries(query) : JSON.parse(text)) as Record<
      string,
      unknown
    >;
    calls.push({ name, body });
    const signed =
      /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/\d{8}\/[a-z0-9-]+\/(ssm|sts|logs)\/aws4_request/;
    const key = signed.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined || request.headers['x-amz-date'] === undefined)
      return refusal(service, 'MissingAuthenticationTokenException', 403);
    if (key.startsWith('ASIA') && request.headers['x-amz-security-token'] === undefined)
      return refusal(service, 'UnrecognizedClientException', 403);
    const left = throttled[name] ?? 0;
    if (left > 0) {
      throttled[name] = left - 1;
      return refusal(service, 'ThrottlingException', 400);
    }
    if (!allowed(name)) return refusal(service, 'ThrottlingException', 400);
    const refused = options.refuse?.[name];
    if (refused === 'garbage') return { status: 200, type: 'application/x-amz-json-1.1', body: '<html>}{' };
    if (refused !== undefined) return refusal(service, refused, 400);
    if (service === 'sts') return sts(operation, key, query, options.roleMs ?? 3_600_000);
    const run = operations[name];
    if (!run) return refusal(service, 'UnknownOperationException', 404);
    try {
      return { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(run(body)) };
    } catch (error) {
      if (error instanceof Refusal) return refusal(service, error.message, 400);
      throw error;
    }
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void reply();
    });
    const reply = async (): Promise<void> => {
      const { status, type, body } = await answer(request, Buffer.concat(chunks).toString());
      response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': randomUUID() });
      response.end(body);
    };
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const all = () => [...commands.values()].flatMap((one) => [...one.values()]);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    running: () => all().filter(({ child }) => child?.exitCode === null && child.signalCode === null).length,
    close: async () => {
      for (const { child } of all()) if (child?.pid !== undefined && child.exitCode === null) kill(child.pid);
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

class Refusal extends Error {}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function refusal(service: string, type: string, status: number): Answer {
  if (service !== 'sts')
    return {
      status,
      type: 'application/x-amz-json-1.1',
      body: JSON.stringify({ __type: type, message: `refused: ${type}` }),
    };
  const error = `<Error><Type>Sender</Type><Code>${type}</Code><Message>refused: ${type}</Message></Error>`;
  return {
    status,
    type: 'text/xml',
    body: `<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`,
  };
}

function sts(operation: string, key: string, query: URLSearchParams, roleMs: number): Answer {
  const role = query.get('RoleArn') ?? '';
  const inner =
    operation === 'AssumeRole'
      ? `<Credentials><AccessKeyId>ASIAROLE${role.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
        `<SessionToken>t</SessionToken><Expiration>${new Date(Date.now() + roleMs).toISOString()}</Expiration></Credentials>` +
        `<AssumedRoleUser><Arn>${role}</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser>`
      : `<UserId>AIDA</UserId><Account>111122223333</Account><Arn>${arnOf(key)}</Arn>`;
  const body = `<${operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${operation}Result>${inner}</${operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${operation}Response>`;
  return { status: 200, type: 'text/xml', body };
}

function arnOf(key: string): string {
  if (key.startsWith('AKIA')) return 'arn:aws:iam::111122223333:user/nightly';
  const session = key.startsWith('ASIAROLE') ? 'auditor/ssh-scorecard' : 'operator/me';
  return `arn:aws:sts::111122223333:assumed-role/${session}`;
}

/** What the script in `file` prints when its collector printed `text`; see src/transports/ssm/envelope.ts. */
function envelope(text: string, script: string): string {
  const token = /^T=([0-9a-f]{32});/.exec(script)?.[1] ?? '';
  const packed = gzipSync(text).toString('base64') + '!0!';
  const seal = createHash('sha256').update(packed).digest('hex');
  return `@@ssm ${token} ${randomBytes(16).toString('hex')} gz ${packed.length} ${seal}\n${packed}`;
}

/** As the agent does it: the suffix belongs to what is kept. */
function cut(text: string, limit: number): string {
  const suffix = '\n---Output truncated---';
  return text.length <= limit ? text : text.slice(0, limit - suffix.length) + suffix;
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
