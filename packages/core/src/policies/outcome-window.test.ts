import fc from "fast-check";
import { expect, test } from "vitest";
import { OutcomeWindow } from "./outcome-window.ts";

test("it counts the last calls, and none before it was cleared", () => {
  const outcomes = fc.array(fc.constantFrom<(0 | 1 | "clear")[]>(0, 1, 0, 1, 0, 1, 0, 1, "clear"), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), outcomes, (size, added) => {
      const window = new OutcomeWindow(size);
      let kept: (0 | 1)[] = [];
      for (const outcome of added) {
        if (outcome === "clear") {
          window.clear();
          kept = [];
        } else {
          window.add(outcome);
          kept = [...kept, outcome].slice(-size);
        }
        expect(window.calls).toBe(kept.length);
        expect(window.failures).toBe(kept.filter((kind) => kind === 1).length);
        expect(window.isFull).toBe(kept.length === size);
      }
    }),
  );
});
