import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AtomicError, Secret } from "@atomic-agents/core";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import { httpTable } from "./http-table.ts";
import { lookup } from "./lookup.ts";
import { urlTemplate, type UrlValue } from "./url-template.ts";

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: string[] = [];
let origin = "";
const server = createServer((request, response) => {
  seen.push(request.url ?? "");
  answer(request, response);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has such an address.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  answer = (request, response) => void response.end(JSON.stringify({ path: request.url }));
});

const byId = ({ id }: { id: UrlValue }) => ({ id });
const retry = { attempts: 3, baseDelayMs: 1 };

function finder(options: Parameters<typeof httpTable>[1] = {}, path = "/users/{id}") {
  return lookup(httpTable(`${origin}${path}`, { retry, ...options }), { by: byId, as: "user" });
}

async function failureOf(action: Promise<unknown>): Promise<AtomicError> {
  try {
    await action;
  } catch (thrown) {
    if (AtomicError.isInstance(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("it did not fail");
}

describe("a server as a table", () => {
  it("is asked with what a record says, encoded, and once for each key", async () => {
    const ids = ["a", "b c", "a", "ä/../x?y#z&", 7, null, "a"];
    const got: unknown[] = [];
    await flow(fromIterable(ids.map((id) => ({ id }))))
      .through(finder({ headers: { authorization: new Secret("Bearer 1f3b-77aa", "token") } }))
      .map(({ user }) => user)
      .to(toArray(got));
    expect(seen.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "/users/%C3%A4%2F..%2Fx%3Fy%23z%26",
      "/users/7",
      "/users/a",
      "/users/b%20c",
    ]);
    expect(got[1]).toEqual({ path: "/users/b%20c" });
    expect(got[5]).toBeNull();
  });

  it.each([
    ["404", (response: ServerResponse) => void response.writeHead(404).end("none")],
    ["410", (response: ServerResponse) => void response.writeHead(410).end()],
    ["204", (response: ServerResponse) => void response.writeHead(204).end()],
    ["null", (response: ServerResponse) => void response.end("null")],
  ])("has nothing where it says %s, and is not asked again", async (_what, respond) => {
    answer = (_request, response) => respond(response);
    const find = finder();
    expect(await find.run({ id: "a" })).toEqual({ id: "a", user: null });
    await find.run({ id: "a" });
    expect(seen).toHaveLength(1);
  });

  it("is asked again when it is busy, and not before it says", async () => {
    answer = (_request, response) => {
      if (seen.length === 1) response.writeHead(503).end();
      else if (seen.length === 2) response.writeHead(429, { "retry-after": "0" }).end();
      else response.end('{"n":3}');
    };
    expect(await finder().run({ id: "a" })).toEqual({ id: "a", user: { n: 3 } });
    expect(seen).toHaveLength(3);
    answer = (_request, response) => void response.writeHead(429, { "retry-after": "90" }).end();
    const error = await failureOf(finder().run({ id: "a" }));
    expect([error.code, error.details]).toEqual(["RATE_LIMITED", { retryAfterMs: 90_000 }]);
    expect(seen).toHaveLength(4);
  });

  it.each([
    ["a refusal", (response: ServerResponse) => void response.writeHead(403).end("no"), /answered with 403/],
    ["no JSON", (response: ServerResponse) => void response.end("<html>"), /JSON that is none/],
    [
      "a key that changes what it is copied into",
      (response: ServerResponse) => void response.end('{"__proto__":{"isAdmin":true}}'),
      /JSON that has the key "__proto__"/,
    ],
    [
      "what nests too deep",
      (response: ServerResponse) => void response.end("[".repeat(501) + "]".repeat(501)),
      /JSON that nests deeper than 500/,
    ],
    [
      "what is not UTF-8",
      (response: ServerResponse) => void response.end(Buffer.from([34, 255, 34])),
      /not UTF-8/,
    ],
    [
      "too much",
      (response: ServerResponse) => void response.end(`"${"x".repeat(2_000)}"`),
      /more than 1010 bytes/,
    ],
    [
      "another origin",
      (response: ServerResponse) => void response.writeHead(302, { location: "http://127.0.0.2:9/x" }).end(),
      /leads to another origin, which is not followed/,
    ],
  ])("fails the record with %s, and asks once", async (_what, respond, message) => {
    answer = (_request, response) => respond(response);
    const error = await failureOf(finder({ maxBytes: 1_010 }).run({ id: "a" }));
    expect(error.message).toMatch(message);
    expect(error.retryable).toBe(false);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["http://127.0.0.1/users#{id}", /without a fragment/],
    ["http://127.0.0.1:99999/{id}", /must be an address, got "one that is none"/],
  ])("refuses the address %s", (url, message) => {
    expect(() => httpTable(url)).toThrow(message);
  });

  it("follows a redirect within its origin, with its headers", async () => {
    answer = (request, response) => {
      if (request.url === "/users/a") response.writeHead(301, { location: "/people/a" }).end();
      else response.end(JSON.stringify({ token: request.headers["x-token"] }));
    };
    const find = finder({ headers: { "x-token": "t" } });
    expect(await find.run({ id: "a" })).toMatchObject({ user: { token: "t" } });
    answer = (_request, response) => void response.writeHead(301, { location: "/users/a" }).end();
    expect((await failureOf(finder().run({ id: "a" }))).message).toMatch(/one redirect after 5 others/);
  });

  it("holds answers against a schema", async () => {
    const schema = z.object({ name: z.string() });
    const users = httpTable(`${origin}/users/{id}`, { schema });
    const find = lookup(users, { by: byId, fields: { name: "name" } });
    answer = (_request, response) => void response.end('{"name":"Ada","more":1}');
    expect(await find.run({ id: 1 })).toEqual({ id: 1, name: "Ada" });
    answer = (_request, response) => void response.end('{"name":7}');
    const error = await failureOf(find.run({ id: 2 }));
    expect(error.code).toBe("VALIDATION_OUTPUT");
    expect(error.message).toMatch(/was answered with something else: name: /);
  });

  it("fails records of which no address can be made, without asking", async () => {
    const summary = await flow(fromIterable(["..", ".", "", "\ud800", Number.NaN, {}].map((id) => ({ id }))))
      .through(
        lookup(httpTable(`${origin}/users/{id}`), {
          by: ({ id }: { id: unknown }) => ({ id: id as string }),
          as: "user",
        }),
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]));
    expect(summary.deadLettered).toBe(6);
    expect(summary.deadLetters.map(({ error }) => error.message.replace(/^.*: /, ""))).toEqual([
      "a value makes a step to another folder of the address",
      "a value makes a step to another folder of the address",
      "{id} is an empty text",
      "{id} has half of a surrogate pair",
      "{id} must be a text, a number, true or false, got NaN",
      "{id} must be a text, a number, true or false, got a value of type object",
    ]);
    expect(seen).toEqual([]);
  });

  it("ends its request when the flow is cancelled", async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    let isGone = false;
    answer = (_request, response) => {
      response.on("close", () => {
        isGone = true;
      });
      resolve();
    };
    const run = flow(fromIterable([{ id: 1 }]))
      .through(finder())
      .start(toArray<unknown>([]));
    await asked;
    run.cancel();
    expect((await run.summary).status).toBe("cancelled");
    while (!isGone) await new Promise((next) => setImmediate(next));
  });
});

describe("an address with names", () => {
  it("leads to its own host and folder, whatever the values are", () => {
    const template = urlTemplate("t", "https://example.com/v1/{a}/x-{b}?q={c}");
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b, c) => {
        let url: URL;
        try {
          url = template.fill({ a, b, c });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(TypeError);
          return;
        }
        expect(url.origin).toBe("https://example.com");
        const [, folder, first, second, ...more] = url.pathname.split("/");
        expect([folder, more]).toEqual(["v1", []]);
        expect(decodeURIComponent(first ?? "")).toBe(a);
        expect(decodeURIComponent(second ?? "")).toBe(`x-${b}`);
        expect([...url.searchParams]).toEqual([["q", c]]);
        expect(url.hash).toBe("");
      }),
    );
  });

  it.each([
    ["https://{host}/x", /host has no names in braces/],
    ["https://example.com{port}/x", /host has no names in braces/],
    ["{all}", /begins with http/],
    ["ftp://example.com/{id}", /begins with http/],
    ["https://me:pw@example.com/{id}", /without a user's name/],
    ["https://example.com/{a b}", /names in braces, such as/],
    ["https://example.com/{id", /names in braces, such as/],
  ])("is refused: %s", (url, message) => {
    expect(() => httpTable(url)).toThrow(message);
  });
});
