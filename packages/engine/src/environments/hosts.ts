import { rm } from "node:fs/promises"
import { join } from "node:path"
import { EngineError } from "../errors.ts"
import { startChild, type StartChild } from "../system/child.ts"
import { DetachedRuns } from "./detached.ts"
import { Launcher } from "./launch.ts"
import { LocalHost } from "./local.ts"
import type { Hosts, HostSettings, NewRemote } from "./port.ts"
import { SshConnection } from "./ssh-connection.ts"
import type { FollowReference } from "./ssh-login.ts"
import { SshHost, type SshShared } from "./ssh.ts"
import { Users } from "./users.ts"

/** Where hosts of this engine keep things. */
export interface HostsOptions {
  /** Detached runs have their folders below it. */
  dataDir: string
  /** Stable over restarts: marks what the engine starts, so that a restarted one finds it. */
  engineId: string
  /** The plugin store: one folder for each unpacked artifact, reachable for every OS user. */
  artifactsDir: string
  /** How programs are started; left out, as child processes. */
  start?: StartChild
  /** Fetches credentials that logins refer to; left out, there are none. */
  follow?: FollowReference
}

/** A host over SSH with its connection, and what both were made from. */
interface Remote {
  made: string
  connection: SshConnection
  host: SshHost
}

/** Makes hosts from environments: the engine's own machine, and those that are reached by SSH. */
export function createHosts({ dataDir, engineId, artifactsDir, start = startChild, follow = noStore }: HostsOptions): Hosts {
  const launcher = new Launcher(new Users(), engineId)
  const runs = new DetachedRuns(join(dataDir, "runs"), { launcher, start })
  const shared: SshShared = { engineId, artifactsDir, launcher, notesDir: join(dataDir, "remote-runs") }
  const remotes = new Map<string, Remote>()

  const remoteOf = (remote: NewRemote): Remote => {
    const made = fingerprint(remote)
    const known = remotes.get(remote.id)
    if (known?.made === made) return known
    known?.connection.close()
    const connection = new SshConnection(remote, follow)
    const fresh = { made, connection, host: new SshHost(remote, connection, shared) }
    remotes.set(remote.id, fresh)
    return fresh
  }
  const hostOf = (settings: HostSettings) => (settings.kind === "local" ? new LocalHost(settings, { launcher, runs, artifactsDir, start }) : remoteOf(settings).host)

  return {
    host: hostOf,
    probe: async (remote) => {
      const connection = new SshConnection(remote, follow)
      try {
        const hostKey = await connection.hostKey()
        await new SshHost(remote, connection, shared).run({ argv: ["true"] })
        return { hostKey }
      } finally {
        connection.close()
      }
    },
    leave: async (settings) => {
      if (settings.kind !== "ssh") return
      const { host, connection } = remoteOf(settings)
      remotes.delete(settings.id)
      try {
        await host.clean()
      } catch {
        // A host that is gone keeps a small folder; it must not keep its environment.
      } finally {
        connection.close()
        await rm(join(shared.notesDir, settings.id), { recursive: true, force: true })
      }
    },
    close: async () => {
      for (const { connection } of remotes.values()) connection.close()
      remotes.clear()
    },
  }
}

/** Of everything that makes a connection another one; kept in memory only. */
function fingerprint({ name, user, ssh: { host, port, user: login, hostKey, login: way } }: NewRemote): string {
  const secrets = way.type === "password" ? [way.password.reveal()] : way.type === "keyPair" ? [way.privateKey.reveal(), way.passphrase?.reveal()] : way.type === "reference" ? [way.reference] : []
  return JSON.stringify([name, user, host, port, login, hostKey, way.type, ...secrets])
}

const noStore: FollowReference = async () => {
  throw new EngineError("credentials_missing", "This engine has no secret stores.")
}
