import { expect, test } from "vitest";
import { RecordPlaces } from "./record-places.ts";

test("gives so many places, and those that come free to who has waited longest", () => {
  const places = new RecordPlaces({ maxRecordsInFlight: 2 });
  expect([places.take(), places.take(), places.take()]).toEqual([true, true, false]);
  const told: string[] = [];
  const waiterOf = (name: string) => ({ onPlace: () => void told.push(name) });
  const [a, b, c] = [waiterOf("a"), waiterOf("b"), waiterOf("c")];
  for (const waiter of [a, b, c]) places.wait(waiter);
  expect([places.taken, places.waiting]).toEqual([2, 3]);
  places.forget(b);
  places.leave();
  expect(told).toEqual(["a"]);
  // It comes again, and is the last one.
  places.wait(a);
  places.leave();
  places.leave();
  expect(told).toEqual(["a", "c", "a"]);
  expect([places.taken, places.waiting]).toEqual([2, 0]);
  places.leave();
  expect(places.take()).toBe(true);
  places.leave();
  places.leave();
  expect(places.taken).toBe(0);
});
