import { Secret } from "@veneer/sdk"
import { deleteEnvironment, findEnvironment, listEnvironments, usersOfEnvironment } from "../../catalog/environments.ts"
import { listJobs } from "../../catalog/jobs.ts"
import { listPorts } from "../../catalog/ports.ts"
import type { SshLogin } from "../../environments/port.ts"
import { EngineError } from "../../errors.ts"
import { referringTo } from "../../workflows/references.ts"
import type { EnvironmentRequest } from "../../workflows/environment.ts"
import type { ApiContext, Handlers } from "../context.ts"
import type { LoginBody } from "../contract/environments.ts"
import type { Body } from "../contract/routes.ts"
import { pageOfAll } from "../paging.ts"
import { newJobView } from "../views/jobs.ts"
import { environmentView } from "../views/objects.ts"
import { found } from "./found.ts"

type Operations = "listEnvironments" | "addEnvironment" | "updateEnvironment" | "showEnvironment" | "refreshEnvironment" | "removeEnvironment" | "listEnvironmentPorts"

export function environmentHandlers({ engine, verbs }: ApiContext): Handlers<Operations> {
  const { catalog } = engine
  const show = async (id: string) => found(await findEnvironment(catalog, id), "environment", id)
  return {
    listEnvironments: async ({ query }) => {
      const { items, ...rest } = pageOfAll(await listEnvironments(catalog), query, ({ id }) => id)
      return { ...rest, items: items.map(environmentView) }
    },
    addEnvironment: async ({ body }) => {
      const { environment, job } = await verbs.addEnvironment(requestOf(body))
      return { environment: environmentView(environment), job: newJobView(job) }
    },
    updateEnvironment: async ({ params: { id }, body }) => {
      const { login, ...change } = body
      return environmentView(await verbs.updateEnvironment(id, { ...change, ...(login && { login: loginOf(login) }) }))
    },
    showEnvironment: async ({ params: { id } }) => environmentView(await show(id)),
    refreshEnvironment: async ({ params: { id } }) => newJobView(await verbs.discover((await show(id)).id)),
    removeEnvironment: async ({ params }) => {
      const environment = await show(params.id)
      const { id, name } = environment
      const users = await usersOfEnvironment(catalog, id)
      if (users.length > 0) throw new EngineError("in_use", `On environment "${name}" stand ${users.join(", ")}.`)
      const referring = await referringTo(engine, id)
      if (referring.length > 0) throw new EngineError("in_use", `Parameters refer to environment "${name}": those of ${referring.join(", ")}.`)
      for (const state of ["queued", "running", "undoing"] as const) {
        const [job] = await listJobs(catalog, { subjectId: id, state }, { limit: 1 })
        if (job) throw new EngineError("conflict", `Job ${job.id} (${job.kind}) works on environment "${name}".`)
      }
      await deleteEnvironment(catalog, id)
      await verbs.leaveEnvironment(environment)
      return undefined
    },
    listEnvironmentPorts: async ({ params: { id } }) => {
      const ports = await listPorts(catalog, (await show(id)).id)
      return { items: ports.map(({ port, owner, label }) => ({ port, owner, label })) }
    },
  }
}

const DEFAULT_PORT = 22

/** Secrets are such from here on. */
function requestOf(body: Body<"addEnvironment">): EnvironmentRequest {
  const { name, user } = body
  if (body.kind === "local") return { name, user, kind: "local" }
  const { host, port = DEFAULT_PORT, login, hostKey } = body.ssh
  return { name, user, kind: "ssh", ssh: { host, port, user: body.ssh.user, login: loginOf(login), hostKey } }
}

function loginOf(login: LoginBody): SshLogin {
  switch (login.type) {
    case "password":
      return { type: "password", password: new Secret(login.password) }
    case "keyPair":
      return { type: "keyPair", privateKey: new Secret(login.privateKey), ...(login.passphrase !== undefined && { passphrase: new Secret(login.passphrase) }) }
    default:
      return login
  }
}
