export type { ServeOptions } from "./server/options.ts";
export { type RunningService, serve } from "./server/serve.ts";
export type { CallAnswer, CallContext, CallRequest, Problem } from "./wire.ts";
