import type { AnyAgent } from "@atomic-agents/core";
import { createService } from "./create-service.ts";
import { createNodeServer, listen } from "./node-server.ts";
import type { ServeOptions } from "./options.ts";

/** A service that runs. */
export interface RunningService extends AsyncDisposable {
  /** Where it is, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Stops taking requests, waits for those in flight, and closes. */
  readonly close: () => Promise<void>;
}

/** Serves agents over HTTP. */
export async function serve(
  agents: AnyAgent | readonly AnyAgent[],
  options: ServeOptions = {},
): Promise<RunningService> {
  const service = createService(agents, options);
  const server = createNodeServer(service);
  const { port } = await listen(server, service.options.port, service.options.host);
  const { host } = service.options;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  service.lifeCycle.state = "ready";
  await service.options.onReady?.(url);
  const close = async (): Promise<void> => {
    service.lifeCycle.state = "closed";
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    for (const closer of service.closers.toReversed()) await closer();
  };
  return { url, host, port, close, [Symbol.asyncDispose]: close };
}
