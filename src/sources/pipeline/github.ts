/** GitHub Actions: runs of one workflow file on one branch. Source: REST API, "List workflow runs for a workflow". */
import { jsonOf, list, member } from '../../facts/sources/answers.js';
import { PER_PAGE, runsName, WORKFLOW } from '../../facts/sources/pipeline/names.js';
import { createHttp } from '../http.js';
import type { Http, HttpResult } from '../http-types.js';
import { createRecorder } from '../recorder.js';
import { resolveSecret } from '../secret.js';
import type { GithubSettings } from '../settings/pipeline.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { LOOK_BACK } from './window.js';

/** Filtered lists end at 1000 runs: ten pages. */
const MAX_PAGES = 10;

export async function askGithub(settings: GithubSettings, context: SourceContext): Promise<Asked> {
  const http = await open(settings, context);
  const recorder = createRecorder();
  const from = Math.floor((context.now.getTime() - LOOK_BACK) / 1000) * 1000;
  const base = `repos/${settings.repository}/actions/workflows/${settings.workflow}`;
  try {
    if (!recorder.record(WORKFLOW, limited(await http.get(base))).ok) return recorder.asked();
    for (let page = 1; ; page += 1) {
      const query = {
        branch: settings.branch ?? 'main',
        created: `>=${new Date(from).toISOString().slice(0, 19)}Z`,
        per_page: PER_PAGE,
        page,
      };
      const result = recorder.record(
        runsName(from, page),
        limited(await http.get(`${base}/runs`, { query })),
      );
      if (!result.ok) return recorder.asked();
      const body = jsonOf(result.answer);
      const rows = list(member(body, 'workflow_runs')).length;
      const more = /<[^>]*>;\s*rel="next"/.test(result.headers['link'] ?? '') || rows >= PER_PAGE;
      if (!more) return recorder.asked();
      if (page >= MAX_PAGES || recorder.room() === 0) {
        recorder.fail({
          code: 'too-much',
          detail: `more than ${page * PER_PAGE} runs since ${query.created}`,
        });
        return recorder.asked();
      }
    }
  } finally {
    await http.close();
  }
}

/** A used-up quota is a 403 too: it must not look like a missing right. Source: REST API, "Rate limits". */
function limited(result: HttpResult): HttpResult {
  if (result.ok || result.failure.code !== 'denied' || result.headers['x-ratelimit-remaining'] !== '0')
    return result;
  const reset = Number(result.headers['x-ratelimit-reset']);
  const until =
    Number.isFinite(reset) && reset > 0 && reset < 1e11 ? new Date(reset * 1000).toISOString() : 'later';
  return {
    ...result,
    failure: {
      code: 'throttled',
      detail: 'the hourly quota of requests is used up',
      hint: `ask again after ${until}`,
    },
  };
}

export async function diagnoseGithub(
  settings: GithubSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const http = await open(settings, context);
  try {
    const result = limited(await http.get(`repos/${settings.repository}`));
    if (!result.ok) return [{ level: 'problem', text: result.failure.detail }];
    const found: SourceDiagnosis[] = [{ level: 'ok', text: `${settings.repository} can be read` }];
    const scopes = (result.headers['x-oauth-scopes'] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
    const wide = scopes.filter((scope) => !/^(?:read:|public_repo$)/.test(scope));
    if (wide.length > 0)
      found.push({
        level: 'warning',
        text: `the token can do more than read (scopes ${wide.join(', ')}): use a fine-grained token with Actions: read`,
      });
    const rights = member(jsonOf(result.answer), 'permissions');
    const writes = ['admin', 'maintain', 'push'].filter((name) => member(rights, name) === true);
    if (writes.length > 0 && wide.length === 0)
      found.push({
        level: 'warning',
        text: `the owner of the token may ${writes.join(', ')} here: make sure that the token itself has Actions: read only`,
      });
    const workflow = await http.get(`repos/${settings.repository}/actions/workflows/${settings.workflow}`);
    if (!workflow.ok) found.push({ level: 'problem', text: workflow.failure.detail });
    return found;
  } finally {
    await http.close();
  }
}

async function open(settings: GithubSettings, context: SourceContext): Promise<Http> {
  const token = await resolveSecret(settings, context);
  return createHttp(settings, context, {
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    secrets: token === null ? [] : [token],
  });
}
