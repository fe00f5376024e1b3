import { Type, type Static } from "typebox"
import { JobShape } from "./jobs.ts"
import type { RouteSchemas } from "./route.ts"
import { choice, IdParams, Name, NameOrId, page, Paging, pluginValue, Reference, strict, Time } from "./shapes.ts"

/** A host the engine can run scripts on. */
export const EnvironmentShape = Type.Object({
  id: Type.String(),
  name: Type.String(),
  kind: choice(["local"]),
  user: Type.Optional(Type.String({ description: "OS user commands run as; the engine's own when absent." })),
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

export const environmentRoutes = {
  listEnvironments: { tag: "environments", summary: "List environments.", query: Type.Object(Paging), status: 200, reply: page(EnvironmentShape) },
  addEnvironment: {
    tag: "environments", summary: "Add the engine's own machine as an environment and discover what is on it.", status: 202,
    body: Type.Object(
      {
        name: Name,
        kind: choice(["local"]),
        user: Type.Optional(Type.String({ pattern: "^[a-z_][a-z0-9_.-]{0,31}\\$?$", description: "OS user commands run as." })),
      },
      strict,
    ),
    reply: Type.Object({ environment: EnvironmentShape, job: JobShape }),
  },
  showEnvironment: { tag: "environments", summary: "Show an environment.", params: IdParams, status: 200, reply: EnvironmentShape },
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
