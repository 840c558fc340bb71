import { AtomicError, configError, type Context } from "@atomic-agents/core";
import { inTime } from "../in-time.ts";
import { dataBlock, oneLine } from "./data-block.ts";
import type { PromptProvider, PromptRequest } from "./prompt-provider.ts";

/** What a provider has for a system prompt. */
export interface ProviderText {
  readonly name: string;
  readonly title: string;
  /** Cut, and marked as data, so that it can be put into a prompt as it is; empty when the provider has nothing. */
  readonly text: string;
}

/** Asks a provider. */
export async function providerText(
  provider: PromptProvider,
  ctx: Context,
  request: PromptRequest,
): Promise<ProviderText> {
  const { name, title, maxChars = 20_000, timeoutMs = 10_000 } = provider;
  const info = await infoOf(provider, ctx, request, timeoutMs);
  if (typeof info !== "string") throw configError(`Prompt provider "${name}"`, "info", "giving a text", info);
  return { name, title: oneLine(title), text: dataBlock(info, maxChars) };
}

async function infoOf(
  provider: PromptProvider,
  ctx: Context,
  request: PromptRequest,
  timeoutMs: number,
): Promise<unknown> {
  try {
    const info: unknown = provider.info(ctx, request);
    return typeof info === "string"
      ? info
      : await inTime(info, ctx, timeoutMs, `Prompt provider "${provider.name}"`);
  } catch (thrown) {
    if (AtomicError.isInstance(thrown)) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new AtomicError("EXECUTION", `Prompt provider "${provider.name}" failed: ${message}`, {
      details: { thrown: message },
      cause: thrown,
    });
  }
}
