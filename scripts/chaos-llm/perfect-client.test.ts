import { describe, expect, it } from "vitest";
import { type Fate, fateOf, rates } from "./faults.ts";
import { courseOf, expected } from "./perfect-client.ts";

const fates = (causes: readonly Fate["cause"][]) => (call: number) => ({
  cause: causes[call - 1],
  kind: undefined,
});

describe("a perfect client", () => {
  it("counts failures of one answer, not what it is asked to wait for, and asks again for what is broken", () => {
    const policy = { attempts: 3, reasks: 1 };
    expect(courseOf(fates([]), policy)).toEqual({ isDelivered: true, calls: 1 });
    expect(courseOf(fates(["refused", "refused", "refused", "refused"]), policy)).toEqual({
      isDelivered: true,
      calls: 5,
    });
    expect(courseOf(fates(["failed", "cut"]), policy)).toEqual({ isDelivered: true, calls: 3 });
    expect(courseOf(fates(["failed", "cut", "silent"]), policy)).toEqual({ isDelivered: false, calls: 3 });
    expect(courseOf(fates(["failed", "failed", "broken"]), policy)).toEqual({ isDelivered: true, calls: 4 });
    expect(courseOf(fates(["failed", "failed", "broken", "failed"]), policy)).toEqual({
      isDelivered: false,
      calls: 4,
    });
    expect(courseOf(fates(["broken", "broken"]), policy)).toEqual({ isDelivered: false, calls: 2 });
  });

  it("does on average what the rates say", () => {
    const count = 40_000;
    for (const policy of [
      { attempts: 3, reasks: 2 },
      { attempts: 1, reasks: 0 },
      { attempts: 4, reasks: 1 },
    ]) {
      let delivered = 0;
      let calls = 0;
      for (let record = 0; record < count; record++) {
        const course = courseOf((call) => fateOf(7, record, call), policy);
        if (course.isDelivered) delivered++;
        calls += course.calls;
      }
      const { share, calls: callsEach } = expected(policy);
      expect(Math.abs(delivered / count - share)).toBeLessThan(0.01);
      expect(Math.abs(calls / count / callsEach - 1)).toBeLessThan(0.02);
    }
    expect(Object.values(rates).reduce<number>((sum, rate) => sum + rate, 0)).toBeCloseTo(0.7);
  });
});
