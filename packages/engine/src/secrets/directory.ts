import { constants } from "node:fs"
import { open, realpath } from "node:fs/promises"
import { join } from "node:path"
import { EngineError } from "../errors.ts"
import { CONTENT_LIMIT, credentialsIn } from "./content.ts"
import type { SecretStore } from "./port.ts"

/** A directory with a file for each name; its files are open to the engine's own user only. */
export interface DirectorySettings {
  directory: string
}

const OTHERS = 0o077
/** A pipe among the files must not hold up the engine. */
const WITHOUT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK

/** A store of files. Symbolic links are followed inside the directory, as container platforms mount secrets. */
export function directoryStore(word: string, { directory }: DirectorySettings): SecretStore {
  const unusable = (name: string, what: string, detail: { action?: string } = {}) => new EngineError("credentials_unusable", `${word}:${name} ${what}.`, detail)
  return {
    fetch: async (name) => {
      const root = await realpath(directory).catch(() => undefined)
      if (root === undefined) throw unusable(name, `can't be fetched: the store's directory ${directory} is not there`)
      const path = await realpath(join(root, name)).catch(() => undefined)
      if (path === undefined) throw new EngineError("credentials_missing", `There is no ${word}:${name}.`)
      if (!path.startsWith(`${root}/`)) throw unusable(name, "is a link that leads out of the store")
      const file = await open(path, WITHOUT_WAITING).catch(() => undefined)
      if (!file) throw unusable(name, "can't be read by the engine")
      try {
        const found = await file.stat()
        const { mode, uid, size } = found
        if (!found.isFile()) throw unusable(name, "is no file")
        if ((mode & OTHERS) !== 0) throw unusable(name, "is open to other users", { action: `chmod 600 ${path}` })
        if (uid !== 0 && uid !== process.getuid?.()) throw unusable(name, "belongs to another user")
        if (size > CONTENT_LIMIT) throw unusable(name, "is too large")
        const credentials = credentialsIn(await file.readFile("utf8"))
        if (!credentials) throw unusable(name, "holds neither a password nor a private key")
        return credentials
      } finally {
        await file.close()
      }
    },
  }
}
