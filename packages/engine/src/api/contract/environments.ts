import { Type, type Static } from "typebox"
import { JobShape } from "./jobs.ts"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, Name, NameOrId, page, Paging, pluginValue, Reference, strict, Time } from "./shapes.ts"

/** A host the engine can run scripts on. */
export const EnvironmentShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: choice(["local", "ssh"]),
  user: Type.Optional(Type.String({ description: "OS user commands run as; the engine's own when absent." })),
  ssh: Type.Optional(Type.Object({
    host: Type.String(), port: Type.Integer(),
    user: Type.String({ description: "Who logs in." }),
    hostKey: Type.String({ description: "The host key it must present: its kind and SHA-256 fingerprint." }),
    login: choice(["password", "keyPair", "agent", "reference"]),
    reference: Type.Optional(Type.String()),
  }, { description: "How a host over SSH is reached." })),
  createdAt: Time,
  refreshedAt: Type.Optional(Time),
})
export type Environment = Static<typeof EnvironmentShape>

const found = {
  id: Type.String(),
  name: Type.String(),
  plugin: Type.String(),
  environment: Reference,
  definition: pluginValue("As the plugin describes it."),
  vanishedAt: Type.Optional(Type.String({ format: "date-time", description: "Since when discovery no longer finds it." })),
}

/** Software found on an environment. */
export const RepositoryShape = Type.Object(found)
export type Repository = Static<typeof RepositoryShape>

/** One body of data a repository serves. */
export const SourceConfigShape = Type.Object({ ...found, repository: Reference, manual: Type.Boolean({ description: "Entered by a person, and kept as it is." }) })
export type SourceConfig = Static<typeof SourceConfigShape>

const PortShape = Type.Object({ port: Type.Integer(), owner: Type.String({ description: "`dsource/<id>` or `vdb/<id>`." }), label: Type.String() })

const sourceFilter = Type.Object({
  ...Paging,
  environment: Type.Optional(NameOrId),
  plugin: Type.Optional(Type.String({ description: "Plugin id." })),
})

const OS_USER = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}\\$?$"
const OsUser = Type.String({ pattern: OS_USER })
const HostName = Type.String({ pattern: "^[A-Za-z0-9_](?:[A-Za-z0-9_.:%-]{0,251}[A-Za-z0-9_])?$", description: "Name or address." })
const PortNumber = Type.Integer({ minimum: 1, maximum: 65_535 })
const HostKeyText = Type.String({ minLength: 1, maxLength: 8_192, description: "Its SHA-256 fingerprint, or the line of its public key file." })

const LoginShape = Type.Union(
  [
    Type.Object({ type: Type.Literal("password"), password: Type.String({ minLength: 1, maxLength: 1_024 }) }, strict),
    Type.Object({ type: Type.Literal("keyPair"), privateKey: Type.String({ minLength: 1, maxLength: 65_536 }), passphrase: Type.Optional(Type.String({ maxLength: 1_024 })) }, strict),
    Type.Object({ type: Type.Literal("agent") }, strict),
    Type.Object({ type: Type.Literal("reference"), reference: Type.String({ minLength: 1, maxLength: 600 }) }, strict),
  ],
  { description: "A password, a private key in PEM or OpenSSH form, the agent the engine was started with, or a reference into a secret store." },
)
export type LoginBody = Static<typeof LoginShape>

export const environmentRoutes = {
  listEnvironments: { tag: "environments", summary: "List environments.", query: Type.Object(Paging), status: 200, reply: page(EnvironmentShape) },
  addEnvironment: {
    tag: "environments", summary: "Add the engine's own machine, or a host over SSH, as an environment and discover what is on it.", status: 202,
    body: Type.Union([
      Type.Object({ name: Name, kind: Type.Literal("local"), user: Type.Optional(Type.String({ pattern: "^[a-z_][a-z0-9_.-]{0,31}\\$?$", description: "OS user commands run as." })) }, strict),
      Type.Object(
        {
          name: Name,
          kind: Type.Literal("ssh"),
          user: Type.Optional(Type.String({ pattern: OS_USER, description: "OS user commands run as, by sudo where it is not the one who logs in." })),
          ssh: Type.Object(
            {
              host: HostName, port: Type.Optional(PortNumber), user: OsUser, login: LoginShape,
              hostKey: Type.Optional(Type.String({ ...HostKeyText, description: "Its SHA-256 fingerprint, or the line of its public key file; the key presented now is trusted without it." })),
            },
            strict,
          ),
        },
        strict,
      ),
    ]),
    reply: Type.Object({ environment: EnvironmentShape, job: JobShape }),
  },
  showEnvironment: { tag: "environments", summary: "Show an environment.", params: IdParams, status: 200, reply: EnvironmentShape },
  updateEnvironment: {
    tag: "environments", summary: "Change how a host over SSH is reached.", params: IdParams, status: 200,
    body: Type.Object({ host: Type.Optional(HostName), port: Type.Optional(PortNumber), login: Type.Optional(LoginShape), hostKey: Type.Optional(HostKeyText) }, strict),
    reply: EnvironmentShape,
  },
  refreshEnvironment: { tag: "environments", summary: "Discover again what is on an environment.", params: IdParams, status: 202, reply: JobShape },
  removeEnvironment: { tag: "environments", summary: "Remove an environment on which nothing stands.", params: IdParams, status: 204 },
  listEnvironmentPorts: { tag: "environments", summary: "List the TCP ports promised on an environment.", params: IdParams, status: 200, reply: page(PortShape) },
  listRepositories: { tag: "environments", summary: "List the software found.", query: sourceFilter, status: 200, reply: page(RepositoryShape) },
  showRepository: { tag: "environments", summary: "Show a repository.", params: IdParams, status: 200, reply: RepositoryShape },
  listSourceConfigs: { tag: "environments", summary: "List the bodies of data found.", query: sourceFilter, status: 200, reply: page(SourceConfigShape) },
  addSourceConfig: {
    tag: "environments", summary: "Enter a source config that discovery does not find.", status: 201,
    body: Type.Object(
      {
        environment: NameOrId,
        plugin: Type.String({ minLength: 1, maxLength: 63 }),
        repository: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "Where several repositories fit." })),
        definition: pluginValue("As the plugin's sourceConfig schema asks."),
      },
      strict,
    ),
    reply: SourceConfigShape,
  },
  removeSourceConfig: { tag: "environments", summary: "Remove a source config that was entered by hand and is not linked.", params: IdParams, status: 204 },
  showSourceConfig: { tag: "environments", summary: "Show a source config.", params: IdParams, status: 200, reply: SourceConfigShape },
} satisfies Record<string, RouteSchemas>
