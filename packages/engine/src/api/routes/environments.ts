import { deleteEnvironment, findEnvironment, insertEnvironment, listEnvironments, usersOfEnvironment } from "../../catalog/environments.ts"
import { listJobs } from "../../catalog/jobs.ts"
import { listPorts } from "../../catalog/ports.ts"
import { EngineError } from "../../errors.ts"
import { referringTo } from "../../workflows/references.ts"
import type { ApiContext, Handlers } from "../context.ts"
import { pageOfAll } from "../paging.ts"
import { newJobView } from "../views/jobs.ts"
import { environmentView } from "../views/objects.ts"
import { found } from "./found.ts"

type Operations = "listEnvironments" | "addEnvironment" | "showEnvironment" | "refreshEnvironment" | "removeEnvironment" | "listEnvironmentPorts"

export function environmentHandlers({ engine, verbs }: ApiContext): Handlers<Operations> {
  const { catalog } = engine
  const show = async (id: string) => found(await findEnvironment(catalog, id), "environment", id)
  return {
    listEnvironments: async ({ query }) => {
      const { items, ...rest } = pageOfAll(await listEnvironments(catalog), query, ({ id }) => id)
      return { ...rest, items: items.map(environmentView) }
    },
    addEnvironment: async ({ body }) => {
      const environment = await insertEnvironment(catalog, body)
      if (!environment) throw new EngineError("name_taken", `There is an environment "${body.name}" already.`)
      try {
        const job = await verbs.discover(environment.id)
        return { environment: environmentView(environment), job: newJobView(job) }
      } catch (thrown) {
        await deleteEnvironment(catalog, environment.id)
        throw thrown
      }
    },
    showEnvironment: async ({ params: { id } }) => environmentView(await show(id)),
    refreshEnvironment: async ({ params: { id } }) => newJobView(await verbs.discover((await show(id)).id)),
    removeEnvironment: async ({ params }) => {
      const { id, name } = await show(params.id)
      const users = await usersOfEnvironment(catalog, id)
      if (users.length > 0) throw new EngineError("in_use", `On environment "${name}" stand ${users.join(", ")}.`)
      const referring = await referringTo(engine, id)
      if (referring.length > 0) throw new EngineError("in_use", `Parameters refer to environment "${name}": those of ${referring.join(", ")}.`)
      for (const state of ["queued", "running", "undoing"] as const) {
        const [job] = await listJobs(catalog, { subjectId: id, state }, { limit: 1 })
        if (job) throw new EngineError("conflict", `Job ${job.id} (${job.kind}) works on environment "${name}".`)
      }
      await deleteEnvironment(catalog, id)
      return undefined
    },
    listEnvironmentPorts: async ({ params: { id } }) => {
      const ports = await listPorts(catalog, (await show(id)).id)
      return { items: ports.map(({ port, owner, label }) => ({ port, owner, label })) }
    },
  }
}
