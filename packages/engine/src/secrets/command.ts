import { EngineError } from "../errors.ts"
import { CONTENT_LIMIT, credentialsIn } from "./content.ts"
import type { RunProgram, SecretStore } from "./port.ts"

/** A program that is given a name as its last argument and prints the credentials. It runs as the engine's user. */
export interface CommandSettings {
  command: readonly [string, ...string[]]
  /** All that it finds in its environment besides a search path. */
  environment?: Readonly<Record<string, string>>
  /** 30 seconds unless told. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000
const SHOWN_CHARACTERS = 2_000
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** A store behind a program. What it prints is never part of an error, what it says on standard error is. */
export function commandStore(word: string, { command, environment = {}, timeoutMs = TIMEOUT_MS }: CommandSettings, run: RunProgram): SecretStore {
  return {
    fetch: async (name, signal) => {
      const unusable = (what: string, output = "") => new EngineError("credentials_unusable", `The secret store "${word}" ${what} when asked for "${name}".`, output === "" ? {} : { output })
      const program = { argv: [...command, name] as const, env: { PATH, LANG: "C.UTF-8", ...environment }, cwd: "/", timeoutMs, signal, outputLimit: CONTENT_LIMIT }
      const outcome = await run(program).catch((error: unknown) => {
        throw error instanceof EngineError && error.code === "program_missing" ? unusable(`could not be started: ${error.message}`) : error
      })
      const { exitCode, timedOut, truncated, stdout, stderr } = outcome
      if (timedOut) throw unusable(`did not answer within ${timeoutMs / 1000} s`)
      if (exitCode !== 0) throw unusable(exitCode === undefined ? "was killed" : `ended with exit code ${exitCode}`, stderr.slice(-SHOWN_CHARACTERS).trim())
      if (truncated) throw unusable("wrote more than 64 KiB")
      const credentials = credentialsIn(stdout)
      if (!credentials) throw unusable("printed neither a password nor a private key")
      return credentials
    },
  }
}
