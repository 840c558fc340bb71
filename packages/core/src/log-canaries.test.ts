/** Ways in which a secret could slip into a line of a log, each tried with a canary that must not be seen. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { AtomicError } from "./errors/atomic-error.ts";
import { createLog, type Log, type LogFields, type LogOptions } from "./log.ts";
import { Secret } from "./secret.ts";

/** What is logged: the canary's text, and what a careful program holds it in. */
interface Canary {
  readonly text: string;
  readonly secret: unknown;
}

type Slip = (log: Log, canary: Canary) => void;

const warn =
  (fields: (canary: Canary) => LogFields): Slip =>
  (log, canary) =>
    log.warn("m", fields(canary));

/** An error as a client of HTTP throws it: with all that it knows of the request. */
class HttpError extends Error {
  readonly config: unknown;

  constructor(key: string) {
    super("Request failed with status code 401");
    this.config = { url: "https://a.example", params: [["k", key]] };
  }
}

const byValue: Readonly<Record<string, Slip>> = {
  "the message": (log, { text }) => log.warn(`login with ${text} failed`),
  "a field": warn(({ text }) => ({ text })),
  "a field of the log itself": (log, { text }) => log.with({ text }).warn("m"),
  "deep within objects and arrays": warn(({ text }) => ({ a: [{ b: { c: [[text]] } }] })),
  "the name of a property": warn(({ text }) => ({ counts: { [text]: 1 } })),
  "the name of a field": warn(({ text }) => ({ [text]: 1 })),
  "a map, as key and as value": warn(({ text }) => ({ map: new Map([[text, text]]) })),
  "a set": warn(({ text }) => ({ set: new Set([text]) })),
  "the secret itself as a field": warn(({ secret }) => ({ secret_: secret })),
  "the secret itself in a template": (log, { secret }) => log.warn(`with ${String(secret)}`),
  "the secret itself, shown by inspect": (log, { secret }) =>
    log.warn(inspect({ secret }, { showHidden: true })),
  "a copy of the secret": warn(({ secret }) => ({ copy: structuredClone(secret) })),
  "an error's message and stack": warn(({ text }) => ({ error: new Error(`no ${text}`) })),
  "an error's cause": warn(({ text }) => ({ error: new Error("outer", { cause: new Error(text) }) })),
  "the errors of an aggregate": warn(({ text }) => ({ error: new AggregateError([new Error(text)], "all") })),
  "an error's own properties": warn(({ text }) => ({ error: new HttpError(text) })),
  "an AtomicError's details and hint": warn(({ text }) => ({
    error: new AtomicError("EXECUTION", "m", { details: { thrown: text }, hint: `Not ${text}.` }),
  })),
  "a stack alone": warn(({ text }) => ({ stack: new Error(text).stack })),
  "the query of a URL": warn(({ text }) => ({ url: `https://a.example/?k=${encodeURIComponent(text)}` })),
  "a URL as an object": warn(({ text }) => ({
    url: new URL(`https://u:${encodeURIComponent(text)}@a.example/`),
  })),
  "a form": warn(({ text }) => ({ body: new URLSearchParams({ text }).toString() })),
  "an Authorization header in base64": warn(({ text }) => ({
    line: `Basic ${Buffer.from(`ada:${text}`).toString("base64")}`,
  })),
  "hexadecimal digits": warn(({ text }) => ({ dump: Buffer.from(text).toString("hex") })),
  "JSON in a text": warn(({ text }) => ({ body: JSON.stringify({ a: JSON.stringify({ text }) }) })),
  "what toJSON gives": warn(({ text }) => ({ value: { toJSON: () => ({ text }) } })),
  "what a getter gives": warn(({ text }) => ({
    get value() {
      return text;
    },
  })),
  "a boxed text": warn(({ text }) => ({ value: Object(text) as unknown })),
  "where a long text is cut": (log, { text }) => {
    // Somewhere here the cut goes through the canary.
    for (let before = 31_900; before < 32_800; before += 3)
      log.warn("x".repeat(before) + text + "y".repeat(9_000));
  },
  "a text too long as a whole": warn(({ text }) => ({ list: Array.from({ length: 5_000 }, () => text) })),
};

const byKey: Readonly<Record<string, Slip>> = {
  "a password that nobody called a secret": warn(({ text }) => ({ user: { password: text } })),
  headers: warn(({ text }) => ({
    headers: { "Set-Cookie": [text], "x-api-key": text, Authorization: text },
  })),
  "a map of credentials": warn(({ text }) => ({ map: new Map([["client_secret", text]]) })),
  "an object under such a name": warn(({ text }) => ({ CREDENTIALS: { user: "ada", key: text } })),
  "a property of an error": warn(({ text }) => ({
    error: Object.assign(new Error("m"), { accessToken: text }),
  })),
};

/** Whether a line shows the canary, or a stretch of it that says much. */
function isSighted(line: string, text: string): boolean {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  const stretches = [text.slice(0, 10), text.slice(-10)];
  const forms = [
    ...stretches,
    ...stretches.map((one) => encodeURIComponent(one)),
    ...base64,
    bytes.toString("hex"),
  ];
  return forms.some((form) => line.includes(form));
}

function sightings(slip: Slip, canary: Canary, options: LogOptions = {}): readonly string[] {
  const lines: string[] = [];
  slip(createLog({ ...options, write: (line) => lines.push(line) }), canary);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  return lines.filter((line) => isSighted(line, canary.text));
}

/** A canary that no other test has: a secret is guarded in the whole process. */
let count = 0;
function nextText(): string {
  count++;
  return `canary-${count}/sings: tweet + chirp & trill? ${count * 7_919}`;
}

test("there are more than twenty of them", () => {
  expect(Object.keys(byValue).length + Object.keys(byKey).length).toBeGreaterThanOrEqual(20);
});

describe("a secret is not seen through", () => {
  test.each(Object.entries(byValue))("%s", (_name, slip) => {
    const text = nextText();
    const secret = new Secret(text, "bird");
    // Without the names of properties, so that nothing but the value can give it away.
    expect(sightings(slip, { text, secret }, { redactKeys: [] })).toEqual([]);
    expect(secret.reveal()).toBe(text);
  });

  test.each(Object.entries(byKey))("%s", (_name, slip) => {
    const text = nextText();
    expect(sightings(slip, { text, secret: text })).toEqual([]);
  });
});

describe("a text that nobody guards is seen through", () => {
  test.each(Object.entries({ ...byValue, ...byKey }))("%s", (_name, slip) => {
    const text = nextText();
    expect(sightings(slip, { text, secret: text }, { redactKeys: [] })).not.toEqual([]);
  });
});

test("binary data is not shown at all", () => {
  const text = nextText();
  const bytes = Buffer.from(text);
  const views = {
    bytes,
    buffer: new Uint8Array(bytes).buffer,
    view: new DataView(new Uint8Array(bytes).buffer),
  };
  const slip = warn(() => views);
  const lines: string[] = [];
  slip(createLog({ write: (line) => lines.push(line) }), { text, secret: text });
  expect(lines[0]).toContain(`"bytes":"[${bytes.length} bytes]"`);
  expect(lines[0]).not.toContain(String(bytes[0]) + "," + String(bytes[1]));
});
