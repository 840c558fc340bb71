import type { Agent } from "@atomic-agents/core";
import { remoteAgent, type RemoteAgentOptions } from "@atomic-agents/http/client";
import { serveForTests } from "./serve-for-tests.ts";

/** The agents as a surface shows them, in their order. */
interface Opened extends AsyncDisposable {
  readonly agents: readonly Agent<unknown, unknown>[];
  /** What still goes on where the work is done, though nobody waits for it; undefined for nothing. */
  readonly unrest: () => Promise<string | undefined>;
}

/** A way to have agents, as which they are to behave as any agent does. */
export interface Surface {
  readonly name: string;
  readonly open: (agents: readonly Agent<unknown, unknown>[]) => Promise<Opened>;
}

type AnyInput = Agent<unknown, unknown>;

/** All surfaces; the first is the agents themselves. */
export const surfaces: readonly Surface[] = [
  {
    name: "function",
    open: (agents) =>
      Promise.resolve({
        agents,
        unrest: () => Promise.resolve(undefined),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  },
  overHttp("http", {}),
  overHttp("http stream", { stream: true }),
  overHttp("http expect", {}, { expects: true }),
  overHttp("http twice", {}, { hops: 2 }),
];

/**
 * Served, and made agents again by `remoteAgent`; as often as there are hops, each at the service of the one before.
 */
function overHttp(
  name: string,
  options: RemoteAgentOptions<undefined>,
  { expects = false, hops = 1 }: { readonly expects?: boolean; readonly hops?: number } = {},
): Surface {
  const remoteOf = (url: string, agent: AnyInput): Promise<AnyInput & AsyncDisposable> =>
    expects
      ? remoteAgent(url, { ...options, agent: agent.name, expect: agent })
      : remoteAgent(url, { ...options, agent: agent.name });
  return {
    name,
    open: async (agents) => {
      const closing = new AsyncDisposableStack();
      const urls: string[] = [];
      try {
        let shown: readonly AnyInput[] = agents;
        for (let hop = 0; hop < hops; hop++) {
          const { url } = closing.use(await serveForTests(shown));
          urls.push(url);
          const remotes: AnyInput[] = [];
          for (const agent of shown) remotes.push(closing.use(await remoteOf(url, agent)));
          shown = remotes;
        }
        return {
          agents: shown,
          unrest: () => unrestOf(urls),
          [Symbol.asyncDispose]: () => closing.disposeAsync(),
        };
      } catch (error) {
        await closing.disposeAsync();
        throw error;
      }
    },
  };
}

const patienceMs = 5_000;
const pauseMs = 20;

/** A service learns a little later that its caller has gone. */
async function unrestOf(urls: readonly string[]): Promise<string | undefined> {
  const untilMs = performance.now() + patienceMs;
  for (const url of urls) {
    for (;;) {
      const open = await inFlight(url);
      if (open === 0) break;
      if (performance.now() > untilMs) return `${open} requests were still in flight at ${url}`;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return undefined;
}

async function inFlight(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(patienceMs) });
  const gauge = /^atomic_(?:requests_in_flight|record_requests)(?:\{[^}]*\})? (\d+)$/gm;
  const counts = [...(await response.text()).matchAll(gauge)].map(([, count]) => Number(count));
  if (counts.length !== 2) throw new Error(`${url}/metrics does not tell how many requests are in flight`);
  return counts.reduce((sum, count) => sum + count, 0);
}
