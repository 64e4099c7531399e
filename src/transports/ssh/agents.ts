/** The agents of one run, each connected once, and their keys. */
import { createAgent, type Agent, type AgentKey } from './agent.js';

/** How long a listing of the agent's keys is trusted: agents load renewed certificates during a run. */
const AGENT_LIST_MS = 20_000;

export interface Agents {
  /** The agent at that socket, and its keys, asked for now and then; nothing and none without a path. */
  of(path: string | undefined): { agent?: Agent; agentKeys: () => Promise<readonly AgentKey[]> };
  close(): void;
}

/** Opens nothing until keys are asked for. */
export function createAgents(): Agents {
  const agents = new Map<
    string,
    { readonly agent: Agent; listed: number; keys: Promise<readonly AgentKey[]> | undefined }
  >();
  return {
    of: (path) => {
      if (path === undefined) return { agentKeys: () => Promise.resolve([]) };
      const entry = agents.get(path) ?? { agent: createAgent(path), listed: 0, keys: undefined };
      agents.set(path, entry);
      const agentKeys = (): Promise<readonly AgentKey[]> => {
        const now = performance.now();
        if (entry.keys === undefined || now - entry.listed > AGENT_LIST_MS) {
          entry.listed = now;
          entry.keys = entry.agent.list();
        }
        return entry.keys;
      };
      return { agent: entry.agent, agentKeys };
    },
    close: () => {
      for (const { agent } of agents.values()) agent.close();
      agents.clear();
    },
  };
}
