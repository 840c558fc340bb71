import { describe, expect, it } from "vitest";
import { lazyLoad, lazyValue } from "./lazy.ts";

describe("lazyValue", () => {
  it("makes its value once, when asked, also when that is undefined", () => {
    let made = 0;
    const value = lazyValue(() => {
      made++;
      return undefined;
    });
    expect(made).toBe(0);
    value();
    value();
    expect(made).toBe(1);
  });
});

describe("lazyLoad", () => {
  it("loads once for callers that come together and later", async () => {
    let loads = 0;
    const load = lazyLoad(async () => ++loads);
    expect(loads).toBe(0);
    expect(await Promise.all([load(), load(), load()])).toEqual([1, 1, 1]);
    expect(await load()).toBe(1);
  });

  it("tries again after a failed load", async () => {
    let loads = 0;
    const load = lazyLoad(async () => {
      if (++loads === 1) throw new Error("not there");
      return loads;
    });
    await expect(load()).rejects.toThrow("not there");
    expect(await load()).toBe(2);
  });
});
