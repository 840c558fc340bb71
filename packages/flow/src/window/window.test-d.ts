import { expectTypeOf, test } from "vitest";
import { type Flow, flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";

interface Sale {
  readonly at: string;
  readonly day: Date;
  readonly country: string;
  readonly price: number;
  readonly note: string | null;
  readonly tags: readonly string[];
}

const sales = flow(fromIterable<Sale>([]));

test("a window's record has the keys, the window and the figures", () => {
  const windows = sales.window({
    time: "at",
    tumbling: { sizeMs: 1 },
    by: ["country"],
    calculate: { sales: { count: true }, total: { sum: "price" }, last: { max: "note" } },
  });
  expectTypeOf(windows).toExtend<
    Flow<{
      country: string;
      windowStart: string;
      windowEnd: string;
      sales: number;
      total: number;
      last: string | null;
    }>
  >();
  const all = sales.window({ time: "day", session: { gapMs: 1 }, calculate: { total: { sum: "price" } } });
  expectTypeOf(all).toExtend<Flow<{ windowStart: string; total: number }>>();
});

test("keys that hold no times and no such values are refused", () => {
  const options = { session: { gapMs: 1 }, calculate: {} } as const;
  // @ts-expect-error there is an array
  sales.window({ ...options, time: "tags" });
  // @ts-expect-error there is no such key
  sales.window({ ...options, time: "when" });
  // @ts-expect-error gives no time
  sales.window({ ...options, time: (sale) => sale.tags });
  // @ts-expect-error there is a text
  sales.window({ ...options, time: "at", calculate: { total: { sum: "country" } } });
  // @ts-expect-error there is an array
  sales.window({ ...options, time: (sale) => sale.at, by: ["tags"] });
  expectTypeOf(sales.window({ ...options, time: (sale) => sale.at })).toExtend<Flow<{ windowEnd: string }>>();
});
