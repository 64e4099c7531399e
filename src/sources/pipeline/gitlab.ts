/** GitLab CI: pipelines of one branch and the schedules of the project. Source: REST API v4, pipelines, pipeline_schedules. */
import { jsonOf, list, member, texts } from '../../facts/sources/answers.js';
import { PER_PAGE, runsName, SCHEDULES } from '../../facts/sources/pipeline/names.js';
import { createHttp } from '../http.js';
import type { Http } from '../http-types.js';
import { createRecorder } from '../recorder.js';
import { resolveSecret } from '../secret.js';
import type { GitlabSettings } from '../settings/pipeline.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { LOOK_BACK } from './window.js';

const MAX_PAGES = 50;
/** What lets a token change things. Source: GitLab, "Personal access token scopes". */
const WIDE = /^(?:api|sudo|admin_mode|write_|create_|manage_|k8s_proxy|self_rotate)/;

export async function askGitlab(settings: GitlabSettings, context: SourceContext): Promise<Asked> {
  const http = await open(settings, context);
  const recorder = createRecorder();
  const from = Math.floor((context.now.getTime() - LOOK_BACK) / 1000) * 1000;
  const base = `api/v4/projects/${encodeURIComponent(settings.project)}`;
  const query = {
    ref: settings.branch ?? 'main',
    updated_after: new Date(from).toISOString(),
    order_by: 'id',
    sort: 'desc',
    per_page: PER_PAGE,
  };
  try {
    for (let page = 1; ; page += 1) {
      const result = recorder.record(
        runsName(from, page),
        await http.get(`${base}/pipelines`, { query: { ...query, page } }),
      );
      if (!result.ok) return recorder.asked();
      const next = (result.headers['x-next-page'] ?? '').trim();
      const full = list(jsonOf(result.answer)).length >= PER_PAGE;
      if (next === '' && (!full || result.headers['x-next-page'] !== undefined)) break;
      if (page >= MAX_PAGES || recorder.room() === 0) {
        recorder.fail({ code: 'too-much', detail: `more than ${page * PER_PAGE} pipelines in two days` });
        break;
      }
    }
    // Only some roles may read schedules; the runs themselves tell the cadence, so a refusal is no failure.
    const schedules = await http.get(`${base}/pipeline_schedules`, { query: { per_page: PER_PAGE } });
    if (schedules.answer !== undefined) recorder.keep(SCHEDULES, schedules.answer);
    return recorder.asked();
  } finally {
    await http.close();
  }
}

export async function diagnoseGitlab(
  settings: GitlabSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const http = await open(settings, context);
  try {
    const project = await http.get(`api/v4/projects/${encodeURIComponent(settings.project)}`);
    if (!project.ok) return [{ level: 'problem', text: project.failure.detail }];
    const self = await http.get('api/v4/personal_access_tokens/self');
    const found: SourceDiagnosis[] = [{ level: 'ok', text: `${settings.project} can be read` }];
    if (!self.ok)
      return [
        ...found,
        { level: 'warning', text: `what the token may do is not told: ${self.failure.detail}` },
      ];
    const token = jsonOf(self.answer);
    const wide = texts(member(token, 'scopes')).filter((scope) => WIDE.test(scope));
    if (wide.length > 0)
      found.push({
        level: 'warning',
        text: `the token can do more than read (scopes ${wide.join(', ')}): read_api is enough`,
      });
    if (member(token, 'expires_at') === null)
      found.push({ level: 'warning', text: 'the token never expires' });
    return found;
  } finally {
    await http.close();
  }
}

async function open(settings: GitlabSettings, context: SourceContext): Promise<Http> {
  const token = await resolveSecret(settings, context);
  return createHttp(settings, context, {
    headers: token === null ? {} : { 'private-token': token },
    secrets: token === null ? [] : [token],
  });
}
