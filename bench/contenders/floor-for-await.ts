import type { Build } from "../contender.ts";
import { sixParses } from "../floors.ts";

const events = Array.from({ length: 8 }, (_unused, index) => ({ type: "event", atMs: index + 1 }));

/** Gives what is there already, by hand: less than this no source of events can do. */
class Ready implements AsyncIterator<(typeof events)[number]> {
  private upcoming = 0;

  next(): Promise<IteratorResult<(typeof events)[number]>> {
    const value = events[this.upcoming++];
    return Promise.resolve(value === undefined ? { done: true, value: undefined } : { done: false, value });
  }
}

const source = { [Symbol.asyncIterator]: () => new Ready() };

/** Floor (i), then a bare `for await` over eight objects that exist: what the language asks for the loop alone. */
export const floorForAwait: Build = (schemas, stages) => {
  const operation = sixParses(schemas, stages);
  return async (message) => {
    const output = await operation(message);
    let read = 0;
    for await (const event of source) read += event.atMs;
    if (read !== 36) throw new Error(`read ${read} of 36`);
    return output;
  };
};
