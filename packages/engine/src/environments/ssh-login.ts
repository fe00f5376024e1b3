import type { KnownCredentials } from "@veneer/sdk"
import type { Client, ConnectConfig } from "ssh2"
import { EngineError } from "../errors.ts"
import { loadSsh } from "./load-ssh.ts"
import type { SshLogin } from "./port.ts"

/** Follows a reference into a secret store. @throws EngineError `credentials_missing`, `credentials_unusable` */
export type FollowReference = (reference: string, signal: AbortSignal) => Promise<KnownCredentials>

const FETCH_MS = 30_000

/** What a client needs to log in: secrets are revealed here. @throws EngineError `login_refused` for a login that can't work */
export async function loginOptions(login: SshLogin, follow: FollowReference): Promise<ConnectConfig> {
  if (login.type === "agent") return agentOptions()
  const known = login.type === "reference" ? await follow(login.reference, AbortSignal.timeout(FETCH_MS)) : login
  if (known.type === "password") return { password: known.password.reveal(), tryKeyboard: true }
  const privateKey = known.privateKey.reveal()
  const passphrase = known.passphrase?.reveal()
  const { utils } = await loadSsh()
  const parsed = utils.parseKey(privateKey, passphrase)
  if (parsed instanceof Error) throw new EngineError("login_refused", `The private key can't be used: ${keyFault(parsed.message)}.`, { action: "Give a private key in PEM or OpenSSH form, with its passphrase if it has one." })
  return { privateKey, ...(passphrase !== undefined && { passphrase }) }
}

function agentOptions(): ConnectConfig {
  const agent = process.env["SSH_AUTH_SOCK"]
  if (agent === undefined) throw new EngineError("login_refused", "The engine was started without an SSH agent.", { action: "Start the engine with SSH_AUTH_SOCK set, or give a password, key or reference." })
  return { agent }
}

function keyFault(message: string): string {
  if (/no passphrase given/.test(message)) return "it is encrypted, and no passphrase was given"
  return /integrity check failed|bad decrypt|bad passphrase/i.test(message) ? "the passphrase is wrong" : "it is none, or of an unknown form"
}

/** Many servers ask for the password in a dialogue of their own. */
export function answerDialogue(client: Client, { password }: ConnectConfig): void {
  client.on("keyboard-interactive", (_name, _instructions, _language, prompts, finish) => {
    finish(prompts.map(() => password ?? ""))
  })
}
