import { type AnyAgent, createLog } from "@atomic-agents/core";
import { type RunningService, serve, type ServeOptions, type ServiceToken } from "@atomic-agents/http";
import { openProject, type Project, requireSound } from "@atomic-agents/project";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { agentOfProject, type Loading } from "../input/named-agent.ts";
import { tokensOfService } from "../input/tokens-of-service.ts";
import { shellWord } from "../output/shell-word.ts";
import { sampleInput } from "../scaffold/sample-input.ts";
import { listenFailure, type SaidWhere } from "../serving/listen-failure.ts";
import { registeredTracer } from "../serving/registered-tracer.ts";
import { serviceLogLevel } from "../serving/service-log-level.ts";
import { serviceText } from "../serving/service-text.ts";
import { tokenFailure } from "../serving/token-failure.ts";
import { stopOnSignals } from "../serving/stop-on-signals.ts";
import { showProblems } from "../runs/show-problems.ts";
import { checkModel, meteredResources } from "../runs/metered-resources.ts";
import { logWriter } from "../terminal/log-writer.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic serve`. */
export interface ServeCommandOptions extends ProjectOptions {
  readonly port?: number;
  readonly host?: string;
  readonly tokenFile?: string;
  readonly allowedHost: readonly string[];
  readonly allowedOrigin: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
  readonly maxInFlight?: number;
  /** Milliseconds. */
  readonly drainDelay?: number;
  /** Milliseconds. */
  readonly drainTimeout?: number;
  /** Undefined where it is not said. */
  readonly accessLog?: boolean | undefined;
  readonly exposeErrors?: boolean;
  /** Milliseconds. */
  readonly loadTimeout?: number;
  /** The model in the place of all. */
  readonly model?: string;
}

/**
 * `atomic serve`: serves agents until it is told to stop.
 *
 * @throws CommandFailure when what it had accepted was not finished, it was told to stop at once, or an agent failed
 * outside of its runs
 */
export async function serveCommand(
  names: readonly string[],
  options: ServeCommandOptions,
  session: Session,
): Promise<void> {
  const { config, profile, model, json = false } = options;
  const { status, interruption, reader, whenStray } = session;
  const project = await openProject({ config, profile });
  // Settings with a mistake count for nothing, and who meant to ask for tokens must not serve without.
  const served = names.length > 0 ? names : project.settings.serve.agents;
  await showProblems(project.directory, options, session, async () =>
    requireSound(project, { agents: served }),
  );
  const tokens = tokensOf(options.tokenFile, project);
  const agents = await agentsOf(project, served ?? [], options, interruption.signal);
  await checkModel(project, model);
  const log = createLog({ level: serviceLogLevel(options, project), write: logWriter(status, "runs") });
  const { resources, uses } = meteredResources(project, model, log);
  // Nothing more is written there; whoever has read the address may go.
  const stopReading = reader.whenGone(() => {});
  let isServing = false;
  try {
    const registered = await registeredTracer();
    const service = await started(agents, whereSaid(project, options), {
      ...settingsOf(project, options),
      tokens,
      log,
      tracer: registered?.tracer,
      resources,
      tokenUses: {
        get uses() {
          return uses();
        },
      },
      handleSignals: false,
    });
    isServing = true;
    const stopping = stopOnSignals(service, interruption, {
      onStop: (signal) => {
        if (status.live && signal === "SIGINT") status.writeLine("Stopping. Ctrl-C again ends it at once.");
      },
      finish: async () => {
        try {
          await resources.close();
        } finally {
          await registered?.send(log);
        }
      },
    });
    let hasFailed = false;
    whenStray((error) => {
      hasFailed = true;
      log.error("an agent failed outside of its runs; the service stops", { error });
      void service.close();
    });
    process.stdout.write(
      serviceText({
        url: service.url,
        agents,
        hasTokens: tokens !== undefined,
        example: await exampleOf(agents[0]),
        json,
      }),
    );
    const exitCode = await stopping;
    if (exitCode !== exitCodes.done) throw new CommandFailure(undefined, exitCode);
    if (hasFailed) throw new CommandFailure(undefined, exitCodes.failed);
  } finally {
    stopReading();
    if (!isServing) await resources.close();
  }
}

/** @throws UsageError for a name that no agent has, or when there is none */
async function agentsOf(
  project: Project,
  names: readonly string[],
  { loadTimeout }: ServeCommandOptions,
  signal: AbortSignal,
): Promise<readonly AnyAgent[]> {
  if (names.length === 0) {
    const own = [...project.agents.keys(), ...project.pipelines.keys()];
    throw new UsageError("Nothing is named to be served", {
      expected: "agents after atomic serve, or settings.serve.agents in the project's file",
      got: "none",
      hint: `atomic serve ${own[0] ?? "summarize"}; atomic list shows all.`,
    });
  }
  const agents: AnyAgent[] = [];
  // One after the other: a second mistake is no help to who mends the first.
  for (const name of new Set(names)) {
    const agent = await agentNamed(project, name, { signal, timeoutMs: loadTimeout });
    const other = agents.findIndex((one) => one.name === agent.name);
    if (other >= 0) {
      throw new UsageError(`Two agents to be served have the name ${JSON.stringify(agent.name)}`, {
        where: name,
        hint: "Agents are served under their own names: give one of them another, or leave it out.",
      });
    }
    agents.push(agent);
  }
  return agents;
}

async function agentNamed(project: Project, name: string, loading: Loading): Promise<AnyAgent> {
  try {
    return await agentOfProject(project, name, loading, "agent");
  } catch (error) {
    if (!project.flows.has(name) && !/\.flow\.(ya?ml|json)$/.test(name)) throw error;
    throw new UsageError(`${JSON.stringify(name)} is a flow, and only agents and pipelines are served`, {
      expected: "the name of an agent or a pipeline, or ./module.ts#export",
      got: name,
      hint: `atomic run ${shellWord(name)} runs it. Records come to an agent of a service by POST /records.`,
      cause: error,
    });
  }
}

/** What the project says, and the options over it. */
function settingsOf({ settings }: Project, options: ServeCommandOptions): ServeOptions {
  const { agents: _agents, tokens: _tokens, ...written } = settings.serve;
  const said: ServeOptions = {
    port: options.port,
    host: options.host,
    allowedHosts: options.allowedHost.length > 0 ? options.allowedHost : undefined,
    allowedOrigins: options.allowedOrigin.length > 0 ? options.allowedOrigin : undefined,
    timeoutMs: options.timeout,
    maxInFlight: options.maxInFlight,
    drainDelayMs: options.drainDelay,
    drainTimeoutMs: options.drainTimeout,
    accessLog: options.accessLog,
    exposeErrors: options.exposeErrors,
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return { ...written, ...Object.fromEntries(given) };
}

/** @throws UsageError */
function tokensOf(file: string | undefined, project: Project): readonly ServiceToken[] | undefined {
  try {
    return tokensOfService(file, project);
  } catch (error) {
    throw tokenFailure(error, file);
  }
}

/** Where the host and the port stand; of one that stands nowhere, where another can be said. */
function whereSaid({ settings }: Project, { host, port }: ServeCommandOptions): SaidWhere {
  const { serve: written } = settings;
  return {
    host: host === undefined && written.host !== undefined ? "settings.serve.host" : "--host",
    port: port === undefined && written.port !== undefined ? "settings.serve.port" : "--port",
  };
}

async function started(
  agents: readonly AnyAgent[],
  where: SaidWhere,
  options: ServeOptions,
): Promise<RunningService> {
  try {
    return await serve(agents, options);
  } catch (error) {
    throw listenFailure(error, options, where);
  }
}

/** An input to begin with, where one can be made. */
async function exampleOf(agent: AnyAgent | undefined): Promise<unknown> {
  return agent === undefined ? undefined : sampleInput(agent.input);
}
