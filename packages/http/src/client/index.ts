export { callRecords, type CallRecordsOptions, type RecordResult } from "./call-records.ts";
export type { Expectation, Expected, ExpectedContract } from "./check-fit.ts";
export type { ClientOptions } from "./client-options.ts";
export { type Client, createClient, type CreateClientOptions, type ExpectedAgents } from "./create-client.ts";
export { type Remote, type RemoteAgent, remoteAgent, type RemoteAgentOptions } from "./remote-agent.ts";
