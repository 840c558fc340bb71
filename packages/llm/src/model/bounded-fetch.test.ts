import { createServer, type Server } from "node:http";
import { afterEach, expect, it } from "vitest";
import { boundedFetch } from "./bounded-fetch.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that sends as many megabytes as its path says, without a line break. */
async function sending(): Promise<{ url: string; closed: Promise<number> }> {
  const chunk = Buffer.alloc(1_000_000, "a");
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  const server = createServer((request, response) => {
    const wanted = Number(request.url?.slice(1));
    let sent = 0;
    response.writeHead(200, { "content-type": "text/event-stream", "x-kept": "yes" });
    response.on("close", () => resolve(sent));
    const more = (): void => {
      while (sent < wanted) {
        sent++;
        if (!response.write(chunk)) {
          response.once("drain", more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}`, closed };
}

it("hands on an answer as it is", async () => {
  const { url } = await sending();
  const response = await boundedFetch(`${url}/2`);
  expect([response.status, response.headers.get("x-kept")]).toEqual([200, "yes"]);
  expect((await response.arrayBuffer()).byteLength).toBe(2_000_000);
});

it("hangs up on an answer without end", async () => {
  const { url, closed } = await sending();
  const response = await boundedFetch(`${url}/1000`);
  await expect(response.text()).rejects.toThrow("longer than 32000000 bytes");
  expect(await closed).toBeLessThan(100);
});
