/** Secrets in every place where a request and what it sets off may hold one, none of which may be seen anywhere else. */
import { request } from "node:http";
import {
  AtomicError,
  createLog,
  defineAgent,
  fallback,
  parallel,
  pipeline,
  Secret,
} from "@atomic-agents/core";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { type RunningService, serve } from "../server/serve.ts";

const token = "token-of-the-caller-".repeat(2);

/** What an agent's code knows; held as whoever is careful holds it. */
const password = new Secret("canary-known-to-the-agent");
const canary = "canary-in-the-request";

/** What an agent does, by the word that its input has. */
const deeds: Readonly<Record<string, (secret: string) => unknown>> = {
  nothing: () => "done",
  "an error's message": (secret) => {
    throw new Error(`connect postgres://app:${secret}@db failed`);
  },
  "an error's cause": (secret) => {
    throw new Error("no", { cause: new Error(secret) });
  },
  "an error's own members": (secret) => {
    throw Object.assign(new Error("no"), { config: { headers: { "x-key": secret } }, url: `?key=${secret}` });
  },
  "an error's name": (secret) => {
    throw Object.assign(new Error("no"), { name: secret });
  },
  "an error's stack": (secret) => {
    throw Object.assign(new Error("no"), { stack: `Error\n    at ${secret} (file.js:1:1)` });
  },
  "errors of an aggregate": (secret) => {
    throw new AggregateError([new Error(secret)], secret);
  },
  "a text that is thrown": (secret) => {
    throw secret;
  },
  "an object that is thrown": (secret) => {
    throw { secret };
  },
  "an AtomicError of its own": (secret) => {
    throw new AtomicError("CONFIG", secret, {
      details: { path: secret, expected: secret, got: secret },
      hint: secret,
    });
  },
  "a refusal as a service has it": (secret) => {
    throw new AtomicError("FORBIDDEN", secret, { details: { needs: secret }, hint: secret });
  },
  "an output that breaks the contract": (secret) => ({ secret }),
};

const Task = z.object({ deed: z.string(), note: z.string().optional() });

const agent = defineAgent({
  name: "deeds",
  description: "Does what it is told, and gives nothing of it back.",
  input: Task,
  output: z.string(),
  // What breaks the contract comes from code without types.
  execute: ({ deed, note }) => (deeds[deed]?.(note ?? password.reveal()) ?? "done") as string,
});
const broken = defineAgent({
  name: "broken",
  description: "Breaks its contract with a secret.",
  input: Task,
  output: z.string(),
  // What a caller without types gives.
  execute: ({ note }) => ({ [note ?? "x"]: note }) as never,
});
const all = fallback([broken, broken], { name: "all" });
const calling = defineAgent({
  name: "calling",
  description: "Has another run fail, and fails by it.",
  input: Task,
  output: z.unknown(),
  execute: async (input) => {
    await broken.run(input).catch((cause: unknown) => {
      throw input.deed === "wrap" ? new Error("no", { cause: new AggregateError([cause], "one") }) : cause;
    });
  },
});
const nested = pipeline("nested").stage("both", parallel({ deeds: agent, again: agent }));

async function serving() {
  const lines: string[] = [];
  const service = await serve([agent, broken, all, calling, nested], {
    port: 0,
    handleSignals: false,
    drainDelayMs: 0,
    log: createLog({ level: "debug", write: (line) => lines.push(line) }),
    tokens: [{ name: "ada", value: token }],
  });
  onTestFinished(() => service.close());
  return { service, lines };
}

interface Sent {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends a request, and gives all that comes back, heads included. */
function send(
  { port }: RunningService,
  { path = "/agents/deeds/execute", headers, body }: Sent,
): Promise<string> {
  const type = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const method = body === undefined ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    request({ port, path, method, headers: { ...type, ...headers } })
      .on("error", reject)
      .on("response", (answer) => {
        let text = `${answer.statusCode} ${answer.rawHeaders.join(" ")} `;
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("end", () => resolve(text));
      })
      .end(body);
  });
}

/** What was seen anywhere of what nobody may see. */
async function seen(service: RunningService, answers: readonly string[], lines: readonly string[]) {
  const metrics = await send(service, { path: "/metrics" });
  expect(metrics).toContain("atomic_requests_total");
  return [...answers, ...lines, metrics].filter((text) =>
    [canary, password.reveal(), token, Buffer.from(canary).toString("base64")].some((secret) =>
      text.includes(secret),
    ),
  );
}

const ask = (input: unknown, context?: unknown) => JSON.stringify({ input, context });
const nothing = ask({ deed: "nothing" });

const requests: Readonly<Record<string, Sent>> = {
  "the token itself": { body: nothing },
  "a wrong token": { body: nothing, headers: { authorization: `Bearer ${canary}-${canary}` } },
  "credentials of another scheme": { body: nothing, headers: { authorization: `Basic ${btoa(canary)}` } },
  cookies: { body: nothing, headers: { cookie: `session=${canary}` } },
  "headers of its own": { body: nothing, headers: { "x-api-key": canary, [canary]: "1" } },
  "headers that browsers send": { body: nothing, headers: { "user-agent": canary, referer: canary } },
  "headers of proxies": {
    body: nothing,
    headers: { "x-forwarded-for": canary, forwarded: canary, via: canary },
  },
  "a trace": {
    body: nothing,
    headers: { traceparent: canary, tracestate: canary, baggage: `key=${canary}` },
  },
  "headers that make no sense": {
    body: nothing,
    headers: { "atomic-timeout-ms": canary, "atomic-budget": canary },
  },
  "a request id that is none": { body: nothing, headers: { "x-request-id": `${canary} ${canary}` } },
  "the query": { path: `/agents/deeds/execute?key=${canary}`, body: nothing },
  "a body that is fine": { body: ask({ deed: "nothing", note: canary }) },
  "what the context has": {
    body: ask({ deed: "nothing" }, { userId: canary, sessionId: canary, metadata: { [canary]: canary } }),
  },
  "a body that is no JSON": { body: `{"input": ${canary}` },
  "a body that is too deep": { body: `{"input":${"[".repeat(100)}"${canary}"${"]".repeat(100)}}` },
  "an output that breaks the contract": {
    path: "/agents/broken/execute",
    body: ask({ deed: "x", note: canary }),
  },
  "outputs that break contracts, all of a fallback": {
    path: "/agents/all/execute",
    body: ask({ deed: "x", note: canary }),
  },
  "an output of another run that breaks the contract": {
    path: "/agents/calling/execute",
    body: ask({ deed: "x", note: canary }),
  },
  "an output that breaks the contract, as the cause of another error": {
    path: "/agents/calling/execute",
    body: ask({ deed: "wrap", note: canary }),
  },
};

describe("a secret in a request", () => {
  test.each(Object.entries(requests))("is not seen: %s", async (_where, sent) => {
    const { service, lines } = await serving();
    const answers = [await send(service, sent)];
    expect(answers[0]).not.toMatch(/^404/);
    expect(lines.length).toBeGreaterThan(0);
    expect(await seen(service, answers, lines)).toEqual([]);
  });

  test("is seen by whoever sent it alone, where it breaks a contract, names a path, or is refused as a header", async () => {
    const { service, lines } = await serving();
    await send(service, { body: ask({ deed: { [canary]: canary }, note: 1 }) });
    await send(service, { path: `/runs/${canary}` });
    await send(service, { path: `/agents/${canary}/execute`, body: nothing });
    await send(service, { path: `/${canary}`, body: nothing });
    await send(service, { body: nothing, headers: { host: `${canary}.example` } });
    await send(service, { body: nothing, headers: { origin: `https://${canary}.example` } });
    await send(service, { body: nothing, headers: { "content-type": `text/${canary}` } });
    await send(service, { path: `/agents/${canary}` });
    expect(await seen(service, [], lines)).toEqual([]);
  });
});

describe("a secret that an agent's code knows", () => {
  /** Has it done on every way there is. */
  const done = async (service: RunningService, input: unknown) => {
    const body = JSON.stringify({ input });
    const lines = { "content-type": "application/x-ndjson" };
    return [
      await send(service, { body }),
      await send(service, { body, path: "/agents/nested/execute" }),
      await send(service, { body, path: "/agents/deeds/stream" }),
      await send(service, { body: JSON.stringify(input), path: "/agents/deeds/records", headers: lines }),
      await send(service, { body, headers: { "idempotency-key": "k-1" } }),
      await send(service, { body, headers: { "idempotency-key": "k-1" } }),
    ];
  };

  test.each(Object.keys(deeds))("is not seen: %s", async (deed) => {
    const { service, lines } = await serving();
    const answers = await done(service, { deed });
    expect(answers.map((answer) => answer.slice(0, 3))).not.toContain("404");
    expect(answers.join("\n")).not.toMatch(/\bat .*\.(?:ts|js):\d/);
    expect(await seen(service, answers, lines)).toEqual([]);
  });

  test.each(Object.keys(deeds))("is not answered even where it is not held as a secret: %s", async (deed) => {
    const { service } = await serving();
    expect(await seen(service, await done(service, { deed, note: canary }), [])).toEqual([]);
  });
});
