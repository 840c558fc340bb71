import { contentParts } from "../history/content-parts.ts";
import type { Media, MediaKind } from "../history/media.ts";
import type { Message, Turn } from "../history/message.ts";
import type { EstimateTokens } from "./estimate.ts";

/** What providers put around each message. */
const tokensPerMessage = 4;

/**
 * What media cost at least, and how many bytes make a token where more bytes cost more. Providers differ and go by
 * pixels, pages and seconds, which only a reader of the format knows: these are the upper end of what is usual.
 */
const mediaCosts: Readonly<Record<MediaKind, { readonly least: number; readonly bytesPerToken?: number }>> = {
  // The most that the large providers take for one picture that they have scaled down.
  image: { least: 1_600 },
  // 32 tokens a second, of 64 kbit/s.
  audio: { least: 500, bytesPerToken: 250 },
  // 3,000 tokens a page, of 50 kB.
  pdf: { least: 3_000, bytesPerToken: 17 },
  // 300 tokens a second, of 2 Mbit/s.
  video: { least: 3_000, bytesPerToken: 830 },
};

/** What media cost, as good as it can be told without looking into them. */
export function tokensOfMedia({ kind, byteLength = 0 }: Media): number {
  const { least, bytesPerToken } = mediaCosts[kind];
  return Math.max(least, bytesPerToken === undefined ? 0 : Math.ceil(byteLength / bytesPerToken));
}

/** What a message costs, with what is around it. */
function tokensOfMessage(message: Message, estimate: EstimateTokens): number {
  const { text = "", media } = contentParts(message.content);
  let tokens = tokensPerMessage + estimate(text);
  for (const one of media) tokens += tokensOfMedia(one);
  if (message.role === "assistant") {
    for (const { name, input } of message.toolCalls ?? []) {
      tokens += tokensPerMessage + estimate(name) + estimate(contentParts(input).text ?? "");
    }
  }
  return tokens;
}

/** Turns never change, so each is counted once for each way of estimating. */
const counted = new WeakMap<EstimateTokens, WeakMap<Turn, number>>();

/** What a turn costs. */
export function tokensOfTurn(turn: Turn, estimate: EstimateTokens): number {
  let turns = counted.get(estimate);
  if (turns === undefined) {
    turns = new WeakMap();
    counted.set(estimate, turns);
  }
  let tokens = turns.get(turn);
  if (tokens === undefined) {
    tokens = 0;
    for (const message of turn.messages) tokens += tokensOfMessage(message, estimate);
    turns.set(turn, tokens);
  }
  return tokens;
}

/** What messages cost together. */
export function tokensOfMessages(messages: readonly Message[], estimate: EstimateTokens): number {
  let tokens = 0;
  for (const message of messages) tokens += tokensOfMessage(message, estimate);
  return tokens;
}
