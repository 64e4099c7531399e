/** GitLab, as far as pipelines and their schedules go. Source: GitLab REST API v4. */
import { serve, type Served, type Trouble } from './serve.js';

export interface GitlabPipeline {
  readonly id: number;
  readonly status: string;
  readonly source: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export function fakeGitlab(
  pipelines: readonly GitlabPipeline[],
  {
    trouble,
    active = true,
    scopes = ['read_api'],
  }: { trouble?: Trouble; active?: boolean; scopes?: readonly string[] } = {},
): Promise<Served> {
  return serve(({ url }) => {
    if (url.pathname.endsWith('/pipeline_schedules')) return { body: [{ id: 1, cron: '0 * * * *', active }] };
    if (url.pathname.endsWith('/self')) return { body: { scopes, expires_at: '2027-01-01' } };
    if (!url.pathname.endsWith('/pipelines')) return { body: { id: 7 } };
    const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name))) as [
      number,
      number,
    ];
    const next = page * size < pipelines.length ? String(page + 1) : '';
    return { headers: { 'x-next-page': next }, body: pipelines.slice((page - 1) * size, page * size) };
  }, trouble);
}
