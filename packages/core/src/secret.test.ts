import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import { expect, test } from "vitest";
import { AtomicError } from "./errors/atomic-error.ts";
import { configError } from "./errors/config-error.ts";
import { toAtomicError } from "./errors/to-atomic-error.ts";
import { Secret } from "./secret.ts";

const value = "hunter2-hunter2";
const secret = new Secret(value, "mail key");
const shown = "[secret mail key]";

/** For where the linter, rightly, asks for a text. */
const asText = (one: unknown): string => one as string;

test("reveal gives the value, of any type", () => {
  expect(secret.reveal()).toBe(value);
  const pair = { user: "ada", password: "lovelace" };
  const revealed: { readonly user: string } = new Secret(pair).reveal();
  expect(revealed).toBe(pair);
  expect(new Secret(0).reveal()).toBe(0);
  expect(new Secret("").reveal()).toBe("");
});

/** The ways in which values become text. */
const ways: readonly (readonly [string, (secret: Secret) => unknown, string])[] = [
  ["String", (one) => String(one), shown],
  ["a template", (one) => `${asText(one)}`, shown],
  ["a sum of texts", (one) => "key: " + asText(one), `key: ${shown}`],
  ["join", (one) => [one, one].join(), `${shown},${shown}`],
  ["JSON.stringify", (one) => JSON.stringify({ one }), `{"one":"${shown}"}`],
  ["inspect", (one) => inspect(one), shown],
  ["inspect, within objects", (one) => inspect({ a: [one] }), `{ a: [ ${shown} ] }`],
  ["inspect, all that is hidden", (one) => inspect(one, { showHidden: true, depth: 9 }), shown],
  ["inspect, without its own word", (one) => inspect(one, { customInspect: false }), "label: 'mail key'"],
  ["format", (one) => format("%s %o %O %j", one, one, one, one), `${shown} ${shown} ${shown} "${shown}"`],
  ["an error's message", (one) => new Error(`refused ${asText(one)}`).stack, `refused ${shown}`],
  ["a number", (one) => Number(one), "NaN"],
  ["Object.prototype.toString", (one) => Object.prototype.toString.call(one), "[object Secret]"],
  ["structuredClone", (one) => inspect(structuredClone(one), { showHidden: true }), "{ label: 'mail key' }"],
  ["a copy by spread", (one) => inspect({ ...one }), "{ label: 'mail key' }"],
  ["what goes to another thread", (one) => serialize(one).toString("latin1"), "mail key"],
  ["its properties", (one) => inspect(Object.getOwnPropertyDescriptors(one)), "mail key"],
  ["the message about a wrong option", (one) => configError("x", "y", "z", one).message, "a value of type"],
  ["the message about what was thrown", (one) => toAtomicError(one).message, shown],
];

test.each(ways)("%s does not show it", (_name, way, expected) => {
  const text = String(way(secret));
  expect(text).toContain(expected);
  expect(text).not.toContain(value);
});

test.each(ways.slice(0, 9))("%s would show a text that is no secret", (_name, way) => {
  // As if it were one: what the test above looks for is what it would see.
  expect(String(way(value as unknown as Secret))).toContain(value);
});

test("an error's JSON does not show it", () => {
  const error = new AtomicError("RESOURCE", `no answer with ${asText(secret)}`, {
    // As a program in JavaScript may have it.
    details: { resource: secret as unknown as string, phase: "create" },
    hint: `Look at ${asText(secret)}.`,
    cause: secret,
  });
  expect(JSON.stringify(error)).not.toContain(value);
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    message: `no answer with ${shown}`,
    details: { resource: shown },
    hint: `Look at ${shown}.`,
  });
  expect(inspect(error, { depth: 9 })).not.toContain(value);
});

test("without a label it is just a secret, and it cannot be changed", () => {
  const plain = new Secret(value);
  expect(String(plain)).toBe("[secret]");
  expect(JSON.stringify(structuredClone(plain))).toBe("{}");
  expect(Object.isFrozen(plain)).toBe(true);
});

test("a label must not tell the value, and the error about it does not either", () => {
  expect(() => new Secret(value, `key ${value}`)).toThrow("label must be a name for the value");
  try {
    new Secret(value, `key ${value}`);
  } catch (error) {
    expect(inspect(error)).not.toContain(value);
  }
});
