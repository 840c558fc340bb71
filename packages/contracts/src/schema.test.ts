import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as zm from "zod/mini";
import { anything, isSchema } from "./index.ts";
import { fromJsonSchema } from "./json-schema/index.ts";

describe("isSchema", () => {
  it("knows the schemas of every vendor, functions among them", () => {
    for (const schema of [
      z.string(),
      zm.string(),
      type("string"),
      v.string(),
      anything(),
      fromJsonSchema(true),
    ]) {
      expect(isSchema(schema)).toBe(true);
    }
  });

  it("knows what is none, and never throws", () => {
    const unreadable = new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
    const standard = { version: 1, vendor: "a", validate: () => ({ value: 1 }) };
    for (const value of [
      null,
      undefined,
      "a",
      1,
      {},
      { type: "string" },
      { "~standard": null },
      { "~standard": { ...standard, version: 2 } },
      { "~standard": { ...standard, vendor: 1 } },
      { "~standard": { ...standard, validate: null } },
      unreadable,
    ]) {
      expect(isSchema(value)).toBe(false);
    }
  });
});
