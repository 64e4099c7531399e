/** `sources.pipeline`: the CI system that runs the configuration of the hosts. */
import { z } from 'zod';
import { line, path } from '../../inventory/fields.js';
import { atMostOneToken, credential, endpoint, patience, url } from './common.js';

const branch = line.describe('Only runs of this branch count. Default: main.').optional();

const github = z
  .strictObject({
    type: z.literal('github'),
    ...endpoint,
    ...credential,
    ...patience,
    url: url.describe('API. Default: https://api.github.com.').default('https://api.github.com'),
    repository: z
      .string()
      .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'expected owner/name')
      .describe('owner/name.'),
    workflow: z
      .string()
      .regex(/^[\w.-]{1,200}\.ya?ml$/, 'expected a file name in .github/workflows, like converge.yml')
      .describe('Workflow file.'),
    branch,
  })
  .superRefine(atMostOneToken);

const gitlab = z
  .strictObject({
    type: z.literal('gitlab'),
    ...endpoint,
    ...credential,
    ...patience,
    url: url.describe('Base URL. Default: https://gitlab.com.').default('https://gitlab.com'),
    project: z
      .string()
      .regex(/^(?:\d{1,12}|[\w.-]+(?:\/[\w.-]+)+)$/, 'expected a project number or group/name')
      .describe('Number or path of the project.'),
    branch,
  })
  .superRefine(atMostOneToken);

const statusFile = z
  .strictObject({
    type: z.literal('status-file'),
    ...credential,
    ...patience,
    ca_file: endpoint.ca_file,
    file: path.describe('JSON file, relative to the inventory.').optional(),
    url: url.describe('JSON document.').optional(),
  })
  .superRefine(atMostOneToken)
  .superRefine((given, context) => {
    if ((given.file === undefined) === (given.url === undefined))
      context.addIssue({ code: 'custom', path: [], message: 'expected either file or url' });
  });

export const settings = z
  .discriminatedUnion('type', [github, gitlab, statusFile])
  .describe(
    'The pipeline that applies the configuration of the hosts: whether it is green, and runs hourly.',
  );

export type GithubSettings = z.output<typeof github>;
export type GitlabSettings = z.output<typeof gitlab>;
export type StatusFileSettings = z.output<typeof statusFile>;
