export type { CallAnswer, CallContext, CallRequest, Problem } from "./wire.ts";
