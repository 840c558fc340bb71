/** Compiles, or the types are wrong: each `@ts-expect-error` has to be one. */
import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import {
  type AnySchema,
  anything,
  arrayOf,
  type InferInput,
  type InferOutput,
  intersectionOf,
  isSchema,
  objectOf,
  type Schema,
  tupleOf,
  unionOf,
  type Validated,
} from "./index.ts";
import { fromJsonSchema } from "./json-schema/index.ts";
import { fromValibot } from "./valibot/index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** `same<A, B>(true)` compiles where both are the very same type. */
declare function same<A, B>(answer: Same<A, B>): void;
same<1, 1>(true);
// @ts-expect-error 1 is not 2
same<1, 2>(true);
// @ts-expect-error a type that would pass for any other is not unknown, so that none leaks
same<ReturnType<typeof JSON.parse>, unknown>(true);

// The four types.
const Zod = z.object({ at: z.coerce.date(), n: z.string().transform(Number), d: z.int().default(1) });
same<InferInput<typeof Zod>, { at: unknown; n: string; d?: number | undefined }>(true);
same<InferOutput<typeof Zod>, { at: Date; n: number; d: number }>(true);
const Ark = type({ n: "string.numeric.parse", "o?": "'a' | 'b'" });
same<InferInput<typeof Ark>, { n: string; o?: "a" | "b" }>(true);
same<InferOutput<typeof Ark>, { n: number; o?: "a" | "b" }>(true);
const Valibot = v.object({
  n: v.pipe(v.string(), v.toNumber(), v.number()),
  o: v.optional(v.picklist(["a"])),
});
same<InferInput<typeof Valibot>, { n: string; o?: "a" | undefined }>(true);
same<InferOutput<typeof Valibot>, { n: number; o?: "a" | undefined }>(true);

// Every vendor's schema is a schema, and says of which types.
const schemas: readonly AnySchema[] = [Zod, Ark, Valibot, anything(), fromJsonSchema(true)];
const text: Schema<string, number> = z.string().transform((value) => value.length);
const wider: Schema<unknown, unknown> = text;
// @ts-expect-error takes strings, not numbers
const wrong: Schema<number, number> = text;
// @ts-expect-error hands on numbers, not strings
const wrongOutput: Schema<string, string> = text;
// @ts-expect-error is no schema
const none: AnySchema = { type: "string" };

declare function infer<S extends AnySchema>(schema: S): { input: InferInput<S>; output: InferOutput<S> };
same<ReturnType<typeof infer<typeof text>>, { input: string; output: number }>(true);
const inferred = infer(Zod);
same<typeof inferred.output, { at: Date; n: number; d: number }>(true);

declare const value: unknown;
if (isSchema(value)) same<typeof value, AnySchema>(true);
declare const validated: Validated<string>;
if (validated.issues) same<(typeof validated.issues)[0]["message"], string>(true);
else same<typeof validated.value, string>(true);

// What is said of a JSON Schema is believed; nothing else is known.
same<InferOutput<ReturnType<typeof fromJsonSchema<{ a: string }>>>, { a: string }>(true);
const guessed = fromJsonSchema({ type: "string" });
same<InferOutput<typeof guessed>, unknown>(true);
const literal = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
fromJsonSchema(literal);
// @ts-expect-error no JSON Schema
fromJsonSchema("string");
// @ts-expect-error no such option
fromJsonSchema({}, { format: "assert" });

// A wrapped schema is of the type it was.
const Wrapped = fromValibot(Valibot);
same<typeof Wrapped, typeof Valibot>(true);
v.parse(Wrapped, {});
// @ts-expect-error no schema at all
fromValibot({});

// Composed schemas.
const Slots = objectOf({ zod: Zod, ark: Ark });
same<
  InferInput<typeof Slots>,
  { zod: { at: unknown; n: string; d?: number | undefined }; ark: { n: string; o?: "a" | "b" } }
>(true);
same<
  InferOutput<typeof Slots>,
  { zod: { at: Date; n: number; d: number }; ark: { n: number; o?: "a" | "b" } }
>(true);
const List = arrayOf(text);
same<InferInput<typeof List>, readonly string[]>(true);
same<InferOutput<typeof List>, number[]>(true);
const Pair = tupleOf([text, Ark]);
same<InferInput<typeof Pair>, readonly [string, { n: string; o?: "a" | "b" }]>(true);
same<InferOutput<typeof Pair>, [number, { n: number; o?: "a" | "b" }]>(true);
const Either = unionOf([text, z.boolean(), type("null")]);
same<InferInput<typeof Either>, string | boolean | null>(true);
same<InferOutput<typeof Either>, number | boolean | null>(true);
const Both = intersectionOf([z.object({ a: z.string() }), z.object({ b: z.string().transform(Number) })]);
same<InferInput<typeof Both>, { a: string } & { b: string }>(true);
same<InferOutput<typeof Both>, { a: string } & { b: number }>(true);
const Unions = intersectionOf([z.union([z.string(), z.number()]), z.union([z.number(), z.boolean()])]);
same<InferOutput<typeof Unions>, number>(true);
const Nothing = anything();
same<InferOutput<typeof Nothing>, unknown>(true);
// @ts-expect-error a slot that is no schema
objectOf({ a: "string" });
// @ts-expect-error a member that is no schema
unionOf([1]);

export { none, schemas, wider, wrong, wrongOutput };
