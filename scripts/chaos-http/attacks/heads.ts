import { type Field, forAll, jsonHeaders, pause } from "../field.ts";

/** Heads that are too large, odd, or lie; and keys that are used wrongly. */
export async function heads(field: Field): Promise<void> {
  await floods(field);
  await values(field);
  await keys(field);
}

const usual = Object.entries({ host: "localhost", ...jsonHeaders })
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");
const rest = 'content-length: 11\r\n\r\n{"input":1}';
const line = "POST /agents/plain/execute HTTP/1.1\r\n";

async function floods(field: Field): Promise<void> {
  const many = (count: number): string =>
    Array.from({ length: count }, (_, index) => `x-${index}: a\r\n`).join("");
  const own = 4;
  const cases: readonly (readonly [string, string, number])[] = [
    ["a value of 17 KiB", `x: ${"a".repeat(17_408)}\r\n`, 431],
    ["a name of 17 KiB", `${"x".repeat(17_408)}: a\r\n`, 431],
    ["a value of 1 MB", `x: ${"a".repeat(1_000_000)}\r\n`, 431],
    ["a value of 10 KiB", `x: ${"a".repeat(10_240)}\r\n`, 200],
    ["101 headers", many(101 - own), 431],
    ["100 headers", many(100 - own), 200],
    ["1,000 headers", many(1_000), 431],
    ["100,000 headers", many(100_000), 431],
    ["one header 1,000 times", "x: a\r\n".repeat(1_000), 431],
    ["cookies without end", `cookie: ${"a=b; ".repeat(4_000)}\r\n`, 431],
  ];
  for (const [what, more, status] of cases) {
    field.plan(1);
    const got = await field.send(line + usual + more + rest, { answers: 1 });
    field.hold(got.answers[0]?.status === status, `${status} for ${what}, got ${got.answers[0]?.status}`);
  }
  for (const target of [`/${"a".repeat(17_000)}`, `/health?${"a=b&".repeat(5_000)}`]) {
    field.plan(1);
    const got = await field.send(`GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`, { answers: 1 });
    field.hold(got.answers[0]?.status === 431, `431 for a long target, got ${got.answers[0]?.status}`);
  }
}

async function values(field: Field): Promise<void> {
  const hop = "%0d%0ax-injected:%201";
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, number])[] = [
    ["a line break in a request id", { "x-request-id": "a\r\nx-injected: 1" }, 200],
    ["an encoded line break in a request id", { "x-request-id": `a${hop}` }, 200],
    ["a carriage return in a request id", { "x-request-id": "a\rx-injected: 1" }, 400],
    ["a NUL in a request id", { "x-request-id": "a\0b" }, 400],
    ["a long request id", { "x-request-id": "a".repeat(10_000) }, 200],
    ["an id as HTML", { "x-request-id": "<script>alert(1)</script>" }, 200],
    ["traceparent of 10 kB", { traceparent: "0".repeat(10_000), "x-chaos": "crash" }, 200],
    ["traceparent with lists", { traceparent: "00-".repeat(3_000) }, 200],
    ["traceparent of zeros", { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-01` }, 200],
    ["traceparent of version ff", { traceparent: `ff-${"a".repeat(32)}-${"b".repeat(16)}-01` }, 200],
    [
      "tracestate of 10 kB",
      { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "a=b,".repeat(2_500) },
      200,
    ],
    ["baggage of 10 kB", { baggage: "a=b,".repeat(2_500) }, 200],
    ["a timeout that is none", { "atomic-timeout-ms": "soon" }, 400],
    ["a timeout of zero", { "atomic-timeout-ms": "0" }, 400],
    ["a timeout below zero", { "atomic-timeout-ms": "-1" }, 400],
    ["a timeout without end", { "atomic-timeout-ms": "9".repeat(400) }, 400],
    ["a timeout as a list", { "atomic-timeout-ms": "1, 2" }, 400],
    ["a timeout with a point", { "atomic-timeout-ms": "1.5" }, 400],
    ["a long timeout", { "atomic-timeout-ms": "9999999999" }, 200],
    ["a budget that is none", { "atomic-budget": "plenty" }, 400],
    ["a budget below zero", { "atomic-budget": "calls=-1" }, 400],
    ["a budget of NaN", { "atomic-budget": "money=NaN" }, 400],
    ["a budget without end", { "atomic-budget": "calls=1,".repeat(1_500) }, 400],
    ["an empty budget", { "atomic-budget": "" }, 400],
    ["a preference for anything", { prefer: 'return=minimal, wait=999999999999, a="b"' }, 200],
    ["preferences without end", { prefer: "a,".repeat(5_000) }, 200],
    ["an expectation of tea", { expect: "tea" }, 417],
    ["a content type that is none", { "content-type": "application/json; charset=utf-7" }, 415],
    ["a content type of 10 kB", { "content-type": `application/json;${" ".repeat(10_000)}x` }, 415],
    ["two content types", { "content-type": "application/json, text/plain" }, 415],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["accepts nothing", { accept: "x/y;q=0", "accept-encoding": "*;q=0" }, 200],
    [
      "forwarded for many",
      { "x-forwarded-for": "1.1.1.1,".repeat(1_000), forwarded: `for=${"a".repeat(2_000)}` },
      200,
    ],
    ["a range", { range: "bytes=0-0,-1" }, 200],
    ["conditions", { "if-none-match": "*", "if-modified-since": "yesterday" }, 200],
  ];
  for (const [what, headers, status] of cases) {
    field.plan(1);
    const answer = await field.post("/agents/plain/execute", '{"input":1}', headers);
    field.hold(answer?.status === status, `${status} for ${what}, got ${answer?.status}`);
    field.hold(answer?.headers["x-injected"] === undefined, `${what}: no header is injected`);
    const id = answer?.headers["x-request-id"] ?? "";
    const isPlain = status === 400 && id === "" ? true : /^[\w.:~+/=@-]{1,128}$/.test(id);
    field.hold(isPlain, `${what}: the request id is plain`);
  }
  for (const path of [
    `/runs/a${hop}`,
    `/agents/a${hop}/execute`,
    `/${hop}`,
    "/%ff",
    "/runs/%c0%af",
    "/agents/%00/execute",
    "/agents/%E0%A4%A/execute",
    "//evil.example/",
    "/\\evil.example",
    "/./../../etc/passwd",
    "/agents/plain/../plain/interface",
  ]) {
    field.plan(1);
    const answer = await field.get(path);
    field.hold(
      answer !== undefined && [200, 400, 404, 405].includes(answer.status),
      `an ordinary answer to ${path}, got ${answer?.status}`,
    );
    field.hold(
      answer?.headers["x-injected"] === undefined && answer?.headers["location"] === undefined,
      `${path}: nothing is injected`,
    );
  }
  for (const method of ["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "PROPFIND", "QUERY", "DELETE"]) {
    field.plan(1);
    const got = await field.send(
      `${method} /agents/plain/execute HTTP/1.1\r\n${usual}connection: close\r\n\r\n`,
    );
    const [answer] = got.answers;
    // The answer to HEAD has no body, which what reads answers here does not know.
    const status = answer?.status ?? Number(/^HTTP\/1\.1 (\d+)/.exec(got.bytes.toString("latin1"))?.[1]);
    field.hold(status === 405, `405 for ${method}, got ${status}`);
  }
}

/** Keys that make a request be executed once. */
async function keys(field: Field): Promise<void> {
  const executions = async (): Promise<number> => (await field.probe()).executions["marked"] ?? 0;
  const key = (text: string): Readonly<Record<string, string>> => ({ "idempotency-key": text });
  const before = await executions();
  field.plan(20 + 3);
  const answers: (number | undefined)[] = [];
  await forAll(Array.from({ length: 20 }), 20, async () => {
    answers.push((await field.post("/agents/marked/execute", '{"input":"once"}', key("key-1")))?.status);
  });
  field.hold(
    answers.every((status) => status === 200),
    "all who repeat a request are answered",
  );
  const once = await field.post("/agents/marked/execute", '{"input":"once"}', key("key-1"));
  field.hold(once?.headers["idempotent-replayed"] === "true", "a repeated request gets the first answer");
  const other = await field.post("/agents/marked/execute", '{"input":"other"}', key("key-1"));
  field.hold(other?.status === 422, `422 for another body, got ${other?.status}`);
  const space = await field.post("/agents/marked/execute", '{"input": "once"}', key("key-1"));
  field.hold(space?.status === 422, `422 for another space, got ${space?.status}`);
  const reached = (await executions()) - before;
  field.hold(reached === 1, `a request with a key is executed once, was ${reached} times`);
  const bad: readonly string[] = [
    "",
    "a b",
    "\u00e9",
    "a".repeat(256),
    "a".repeat(10_000),
    "a\u007f",
    "a, b c",
  ];
  for (const text of bad) {
    field.plan(1);
    const answer = await field.post("/agents/marked/execute", '{"input":1}', key(text));
    field.hold(
      answer?.status === 400,
      `400 for the key ${JSON.stringify(text).slice(0, 20)}, got ${answer?.status}`,
    );
  }
  for (const text of ["__proto__", "constructor", '"', "a".repeat(255), "../../x", "%00"]) {
    field.plan(2);
    const first = await field.post("/agents/marked/execute", '{"input":1}', key(text));
    field.hold(
      first?.status === 200 && first.headers["idempotent-replayed"] === undefined,
      `the key ${text.slice(0, 20)} is new`,
    );
    const again = await field.post("/agents/marked/execute", '{"input":1}', key(text));
    field.hold(again?.headers["idempotent-replayed"] === "true", `the key ${text.slice(0, 20)} is known`);
  }
  // Another agent's keys are others.
  field.plan(1);
  const elsewhere = await field.post("/agents/plain/execute", '{"input":"other"}', key("key-1"));
  field.hold(elsewhere?.status === 200, "keys of other agents are others");
  await pause(0);
}
