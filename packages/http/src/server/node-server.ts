import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createListener } from "./app.ts";
import type { Service } from "./service.ts";

/** A server of Node.js with limits for whoever is slow, large or many. */
export function createNodeServer(service: Service): Server {
  const { options } = service;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: 0,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    createListener(service),
  );
  server.maxHeadersCount = 100;
  server.maxConnections = options.maxConnections;
  return server;
}

/** Takes connections; gives the address. */
export function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A server on a port has an address of this form.
      resolve(server.address() as AddressInfo);
    });
  });
}
