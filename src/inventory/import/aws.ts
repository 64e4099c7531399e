/**
 * The managed nodes of AWS Systems Manager as our inventory, to be reviewed and committed. Source:
 * DescribeInstanceInformation, API reference: filters by tag cannot be joined, and tags are not in the answer, so every
 * tag is a question of its own. What a node says of itself (its name) is the node's text and judged as such.
 */
import { Document } from 'yaml';
import { UserError } from '../../errors.js';
import { openAccount, regionOf, type Account } from '../../transports/ssm/account.js';
import { awsFailure } from '../../transports/ssm/errors.js';
import { findSdk } from '../../transports/ssm/sdk.js';
import { instance as instanceField, region as regionField, roleArn as roleField } from '../schema-aws.js';
import { nameProblem, tagProblem } from '../values.js';

export interface AwsQuery {
  /** Empty: the one of the environment. */
  readonly regions: readonly string[];
  readonly roleArn?: string;
  /** `KEY=VALUE`: only nodes with all of these tags. */
  readonly tags: readonly string[];
  /** Values of `environmentTag`: only nodes with one of them, which becomes their environment. */
  readonly environments: readonly string[];
  readonly environmentTag: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Node {
  readonly id: string;
  readonly region: string | undefined;
  readonly computer: string;
  readonly platform: string;
  readonly ping: string;
}

interface Imported {
  readonly yaml: string;
  readonly hosts: number;
  /** One sentence each. */
  readonly notes: readonly string[];
}

/** A page holds fifty; the bound is for an answer that has no end. */
const MAX_PAGES = 2000;
const SHOWN_NOTES = 50;

/** @throws UserError for a bad query, a missing SDK, what AWS refuses, and no node at all. */
export async function importAws(query: AwsQuery): Promise<Imported> {
  const { roleArn, env } = query;
  const filters = query.tags.map(tagFilter);
  for (const region of query.regions) check(regionField, region, '--region');
  if (roleArn !== undefined) check(roleField, roleArn, '--role-arn');
  for (const name of query.environments) {
    const problem = tagProblem(name);
    if (problem !== null) throw new UserError('bad-option', `--environment: ${problem}`);
  }
  const sdk = await findSdk({ env })();
  const nodes: Node[] = [];
  const environments = new Map<string, string>();
  for (const region of query.regions.length > 0 ? query.regions : [undefined]) {
    const place = { ...(region !== undefined && { region }), ...(roleArn !== undefined && { roleArn }) };
    const account = openAccount(sdk, place, { env });
    try {
      nodes.push(...(await nodesOf(account, filters, query, environments)));
    } finally {
      account.close();
    }
  }
  return written(nodes, environments, query);
}

async function nodesOf(
  account: Account,
  filters: readonly Filter[],
  { environments: names, environmentTag }: AwsQuery,
  environments: Map<string, string>,
): Promise<Node[]> {
  let kept: Map<string, Node> | undefined;
  for (const filter of filters) {
    const found = await list(account, filter);
    kept = new Map([...found].filter(([id]) => kept?.has(id) ?? true));
  }
  if (names.length === 0) return [...(kept ?? (await list(account, undefined))).values()];
  const chosen: Node[] = [];
  for (const name of names)
    for (const [id, node] of await list(account, { Key: `tag:${environmentTag}`, Values: [name] })) {
      if (kept && !kept.has(id)) continue;
      chosen.push(node);
      environments.set(id, name);
    }
  return chosen;
}

interface Filter {
  readonly Key: string;
  readonly Values: string[];
}

function tagFilter(text: string): Filter {
  const [, key, value] = /^([^=]{1,128})=(.{1,256})$/.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new UserError('bad-option', `--tag: expected KEY=VALUE, got "${text}"`);
  return { Key: `tag:${key}`, Values: [value] };
}

async function list(account: Account, filter: Filter | undefined): Promise<Map<string, Node>> {
  const found = new Map<string, Node>();
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await ask(account, filter, NextToken);
    for (const one of answer.InstanceInformationList ?? []) {
      const { InstanceId: id = '', ComputerName = '', Name = '', PlatformType = '', PingStatus = '' } = one;
      if (instanceField.safeParse(id).success)
        found.set(id, {
          id,
          region: account.region,
          // On-premises nodes are given a name when they are registered.
          computer: ComputerName === '' ? Name : ComputerName,
          platform: PlatformType,
          ping: PingStatus,
        });
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined || NextToken === '') return found;
  }
  throw new UserError('aws-refused', 'ssm:DescribeInstanceInformation: the answer has no end');
}

async function ask(account: Account, filter: Filter | undefined, NextToken: string | undefined) {
  try {
    return await account.ssm.send(
      new account.sdk.ssm.DescribeInstanceInformationCommand({
        MaxResults: 50,
        NextToken,
        ...(filter && { Filters: [filter] }),
      }),
    );
  } catch (error) {
    const { detail, hint } = awsFailure(error, 'login', 'ssm:DescribeInstanceInformation');
    throw new UserError('aws-refused', detail, { ...(hint !== undefined && { hint }), cause: error });
  }
}

function written(
  nodes: readonly Node[],
  environments: ReadonlyMap<string, string>,
  query: AwsQuery,
): Imported {
  const notes = ['stopped instances and those without an SSM agent are not listed: compare with EC2'];
  const usable = nodes.filter(({ id, platform }) => {
    if (platform === 'Windows') notes.push(`${id} is a Windows node, and was left out`);
    return platform !== 'Windows';
  });
  if (usable.length === 0)
    throw new UserError('aws-empty', 'Systems Manager lists no node that fits', {
      hint: 'check --region, --tag, --role-arn and AWS_PROFILE',
    });
  const names = namesOf(usable, notes);
  const own = query.regions.length === 1 ? query.regions[0] : regionOf({}, query.env);
  const shared = query.regions.length > 1 ? undefined : own;
  const hosts = usable
    .map((node) => {
      if (node.ping !== 'Online')
        notes.push(`${node.id} does not answer now (${node.ping.replaceAll(/[^A-Za-z]/g, '').slice(0, 40)})`);
      const environment = environments.get(node.id);
      return {
        name: names.get(node.id) ?? node.id,
        instance: node.id,
        ...(shared === undefined && node.region !== undefined && { region: node.region }),
        ...(environment !== undefined && { environment }),
        unlisted: true,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const defaults = {
    transport: 'ssm',
    ...(shared !== undefined && { region: shared }),
    ...(query.roleArn !== undefined && { role_arn: query.roleArn }),
  };
  notes.sort();
  const document = new Document({ defaults, hosts }, { aliasDuplicateObjects: false });
  document.commentBefore = [
    ' Imported from AWS Systems Manager by ssh-scorecard inventory import aws. Review it before you commit it.',
    ' unlisted: true stands where AWS does not know the principals; put allowed_principals in its place.',
    ...notes.slice(0, SHOWN_NOTES).map((note) => ` Note: ${note}`),
    ...(notes.length > SHOWN_NOTES ? [` Note: ${notes.length - SHOWN_NOTES} more`] : []),
  ].join('\n');
  return { yaml: document.toString({ lineWidth: 110 }), hosts: hosts.length, notes };
}

/** The node's own name where it is usable and no other's; else its ID, which AWS gave. */
function namesOf(nodes: readonly Node[], notes: string[]): Map<string, string> {
  const taken = new Map<string, number>();
  for (const { computer } of nodes)
    taken.set(computer.toLowerCase(), (taken.get(computer.toLowerCase()) ?? 0) + 1);
  const names = new Map<string, string>();
  for (const { id, computer } of nodes) {
    const alone = taken.get(computer.toLowerCase()) === 1;
    // A node that calls itself by another's ID must not take its place.
    const usable = alone && nameProblem(computer) === null && !/^m?i-[0-9a-f]+$/i.test(computer);
    if (!usable) notes.push(`${id} is named by its ID: its own name is not usable, or another node's too`);
    names.set(id, usable ? computer : id);
  }
  return names;
}

function check(
  field: { safeParse(text: string): { success: boolean; error?: { issues: { message: string }[] } } },
  text: string,
  flag: string,
): void {
  const { error } = field.safeParse(text);
  if (error)
    throw new UserError('bad-option', `${flag}: ${error.issues[0]?.message ?? 'not usable'}, got "${text}"`);
}
