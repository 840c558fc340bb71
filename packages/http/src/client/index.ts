export type { CallContext, Problem } from "../wire.ts";
