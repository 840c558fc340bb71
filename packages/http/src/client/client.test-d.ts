/** What types remote agents have. Compiled, never run. */
import { type Agent, defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { createClient, remoteAgent } from "./index.ts";

/** True only for the same type, `readonly`, optional and `any` told apart. */
type Same<TLeft, TRight> =
  (<T>() => T extends TLeft ? 1 : 2) extends <T>() => T extends TRight ? 1 : 2 ? true : false;
declare function check<T extends true>(): T;

const In = z.object({ text: z.string(), times: z.int().default(1) });
const Out = z.object({ text: z.string() });
const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: In,
  output: Out,
  execute: ({ text }) => ({ text }),
});

// Without an expectation nothing is known.
const any = await remoteAgent("http://localhost");
check<Same<Parameters<typeof any.run>[0], unknown>>();
check<Same<Awaited<ReturnType<typeof any.run>>, unknown>>();

// What the caller gives, and what it receives.
const same = await remoteAgent("http://localhost", { expect: shout });
const asAgent: Agent<{ text: string; times?: number | undefined }, { text: string }> = same;
check<Same<Awaited<ReturnType<typeof same.run>>, { text: string }>>();
await same.run({ text: "a" });
// @ts-expect-error the text is missing
await same.run({ times: 1 });
check<Same<typeof asAgent.name, string>>();

// Of a contract alone.
const contract = await remoteAgent("http://localhost", { expect: { input: In, output: Out } });
check<Same<Awaited<ReturnType<typeof contract.run>>, { text: string }>>();
await contract.run({ text: "a" });
// @ts-expect-error a text is no number
await contract.run({ text: 5 });
// @ts-expect-error schemas are expected
await remoteAgent("http://localhost", { expect: { input: 5, output: Out } });

// A whole service.
const agents = { shout };
const client = await createClient<typeof agents>("http://localhost");
check<Same<Awaited<ReturnType<typeof client.agents.shout.run>>, { text: string }>>();
// @ts-expect-error there is no such agent
void client.agents.other;
const checked = await createClient("http://localhost", { expect: agents });
check<Same<Awaited<ReturnType<typeof checked.agents.shout.run>>, { text: string }>>();
