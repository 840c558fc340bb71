import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { Secret } from "@atomic-agents/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./create-redactor.ts";
import { redactedType } from "./redacted-type.ts";
import { redactRecords } from "./redact-records.ts";

const all = createRedactor();
const masked = (text: string): unknown => all.redact(text).value;

describe("what is found in texts", () => {
  it.each([
    ["write to ada.l+x@mail.example.org.", "write to [email]."],
    ["<ADA@EXAMPLE.COM>,b@c.io", "<[email]>,[email]"],
    ["jörg@müller.de", "[email]"],
    ["a@b, @home, x@localhost, 5@5", "a@b, @home, x@localhost, 5@5"],
    ["pay 4111 1111 1111 1111 now", "pay [card] now"],
    ["pay 4111-1111-1111-1111, 378282246310005", "pay [card], [card]"],
    ["x4111111111111111y", "x[card]y"],
    ["4111 1111 1111 1112", "4111 1111 1111 1112"],
    ["1 of 4111 1111 1111 1111 12", "1 of [card] 12"],
    ["to DE89 3704 0044 0532 0130 00!", "to [iban]!"],
    ["GB29NWBK60161331926819", "[iban]"],
    ["gb29 nwbk 6016 1331 9268 19", "[iban]"],
    ["GB29 NWBK 6016 1331 9268 18", "GB29 NWBK 6016 1331 9268 18"],
    ["call +49 (0)30 1234567", "call [phone]"],
    ["call +1 555-123-4567 or (555) 123-4567", "call [phone] or ([phone]"],
    ["030/1234567, 0151 23456789", "[phone], [phone]"],
    ["0049 30 1234567", "[phone]"],
    [
      "on 2026-01-31, 31.01.2026 and 01/02/2026 at 10:00:00",
      "on 2026-01-31, 31.01.2026 and 01/02/2026 at 10:00:00",
    ],
    [
      "0.12345678, 12345678, 1763740159000, 192.168.100.200",
      "0.12345678, 12345678, 1763740159000, 192.168.100.200",
    ],
    ["550e8400-e29b-41d4-a716-012345678901", "550e8400-e29b-41d4-a716-012345678901"],
    ["id 0000012345 INV-2024-0012345", "id 0000012345 INV-2024-0012345"],
    ["2026-01-31T10:00:00.000Z", "2026-01-31T10:00:00.000Z"],
    ["", ""],
  ])("%j becomes %j", (text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it("looks for what is asked for alone", () => {
    const text = "ada@example.org, +49 30 1234567, 4111 1111 1111 1111, DE89370400440532013000";
    const only = (kind: "email" | "phone" | "card" | "iban"): unknown =>
      createRedactor({ find: [kind] }).redact(text).value;
    expect(only("email")).toBe(text.replace("ada@example.org", "[email]"));
    expect(only("phone")).toBe(text.replace("+49 30 1234567", "[phone]"));
    expect(only("card")).toBe(text.replace("4111 1111 1111 1111", "[card]"));
    expect(only("iban")).toBe(text.replace("DE89370400440532013000", "[iban]"));
  });
});

describe("values", () => {
  it("are looked through, and stay as they were where nothing is found", () => {
    const record = Object.freeze({
      a: 1,
      b: [Object.freeze({ c: "mail a@b.org" }), "x"],
      d: null,
      n: Number.NaN,
    });
    const { value, counts } = all.redact(record);
    expect(value).toEqual({ a: 1, b: [{ c: "mail [email]" }, "x"], d: null, n: Number.NaN });
    expect(counts).toEqual({ email: 1 });
    const clean = { a: ["nothing"], n: Number.NaN };
    expect(all.redact(clean).value).toBe(clean);
  });

  it("of keys are replaced whatever they are", () => {
    const redactor = createRedactor({ keys: ["pin", "users.*.name", "**.password", "list.0"] });
    const record = {
      pin: 1234,
      users: [{ name: "Ada", password: { a: 1 } }, { name: null }],
      deep: { er: { password: "x" } },
      list: ["a", "b"],
      name: "stays, with a@b.org",
    };
    expect(redactor.redact(record)).toEqual({
      value: {
        pin: "[redacted]",
        users: [{ name: "[redacted]", password: "[redacted]" }, { name: null }],
        deep: { er: { password: "[redacted]" } },
        list: ["[redacted]", "b"],
        name: "stays, with a@b.org",
      },
      counts: { key: 5 },
    });
  });

  it("that cannot be looked into are refused", () => {
    for (const odd of [new Date(0), new Map([["a", "a@b.org"]]), 1n, () => 1]) {
      expect(() => all.redact({ odd })).toThrow(/cannot be redacted/);
    }
    let deep: unknown = "a@b.org";
    for (let level = 0; level < 2_000; level++) deep = [deep];
    expect(() => all.redact(deep)).toThrow(/nested more than 500/);
    const proto: unknown = JSON.parse('{"__proto__":{"a":"a@b.org"}}');
    expect(JSON.stringify(all.redact(proto).value)).toBe('{"__proto__":{"a":"[email]"}}');
  });
});

describe("values with many forms", () => {
  const key = fc.constantFrom("a", "b", "pin", "1", "a,b", "__proto__", "toString");
  const leaf = fc.constantFrom<unknown>("ada@example.org", "nothing", 7, Number.NaN, null, undefined);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("value"), { maxLength: 3 }),
      fc
        .uniqueArray(fc.tuple(key, tie("value")), { maxLength: 4, selector: ([name]) => name })
        .map((entries) => Object.fromEntries(entries)),
    ),
  }));
  const options = { find: ["email"], keys: ["pin", "a.*.b", "**.toString"] } as const;

  it("become the same whichever were before them", () => {
    const redactor = createRedactor(options);
    fc.assert(
      fc.property(value, (given) => {
        const { value: made, counts } = redactor.redact(given);
        const fresh = createRedactor(options).redact(given);
        expect(made).toStrictEqual(fresh.value);
        expect(JSON.stringify(made)).toBe(JSON.stringify(fresh.value));
        expect(counts).toEqual(fresh.counts);
        // What has nothing to be found goes on as it is.
        expect(made === given || Number.isNaN(given)).toBe(Object.keys(counts).length === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are read once: what was looked at is what goes on", () => {
    let reads = 0;
    const given = {
      get a() {
        reads++;
        return reads === 1 ? "nothing" : "ada@example.org";
      },
      b: "ada@example.org",
    };
    expect(createRedactor(options).redact(given).value).toEqual({ a: "nothing", b: "[email]" });
    expect(reads).toBe(1);
  });
});

describe("hashes", () => {
  const key = new Secret("correct horse battery", "test key");
  const hashing = createRedactor({ find: ["email", "phone"], keys: ["id"], with: "hash", key });

  it("are the same for the same, however it is written, and depend on the key", () => {
    const { value } = hashing.redact([
      "Ada@Example.org",
      "ada@example.org",
      "bob@example.org",
      "+49 30 1234567",
      "+49-30-1234567",
    ]);
    const [a, b, c, d, e] = value as readonly string[];
    expect(a).toMatch(/^\[email:[a-p]{24}\]$/);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(d).toBe(e);
    const other = createRedactor({ find: ["email"], with: "hash", key: "another key" });
    expect(other.redact("ada@example.org").value).not.toBe(a);
    expect(hashing.redact({ id: { a: 1, b: 2 } }).value).toEqual(
      hashing.redact({ id: { b: 2, a: 1 } }).value,
    );
  });

  it("are refused without a key", () => {
    expect(() => createRedactor({ with: "hash" })).toThrow(/key must be a secret, for with: hash/);
    expect(() => createRedactor({ with: "hash", key: "" })).toThrow(/key must be a secret/);
    expect(() => createRedactor({ key: "x" })).toThrow(/key must be left out for with: mask/);
  });
});

describe("wrong options", () => {
  it.each([
    [{ fnd: [] }, /fnd must be one of find/],
    [{ find: "email" }, /find must be a list of email/],
    [{ find: ["card", "mail"] }, /find.1 must be one of email, phone, card, iban, got "mail"/],
    [{ keys: ["a..b"] }, /has an empty part/],
    [{ keys: ["a.**"] }, /ends in/],
    [{ with: "star" }, /with must be mask or hash/],
    [{ counts: "__proto__" }, /counts must be/],
  ])("%j", (options, message) => {
    expect(() => createRedactor(options as never)).toThrow(message);
  });
});

describe("laws", () => {
  const pieces = fc.constantFrom(
    "a@b.org",
    "@",
    ".",
    "b.c",
    "4111111111111111",
    "4111 1111",
    " 1111 1111",
    "+49",
    " ",
    "-",
    "030",
    "1234567",
    "(",
    ")",
    "/",
    "DE89370400440532013000",
    "GB29 NWBK 6016 1331 9268 19",
    "0",
    "1",
    "x",
    "é",
    "00",
    "555-123-4567",
    "cc",
    "[email]",
    "]",
    ":",
    "\n",
    "😀",
    "_",
  );
  const hostile = fc.oneof(
    fc.array(pieces, { maxLength: 30 }).map((list) => list.join("")),
    fc.string({ maxLength: 60 }),
    fc
      .array(fc.constantFrom("0", "1", "4", "9", " ", "-", "+", ".", "a", "@"), { maxLength: 60 })
      .map((list) => list.join("")),
  );

  it("nothing changes when it is done again", () => {
    const hashing = createRedactor({ with: "hash", key: "key" });
    fc.assert(
      fc.property(hostile, (text) => {
        const once = masked(text);
        expect(masked(once as string)).toBe(once);
        const hashed = hashing.redact(text).value;
        expect(hashing.redact(hashed)).toEqual({ value: hashed, counts: {} });
      }),
      { numRuns: 5_000 },
    );
  });

  it("nothing but what was found is changed", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found: string[] = [];
        const once = masked(text) as string;
        const shape = once.split(/\[(?:email|phone|card|iban)\]/);
        let at = 0;
        for (const part of shape) {
          const next = text.indexOf(part, at);
          expect(next).toBeGreaterThanOrEqual(at);
          at = next + part.length;
          found.push(part);
        }
      }),
    );
  });

  it.each([
    ["@", "@"],
    ["a@", "a@"],
    ["a.", "a."],
    ["1 ", "1 "],
    ["1", "1"],
    ["0-", "0-"],
    ["+", "+"],
    ["+1", "+1"],
    ["(", "("],
    ["DE89 ", "DE89 "],
    ["DE", "DE"],
    ["4111 1111 1111 1112 ", "cards"],
    ["a@b.c-", "domains"],
    ["a@b.", "labels"],
    ["a@-", "hyphens"],
    [" +0", "signs"],
    ["030 ", "groups"],
    ["😀", "pairs"],
  ])(
    "a megabyte of %j is done in one pass",
    (piece) => {
      const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
      // The runner's own limit ends what takes quadratic time.
      expect(typeof masked(text)).toBe("string");
      expect(typeof masked(`${text}@`)).toBe("string");
    },
    30_000,
  );
});

describe("what is known of the output", () => {
  it("holds for what comes out", () => {
    const schema = {
      type: "object",
      properties: {
        mail: { type: "string", format: "email", maxLength: 20 },
        day: { type: "string", format: "date" },
        kind: { enum: ["a", "b"] },
        users: { type: "array", items: { $ref: "#/$defs/User" } },
        pin: { type: "integer", minimum: 1 },
      },
      required: ["mail"],
      additionalProperties: false,
      $defs: {
        User: {
          type: "object",
          properties: { name: { type: "string", minLength: 2 }, age: { type: "integer" } },
        },
      },
    };
    const keys = ["pin", "users.*.age"];
    const type = redactedType(schema, keys);
    expect(type).toMatchObject({
      properties: {
        mail: { type: "string" },
        day: { type: "string", format: "date" },
        pin: { type: ["string", "null"] },
        users: { items: { properties: { age: { type: ["string", "null"] }, name: { type: "string" } } } },
      },
      required: ["mail"],
      additionalProperties: false,
    });
    const redactor = createRedactor({ find: ["email"], keys });
    const record = {
      mail: "someone@example.org",
      day: "2026-01-31",
      kind: "a",
      pin: 7,
      users: [{ name: "a@b.org", age: 3 }],
    };
    const { value } = redactor.redact(record);
    expect(fromJsonSchema(type)["~standard"].validate(value)).toEqual({ value });
  });
});

describe("redactRecords", () => {
  it("is an agent that counts", async () => {
    const agent = redactRecords({ counts: "redacted" });
    expect(agent).toMatchObject({ name: "redact", capabilities: ["data-transformation", "privacy"] });
    const once = await agent.run({ text: "a@b.org, c@d.org" });
    expect(once).toEqual({ text: "[email], [email]", redacted: { email: 2 } });
    expect(await agent.run(once)).toEqual(once);
    await expect(agent.run("a@b.org")).rejects.toMatchObject({ code: "EXECUTION" });
  });
});
