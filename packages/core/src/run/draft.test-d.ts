/** What a draft of an output is. Compiled, never run. */
import * as z from "zod";
import { defineAgent, type Draft, pipeline, type Run } from "../index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
type Fits<TLeft, TRight> = TLeft extends TRight ? true : false;
declare function check<T extends true>(): T;

interface Report {
  readonly title: string;
  readonly parts: readonly { readonly text: string; readonly score: number | null }[];
  readonly author?: { readonly name: string };
}

// Every property may be missing, at any depth.
interface PartDraft {
  readonly text?: string | undefined;
  readonly score?: number | null | undefined;
}
declare const draft: Draft<Report>;
check<Same<typeof draft.title, string | undefined>>();
check<Fits<typeof draft.parts, readonly PartDraft[] | undefined>>();
check<Fits<readonly PartDraft[] | undefined, typeof draft.parts>>();
check<Fits<typeof draft.author, { readonly name?: string | undefined } | undefined>>();
check<Fits<Record<never, never>, Draft<Report>>>();
check<Same<Draft<readonly string[]>, readonly string[]>>();

// A value is a draft of itself.
check<Fits<Report, Draft<Report>>>();
check<Fits<{ at: Date; tags: Set<string> }, Draft<{ at: Date; tags: Set<string> }>>>();

// What is there as a whole or not at all stays as it is.
check<Same<Draft<string>, string>>();
check<Same<Draft<"a" | "b" | 5 | null>, "a" | "b" | 5 | null>>();
check<Same<Draft<Date>, Date>>();
check<Same<Draft<Map<string, Report>>, Map<string, Report>>>();
check<Same<Draft<Uint8Array>, Uint8Array>>();
check<Same<Draft<(text: string) => number>, (text: string) => number>>();
check<Same<Draft<unknown>, unknown>>();

// A run's partials are drafts of its output.
const write = defineAgent({
  name: "write",
  description: "Writes.",
  input: z.string(),
  output: z.object({ text: z.string(), words: z.array(z.string()) }),
  execute: (text) => ({ text, words: [text] }),
});
const run = write.start("a");
check<Same<typeof run.partials, AsyncIterable<Draft<{ text: string; words: string[] }>>>>();
const chain = pipeline("p")
  .stage(write)
  .map(({ text }) => text, z.string())
  .start("a");
check<Same<typeof chain.partials, AsyncIterable<string>>>();
check<Fits<Run<Report>, Run<unknown>>>();

for await (const written of run.partials) {
  check<Same<typeof written.text, string | undefined>>();
  // @ts-expect-error it may be missing yet
  written.text.trim();
  // @ts-expect-error it is only to be looked at
  written.text = "";
}
