import { type Field, jsonHeaders, othersDuring, pause, quantile, usualOptions } from "../field.ts";
import { exchange, requestBytes } from "../raw.ts";

const workMs = 100;
const maxInFlight = 10;

/** Five times as many requests as there is room for: those that fit are answered, all others told at once to come later. */
export async function overload(field: Field): Promise<void> {
  const target = await field.another({
    ...usualOptions,
    maxInFlight,
    maxQueued: maxInFlight,
    maxQueueMs: 1_000,
  });
  const seconds = field.isFull ? 8 : 2;
  const capacity = (maxInFlight * 1_000) / workMs;
  const everyMs = 1_000 / (5 * capacity);
  const count = seconds * 5 * capacity;
  field.plan(count);
  const bytes = requestBytes("/agents/work/execute", jsonHeaders, `{"input":{"ms":${workMs}}}`);
  const good: number[] = [];
  const shed: number[] = [];
  let others = 0;
  const healthMs: number[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const { answers, ms } = await exchange(target.port, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n", {
        answers: 1,
      });
      healthMs.push(answers[0]?.status === 200 ? ms : -1);
      await pause(20);
    }
  })();
  const beganMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const dueMs = beganMs + index * everyMs - performance.now();
    if (dueMs > 1) await pause(dueMs);
    asked.push(
      exchange(target.port, bytes, { answers: 1, limitMs: 30_000 }).then(({ answers, ms }) => {
        const [answer] = answers;
        if (answer === undefined) return;
        field.applied();
        field.saw(answer);
        if (answer.status === 200) good.push(ms);
        else if (answer.status === 503) shed.push(ms);
        else others++;
      }),
    );
  }
  await Promise.all(asked);
  const tookMs = performance.now() - beganMs;
  isOver = true;
  await looking;
  const healthy = healthMs.filter((ms) => ms >= 0);
  field.figure("offeredPerSecond", (count * 1_000) / tookMs);
  field.figure("goodPerSecond", (good.length * 1_000) / tookMs);
  field.figure("capacityPerSecond", capacity);
  field.figure("shed", shed.length);
  field.figure("goodP99Ms", quantile(good, 0.99));
  field.figure("shedP99Ms", quantile(shed, 0.99));
  field.figure("healthP99Ms", quantile(healthy, 0.99));
  field.hold(good.length >= 0.7 * (tookMs / 1_000) * capacity, `as much is done as can be: ${good.length}`);
  field.hold(shed.length > count / 2, `what there is no room for is refused: ${shed.length} of ${count}`);
  field.hold(quantile(shed, 0.99) < 1_500, "it is refused early");
  field.hold(quantile(shed, 0.5) < 100, "most of it at once");
  field.hold(quantile(good, 0.99) < 2_000, "what is taken does not wait for long");
  field.hold(others === 0, `nothing else is answered: ${others}`);
  field.hold(healthy.length === healthMs.length && healthMs.length > 10, "/health is served all the while");
  field.hold(quantile(healthy, 0.99) < 1_000, "/health is served in a second");
  // And when it is over, all is as before.
  const after = await othersDuring(field, target.port, () => pause(300));
  field.hold(
    after.every((ms) => ms >= 0),
    "all are answered again afterwards",
  );
}
