/** The log stores that can be asked which logins they hold. */
import {
  settings as schema,
  type CloudwatchSettings,
  type LokiSettings,
  type SearchSettings,
  type SplunkSettings,
} from '../settings/siem.js';
import type { SourceType } from '../source.js';
import { askCloudwatch, diagnoseCloudwatch } from './cloudwatch.js';
import { askLoki, diagnoseLoki } from './loki.js';
import { askSearch, diagnoseSearch } from './search.js';
import { askSplunk, diagnoseSplunk } from './splunk.js';

const source = 'siem';

const loki: SourceType<LokiSettings> = { source, type: 'loki', schema, ask: askLoki, diagnose: diagnoseLoki };
const search = (type: SearchSettings['type']): SourceType<SearchSettings> => ({
  source,
  type,
  schema,
  ask: askSearch,
  diagnose: diagnoseSearch,
});
const splunk: SourceType<SplunkSettings> = {
  source,
  type: 'splunk',
  schema,
  ask: askSplunk,
  diagnose: diagnoseSplunk,
};
const cloudwatch: SourceType<CloudwatchSettings> = {
  source,
  type: 'cloudwatch',
  schema,
  ask: askCloudwatch,
  diagnose: diagnoseCloudwatch,
};

export const sourceTypes = [loki, search('elasticsearch'), search('opensearch'), splunk, cloudwatch] as const;
