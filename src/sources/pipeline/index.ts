/** The CI systems that can be asked about the pipeline for the host configuration. */
import {
  settings as schema,
  type GithubSettings,
  type GitlabSettings,
  type StatusFileSettings,
} from '../settings/pipeline.js';
import type { SourceType } from '../source.js';
import { askGithub, diagnoseGithub } from './github.js';
import { askGitlab, diagnoseGitlab } from './gitlab.js';
import { askStatusFile, diagnoseStatusFile } from './status-file.js';

const source = 'pipeline';

const github: SourceType<GithubSettings> = {
  source,
  type: 'github',
  schema,
  ask: askGithub,
  diagnose: diagnoseGithub,
};
const gitlab: SourceType<GitlabSettings> = {
  source,
  type: 'gitlab',
  schema,
  ask: askGitlab,
  diagnose: diagnoseGitlab,
};
const statusFile: SourceType<StatusFileSettings> = {
  source,
  type: 'status-file',
  schema,
  ask: askStatusFile,
  diagnose: diagnoseStatusFile,
};

export const sourceTypes = [github, gitlab, statusFile] as const;
