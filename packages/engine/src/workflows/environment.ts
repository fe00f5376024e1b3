import { deleteEnvironment, insertEnvironment, updateSsh, type EnvironmentRecord } from "../catalog/environments.ts"
import { newId } from "../catalog/ids.ts"
import type { JobRecord } from "../catalog/jobs.ts"
import type { SshLogin, SshSettings } from "../environments/port.ts"
import { EngineError } from "../errors.ts"
import { requestDiscover } from "./discover.ts"
import type { Engine } from "./engine.ts"
import { theEnvironment } from "./find.ts"

/** What a person gives to add an environment. */
export type EnvironmentRequest = { name: string; user?: string | undefined } & ({ kind: "local" } | { kind: "ssh"; ssh: Omit<SshSettings, "hostKey"> & { hostKey?: string | undefined } })

/** What can be changed of a host over SSH; the host key is looked at again, and must be the one given, where one is. */
export interface EnvironmentChange {
  host?: string | undefined
  port?: number | undefined
  login?: SshLogin | undefined
  hostKey?: string | undefined
}

/**
 * Adds an environment and asks every plugin what it holds. A host over SSH is logged in to first: the key it presents is the
 * one it must present from now on.
 */
export async function addEnvironment(engine: Engine, request: EnvironmentRequest): Promise<{ environment: EnvironmentRecord; job: JobRecord }> {
  const id = newId()
  const settings = request.kind === "local" ? request : { ...request, ssh: { ...request.ssh, ...(await engine.hosts.probe({ ...request, id })) } }
  const environment = await insertEnvironment(engine.catalog, { ...settings, id })
  if (!environment) throw new EngineError("name_taken", `There is an environment "${request.name}" already.`)
  try {
    return { environment, job: await requestDiscover(engine, id) }
  } catch (thrown) {
    await deleteEnvironment(engine.catalog, id)
    throw thrown
  }
}

/** Changes how a host over SSH is reached, once that has been seen to work. */
export async function updateEnvironment(engine: Engine, nameOrId: string, { host, port, login, hostKey }: EnvironmentChange): Promise<EnvironmentRecord> {
  const environment = await theEnvironment(engine, nameOrId)
  if (environment.kind !== "ssh") throw new EngineError("invalid_request", `"${environment.name}" is the engine's own machine: there is nothing to be changed.`, { action: "Name an environment over SSH." })
  const { ssh } = environment
  const wanted = { host: host ?? ssh.host, port: port ?? ssh.port, user: ssh.user, login: login ?? ssh.login, hostKey: hostKey ?? ssh.hostKey }
  const probed = await engine.hosts.probe({ ...environment, ssh: wanted })
  await updateSsh(engine.catalog, environment.id, { ...wanted, ...probed })
  return theEnvironment(engine, environment.id)
}
