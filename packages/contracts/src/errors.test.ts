import { describe, expect, it } from "vitest";
import { ContractError } from "./index.ts";

describe("ContractError", () => {
  it("holds what it was made of, and no more", () => {
    const cause = new Error("why");
    const error = new ContractError({
      code: "BAD_SCHEMA",
      message: "m",
      hint: "h",
      path: "a",
      vendor: "zod",
      cause,
    });
    expect(error).toMatchObject({
      name: "ContractError",
      code: "BAD_SCHEMA",
      message: "m",
      hint: "h",
      path: "a",
    });
    expect(error.cause).toBe(cause);
    const bare = new ContractError({ code: "NOT_JSON", message: "m", hint: "h" });
    expect(Object.keys(bare).sort()).toEqual(["code", "hint", "name"]);
    expect("cause" in bare).toBe(false);
  });

  it("is known by its marker, so that one of another copy of the package is known, too", () => {
    const error = new ContractError({ code: "NOT_JSON", message: "m", hint: "h" });
    expect(ContractError.isInstance(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
    const foreign = Object.assign(new Error("m"), {
      [Symbol.for("@atomic-agents/contracts.ContractError")]: true,
      code: "NOT_JSON",
    });
    expect(ContractError.isInstance(foreign)).toBe(true);
    for (const value of [new Error("m"), null, undefined, "NOT_JSON", { code: "NOT_JSON" }]) {
      expect(ContractError.isInstance(value)).toBe(false);
    }
  });
});
