import type { Server } from "node:http";
import { type AnyAgent, configError } from "@atomic-agents/core";
import { stopOnSignal } from "../life-cycle/signals.ts";
import { stopService } from "../life-cycle/stop-service.ts";
import { createService } from "./create-service.ts";
import { createNodeServer, listen } from "./node-server.ts";
import type { ServeOptions } from "./options.ts";
import type { Service } from "./service.ts";

/** A service that runs. */
export interface RunningService {
  /** Where it is, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /**
   * Stops the service as a signal does: says that it is not ready, takes no more connections after `drainDelayMs`, waits
   * for what it has accepted, and closes. Calls after the first wait for the same.
   */
  readonly close: () => Promise<void>;
  /** When the service has stopped, whoever stopped it; gives whether all that it had accepted was finished in time. */
  readonly stopped: Promise<boolean>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Serves agents over HTTP: `POST /execute`, `/stream` and `/records`, their interface as OpenAPI, runs, metrics and
 * health. Several agents are under `/agents/NAME`; a single one is at the root as well.
 *
 * It listens on this machine alone unless tokens are configured. SIGTERM and SIGINT stop it without losing a request
 * that it has accepted, and end the process.
 *
 * @throws AtomicError `CONFIG` for options that make no sense, a port that is taken, or an agent whose contract surely is
 * not JSON, such as one that takes a `Date` or gives a `Map`
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ text: z.string() }),
 *   execute: ({ text }) => ({ text: text.toUpperCase() }),
 * });
 * const service = await serve(shout, { port: 0, drainDelayMs: 0, log: createLog({ level: "silent" }) });
 * const answer = await fetch(`${service.url}/execute`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ input: { text: "hello" } }),
 * });
 * const { output } = JSON.parse(await answer.text());
 * console.log(answer.status, output); // => 200 { text: 'HELLO' }
 * await service.close();
 * ```
 */
export async function serve(
  agents: AnyAgent | readonly AnyAgent[],
  options: ServeOptions = {},
): Promise<RunningService> {
  const service = createService(agents, options);
  const { host, handleSignals, onReady } = service.options;
  const server = createNodeServer(service);
  const { promise: stopped, resolve: tellStopped } = Promise.withResolvers<boolean>();
  let stopping: Promise<boolean> | undefined;
  const stop = (): Promise<boolean> => {
    if (stopping === undefined) {
      stopping = stopService(service, server).finally(() => ignoreSignals());
      tellStopped(stopping);
    }
    return stopping;
  };
  // Before anything is waited for: a signal that comes early shall not go unheard.
  const ignoreSignals = handleSignals ? stopOnSignal(stop) : () => {};
  const close = async (): Promise<void> => {
    await stop();
  };
  try {
    const port = await listenOn(server, service);
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
    await onReady?.(url);
    if (service.lifeCycle.state === "starting") service.lifeCycle.state = "ready";
    service.log.info("service is ready", { url, agents: [...service.agents.keys()] });
    return { url, host, port, close, stopped, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function listenOn(server: Server, { options }: Service): Promise<number> {
  const { port, host } = options;
  try {
    return (await listen(server, port, host)).port;
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "an error";
    const error = configError(
      "serve",
      "host and port",
      "an address to listen on",
      `${host}:${port} (${code})`,
    );
    throw error.with({ cause: thrown });
  }
}
