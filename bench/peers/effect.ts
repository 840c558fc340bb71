import { Effect, Schema } from "effect";
import type { Build } from "../contender.ts";

/** Effect with its own Schema at all six boundaries; one `runPromise` per operation, as at the edge of a service. */
export const contender: Build = (_schemas, stages) => {
  const Message = Schema.Struct({ text: Schema.String.check(Schema.isMinLength(1)) });
  const Counted = Schema.Struct({
    text: Schema.String,
    words: Schema.Number.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(1)),
  });
  const Share = Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 1 }));
  const Weighed = Schema.Struct({ words: Schema.Number, urgency: Share });
  const Labelled = Schema.Struct({ label: Schema.Literals(["urgent", "normal", "brief"]), score: Share });

  const message = Schema.decodeUnknownEffect(Message);
  const counted = Schema.decodeUnknownEffect(Counted);
  const weighed = Schema.decodeUnknownEffect(Weighed);
  const labelled = Schema.decodeUnknownEffect(Labelled);

  const count = (input: unknown) =>
    Effect.gen(function* () {
      return yield* counted(stages.count(yield* message(input)));
    });
  const weigh = (input: unknown) =>
    Effect.gen(function* () {
      return yield* weighed(stages.weigh(yield* counted(input)));
    });
  const label = (input: unknown) =>
    Effect.gen(function* () {
      return yield* labelled(stages.label(yield* weighed(input)));
    });
  const triage = (input: unknown) =>
    Effect.gen(function* () {
      return yield* label(yield* weigh(yield* count(input)));
    });
  return (input) => Effect.runPromise(triage(input));
};
